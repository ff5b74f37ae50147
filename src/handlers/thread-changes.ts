/** What can be done to a thread as a whole: archived and brought back, rolled back, named, listened to no more. */
import { EncodedJson } from '../base/encoded-json.ts';
import { AppError } from '../base/errors.ts';
import type { Thread } from '../protocol/threads.ts';
import { threadOf } from '../rollout/thread.ts';
import type { ThreadArchive } from '../threads/archive.ts';
import { parseThreadId } from '../threads/errors.ts';
import type { ThreadNames } from '../threads/names.ts';
import type { Threads } from '../threads/threads.ts';
import { defineHandlers } from './define.ts';

export interface ThreadChangeDeps {
  readonly threads: Threads;
  readonly archive: ThreadArchive;
  readonly names: ThreadNames;
  /** Shown for stored threads that name no provider. */
  readonly defaultProvider: string;
}

export function threadChangeHandlers({ threads, archive, names, defaultProvider }: ThreadChangeDeps) {
  return defineHandlers({
    'thread/archive': async ({ threadId }) => {
      await archive.archive(threadId);
      return {};
    },
    'thread/unarchive': async ({ threadId }) => ({
      thread: threadOf(await archive.unarchive(threadId), { defaultProvider }),
    }),
    'thread/rollback': async ({ threadId, numTurns }, context) => {
      if (numTurns < 1) throw new AppError('invalid-input', 'numTurns must be >= 1');
      const { id } = threads.get(parseThreadId(threadId));
      const { reply, release } = await threads.command(id, { kind: 'rollback', numTurns }, { signal: context.signal });
      context.afterReply(release);
      if (reply.kind !== 'thread') throw new Error(`a rollback was answered with ${reply.kind}`);
      return { thread: new EncodedJson<Thread>(reply.thread) };
    },
    'thread/name/set': async ({ threadId, name }, context) => {
      context.afterReply(await names.set(threadId, name));
      return {};
    },
    'thread/unsubscribe': ({ threadId }) => {
      const thread = threads.find(parseThreadId(threadId));
      if (thread === undefined || thread.life.isUnloaded) return { status: 'notLoaded' };
      return { status: thread.listeners.unsubscribe() ? 'unsubscribed' : 'notSubscribed' };
    },
  });
}
