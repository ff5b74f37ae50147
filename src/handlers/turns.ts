/** Turns on the wire: started, steered, interrupted; compaction on request. */

import type { TurnOverrides } from '../contract/turn-shard.ts';
import type { KnownModels } from '../models/known.ts';
import { profileFor } from '../models/profile-for.ts';
import type { Turn, TurnStartParams } from '../protocol/turns.ts';
import type { RequestContext } from '../rpc/application.ts';
import type { Outgoing } from '../rpc/outgoing.ts';
import { parseThreadId } from '../threads/errors.ts';
import type { LoadedThread } from '../threads/loaded-thread.ts';
import type { Accepted, Command, Threads } from '../threads/threads.ts';
import { defineHandlers } from './define.ts';

export interface TurnHandlerDeps {
  readonly threads: Threads;
  readonly models: () => Promise<{ readonly known: KnownModels }>;
  readonly outgoing: Pick<Outgoing, 'notify'>;
}

export function turnHandlers({ threads, models, outgoing }: TurnHandlerDeps) {
  /** Sends a command; what the thread says next waits until this request is answered. */
  const send = (threadId: string, command: Command, { signal }: RequestContext): Promise<Accepted> =>
    threads.command(threadId, command, { signal });
  const announceTurn = (threadId: string, accepted: Accepted, context: RequestContext): Turn => {
    const turn: Turn = { id: turnIdOf(accepted), items: [], status: 'inProgress', error: null };
    context.afterReply(() => {
      const isNew = accepted.reply.kind === 'turn' && !accepted.reply.joined;
      if (isNew) outgoing.notify('turn/started', { threadId, turn });
      accepted.release();
    });
    return turn;
  };
  return defineHandlers({
    'turn/start': async (params, context) => {
      const thread = threads.get(parseThreadId(params.threadId));
      const overrides = await overridesOf(params, thread, models);
      const { input, outputSchema } = params;
      const command: Command = { kind: 'startTurn', input, overrides, outputSchema };
      return { turn: announceTurn(thread.id, await send(thread.id, command, context), context) };
    },
    'turn/steer': async ({ threadId, input, expectedTurnId }, context) => {
      const { id } = threads.get(parseThreadId(threadId));
      const accepted = await send(id, { kind: 'steer', input, expectedTurnId }, context);
      context.afterReply(accepted.release);
      return { turnId: turnIdOf(accepted) };
    },
    'turn/interrupt': async ({ threadId, turnId }, context) => {
      const { id } = threads.get(parseThreadId(threadId));
      // The answer comes with the end of the turn, and nothing may wait for that.
      context.leaveLanes();
      const accepted = await send(id, { kind: 'interrupt', turnId }, context);
      context.afterReply(accepted.release);
      return {};
    },
    'thread/compact/start': async ({ threadId }, context) => {
      const { id } = threads.get(parseThreadId(threadId));
      announceTurn(id, await send(id, { kind: 'compact' }, context), context);
      return {};
    },
  });
}

const turnIdOf = ({ reply }: Accepted): string => (reply.kind === 'turn' ? reply.turnId : '');

async function overridesOf(
  params: TurnStartParams,
  thread: LoadedThread,
  models: TurnHandlerDeps['models'],
): Promise<TurnOverrides> {
  const { cwd, approvalPolicy, sandboxPolicy, model, effort, summary, personality, collaborationMode } = params;
  const slug = collaborationMode?.settings.model ?? model ?? null;
  return {
    ...given({ cwd, approvalPolicy, sandboxPolicy, model, effort, summary, personality, collaborationMode }),
    ...(slug === null ? {} : { profile: profileFor(slug, thread.config, (await models()).known) }),
  };
}

/** Without the members that are absent or null. */
function given<T extends object>(members: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}
