/** Conversations, which are threads in the older protocol: begun, resumed, forked, archived, listened to. */
import { AppError } from '../../base/errors.ts';
import type { ForkConversationParams, ResumeConversationParams } from '../../protocol/legacy/conversations.ts';
import type { RequestContext } from '../../rpc/application.ts';
import type { Outgoing } from '../../rpc/outgoing.ts';
import type { ThreadArchive } from '../../threads/archive.ts';
import { parseThreadId } from '../../threads/errors.ts';
import { historyLog } from '../../threads/legacy/history-log.ts';
import type { Subscriptions } from '../../threads/legacy/subscriptions.ts';
import type { History, OpenResult, Source, ThreadLifecycle } from '../../threads/lifecycle.ts';
import type { Threads } from '../../threads/threads.ts';
import { defineHandlers } from '../define.ts';
import { requestOf } from './conversation-values.ts';

export interface ConversationHandlerDeps {
  readonly threads: Threads;
  readonly lifecycle: ThreadLifecycle;
  readonly archive: ThreadArchive;
  readonly subscriptions: Subscriptions;
  readonly codexHome: string;
  readonly outgoing: Pick<Outgoing, 'notify'>;
}

export function conversationHandlers(deps: ConversationHandlerDeps) {
  const { threads, lifecycle, archive, subscriptions } = deps;
  return defineHandlers({
    newConversation: async (params, context) => {
      const opened = await lifecycle.start({ ...requestOf(params), ephemeral: false, rawItems: true });
      context.afterReply(opened.release);
      const { thread } = opened;
      const { model, reasoning_effort } = thread.settings.collaborationMode.settings;
      const rolloutPath = pathOf(opened, 'v1');
      return { conversationId: thread.id, model, reasoningEffort: reasoning_effort ?? null, rolloutPath };
    },
    resumeConversation: async (params, context) => {
      const request = { ...requestOf(params.overrides), includeMessages: true };
      return configured(deps, await lifecycle.resume(request, resumedFrom(params)), 'resumed', context);
    },
    forkConversation: async (params, context) => {
      const request = { ...requestOf(params.overrides), includeMessages: true };
      return configured(deps, await lifecycle.fork(request, forkedFrom(params)), 'forked', context);
    },
    archiveConversation: async ({ conversationId, rolloutPath }) => {
      await archive.archiveFile(parseThreadId(conversationId), rolloutPath);
      return {};
    },
    addConversationListener: async ({ conversationId, experimentalRawEvents }, context) => {
      const { id, begin } = await subscriptions.add(threads.get(parseThreadId(conversationId)), experimentalRawEvents);
      context.afterReply(begin);
      return { subscriptionId: id };
    },
    removeConversationListener: ({ subscriptionId }) => {
      subscriptions.remove(parseThreadId(subscriptionId));
      return {};
    },
  });
}

/** Tells of the conversation first, then answers. */
async function configured(
  { codexHome, outgoing }: ConversationHandlerDeps,
  opened: OpenResult,
  what: 'resumed' | 'forked',
  context: RequestContext,
) {
  const { thread, messages: initialMessages } = opened;
  const { model, reasoning_effort } = thread.settings.collaborationMode.settings;
  const rolloutPath = pathOf(opened, what);
  const log = await historyLog(codexHome);
  context.afterReply(opened.release);
  outgoing.notify('sessionConfigured', {
    sessionId: thread.id,
    model,
    reasoningEffort: reasoning_effort ?? null,
    historyLogId: log.id,
    historyEntryCount: log.entryCount,
    initialMessages,
    rolloutPath,
  });
  return { conversationId: thread.id, model, initialMessages, rolloutPath };
}

function pathOf({ thread }: OpenResult, what: string): string {
  if (thread.path === null) throw new AppError('io-failed', `rollout path missing for ${what} conversation`);
  return thread.path;
}

/** A path beats the id, and that a history. */
function resumedFrom({ path, conversationId, history }: ResumeConversationParams): Source | History {
  if (typeof path === 'string') return { kind: 'path', path };
  if (typeof conversationId === 'string') return { kind: 'id', threadId: conversationId };
  if (Array.isArray(history) && history.length > 0) return { kind: 'history', items: history };
  throw new AppError('invalid-input', 'either path, conversation id or non empty history must be provided');
}

function forkedFrom({ path, conversationId }: ForkConversationParams): Source {
  if (typeof path === 'string') return { kind: 'path', path };
  if (typeof conversationId === 'string') return { kind: 'id', threadId: conversationId };
  throw new AppError('invalid-input', 'either path or conversation id must be provided');
}
