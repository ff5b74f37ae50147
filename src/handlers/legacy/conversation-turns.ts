/** What users send to conversations, and how they stop what runs. */

import type { TurnOverrides } from '../../contract/turn-shard.ts';
import type { KnownModels } from '../../models/known.ts';
import { profileFor } from '../../models/profile-for.ts';
import type { InputItem, SendUserTurnParams } from '../../protocol/legacy/conversations.ts';
import type { RequestContext } from '../../rpc/application.ts';
import { conversationNotFound, parseThreadId } from '../../threads/errors.ts';
import type { LoadedThread } from '../../threads/loaded-thread.ts';
import type { Command, Threads } from '../../threads/threads.ts';
import { defineHandlers } from '../define.ts';
import { inputOf, policyOf } from './conversation-values.ts';

export interface ConversationTurnDeps {
  readonly threads: Threads;
  readonly models: () => Promise<{ readonly known: KnownModels }>;
}

export function conversationTurnHandlers({ threads, models }: ConversationTurnDeps) {
  const find = (conversationId: string): LoadedThread => {
    const id = parseThreadId(conversationId);
    const thread = threads.find(id);
    if (thread === undefined) throw conversationNotFound(id);
    return thread;
  };
  /** Answered before anything of the turn is told. */
  const send = async (thread: LoadedThread, command: Command, context: RequestContext): Promise<void> => {
    const { signal } = context;
    const { release } = await threads.command(thread.id, command, { startedBy: 'v1', signal });
    context.afterReply(release);
  };
  return defineHandlers({
    sendUserMessage: async ({ conversationId, items }, context) => {
      await send(find(conversationId), { kind: 'startTurn', input: inputsOf(items), overrides: {} }, context);
      return {};
    },
    sendUserTurn: async (params, context) => {
      const thread = find(params.conversationId);
      const profile = profileFor(params.model, thread.config, (await models()).known);
      const overrides: TurnOverrides = { ...overridesOf(params), profile };
      const { items, outputSchema } = params;
      await send(thread, { kind: 'startTurn', input: inputsOf(items), overrides, outputSchema }, context);
      return {};
    },
    interruptConversation: async ({ conversationId }, context) => {
      const thread = find(conversationId);
      // The answer comes with the end of the turn, and nothing may wait for that.
      context.leaveLanes();
      await send(thread, { kind: 'interrupt', turnId: null }, context);
      return { abortReason: 'interrupted' };
    },
  });
}

const inputsOf = (items: readonly InputItem[]) => items.map(inputOf);

/** Every setting of the turn is given: an effort that is absent is none, and no mode is left from before. */
const overridesOf = (params: SendUserTurnParams): TurnOverrides => ({
  cwd: params.cwd,
  approvalPolicy: params.approvalPolicy,
  sandboxPolicy: policyOf(params.sandboxPolicy),
  summary: params.summary,
  collaborationMode: {
    mode: 'custom',
    settings: { model: params.model, reasoning_effort: params.effort ?? null, developer_instructions: null },
  },
});
