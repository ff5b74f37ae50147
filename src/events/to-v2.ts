/** Engine events to notifications of the second protocol. Pure. Member order observed on codex app-server 0.94.0. */

import type { EngineEvent, TokenUsage, TokenUsageInfo } from '../contract/engine-events.ts';
import { type EventOf, type EventTable, rowOf } from '../contract/event-table.ts';
import type { Notice } from '../protocol/outbound.ts';
import type { Turn } from '../protocol/turns.ts';
import type { RateLimitSnapshot, ThreadTokenUsage, TokenUsageBreakdown } from '../protocol/usage.ts';
import { storedForm } from '../rollout/record.ts';
import { itemOf, threadItemOf } from './thread-items.ts';
import { itemCompleted, itemStarted, startedItemOf } from './to-v2-items.ts';

const none = (): Notice[] => [];

const V2: EventTable<[threadId: string], Notice[]> = {
  turnStarted: none, // announced beside the answer to turn/start
  turnEnded: ({ turnId, status, error }, threadId) => {
    const turn: Turn = { id: turnId, items: [], status, error };
    return [{ method: 'turn/completed', params: { threadId, turn } }];
  },
  turnAborted: none,
  itemStarted: ({ item, turnId }, threadId) => [itemStarted(itemOf(item), turnId, threadId)],
  itemCompleted: completed,
  messageDelta: (event, threadId) => [delta('item/agentMessage/delta', event, threadId)],
  planDelta: (event, threadId) => [delta('item/plan/delta', event, threadId)],
  summaryPartAdded: ({ turnId, itemId, summaryIndex }, threadId) => [
    { method: 'item/reasoning/summaryPartAdded', params: { threadId, turnId, itemId, summaryIndex } },
  ],
  summaryDelta: ({ turnId, itemId, delta, summaryIndex }, threadId) => [
    { method: 'item/reasoning/summaryTextDelta', params: { threadId, turnId, itemId, delta, summaryIndex } },
  ],
  reasoningDelta: ({ turnId, itemId, delta, contentIndex }, threadId) => [
    { method: 'item/reasoning/textDelta', params: { threadId, turnId, itemId, delta, contentIndex } },
  ],
  tokenCount,
  commandStarted: started,
  commandOutput: (event, threadId) => [commandOutput(event, threadId)],
  commandEnded: completed,
  patchStarted: started,
  patchEnded: completed,
  turnDiff: ({ turnId, diff }, threadId) => [{ method: 'turn/diff/updated', params: { threadId, turnId, diff } }],
  planUpdated: (event, threadId) => [planUpdated(event, threadId)],
  imageViewed: startedAndCompleted,
  mcpCallStarted: started,
  mcpCallEnded: completed,
  rawItem: ({ turnId, item }, threadId) => [
    { method: 'rawResponseItem/completed', params: { threadId, turnId, item: storedForm(item) } },
  ],
  compacted: ({ turnId }, threadId) => [{ method: 'thread/compacted', params: { threadId, turnId } }],
  reviewEntered: startedAndCompleted,
  reviewExited: startedAndCompleted,
  rolledBack: none,
  nameUpdated: ({ name }, threadId) => {
    const params = name === null ? { threadId } : { threadId, threadName: name };
    return [{ method: 'thread/name/updated', params }];
  },
  shutdownComplete: none,
  terminalInteraction: ({ turnId, callId: itemId, processId, stdin }, threadId) => {
    const params = { threadId, turnId, itemId, processId, stdin };
    return [{ method: 'item/commandExecution/terminalInteraction', params }];
  },
  dynamicToolCall: none,
  background: none,
  error: turnError,
  warning: none,
  deprecation: ({ notice: { summary, details } }) => [{ method: 'deprecationNotice', params: { summary, details } }],
  mcpStartupComplete: none,
  // These become requests to the client.
  commandApproval: none,
  patchApproval: none,
  userInputRequest: none,
};

/** None for events that only the older protocol knows, and for those that become requests. */
export const toV2 = (event: EngineEvent, threadId: string): Notice[] => rowOf(V2, event)(event, threadId);

function started(event: EventOf<'commandStarted' | 'patchStarted' | 'mcpCallStarted'>, threadId: string): Notice[] {
  return [itemStarted(startedItemOf(event), event.turnId, threadId)];
}

function completed(event: EngineEvent, threadId: string): Notice[] {
  const item = threadItemOf(event);
  return item === null ? [] : [itemCompleted(item, event.turnId, threadId)];
}

function startedAndCompleted(event: EngineEvent, threadId: string): Notice[] {
  const item = threadItemOf(event);
  if (item === null) return [];
  return [itemStarted(item, event.turnId, threadId), itemCompleted(item, event.turnId, threadId)];
}

const delta = (
  method: 'item/agentMessage/delta' | 'item/plan/delta',
  event: EventOf<'messageDelta' | 'planDelta'>,
  threadId: string,
): Notice => ({
  method,
  params: { threadId, turnId: event.turnId, itemId: event.itemId, delta: event.delta },
});

/** Each chunk is decoded by itself: a character that two chunks share becomes replacement characters. */
function commandOutput(event: EventOf<'commandOutput'>, threadId: string): Notice {
  const { buffer, byteOffset, byteLength } = event.chunk;
  const text = Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
  return {
    method: event.ofPatch ? 'item/fileChange/outputDelta' : 'item/commandExecution/outputDelta',
    params: { threadId, turnId: event.turnId, itemId: event.callId, delta: text },
  };
}

function tokenCount({ usage, rateLimits, turnId }: EventOf<'tokenCount'>, threadId: string): Notice[] {
  const notifications: Notice[] = [];
  if (usage !== null) {
    const params = { threadId, turnId, tokenUsage: tokenUsageOf(usage) };
    notifications.push({ method: 'thread/tokenUsage/updated', params });
  }
  if (rateLimits !== null)
    notifications.push({ method: 'account/rateLimits/updated', params: { rateLimits: roundedLimits(rateLimits) } });
  return notifications;
}

/** Whole percents, where the older protocol shows what the headers said. */
function roundedLimits(limits: RateLimitSnapshot): RateLimitSnapshot {
  const rounded = (window: RateLimitSnapshot['primary']): RateLimitSnapshot['primary'] =>
    window === null ? null : { ...window, usedPercent: roundHalfAway(window.usedPercent) };
  return { ...limits, primary: rounded(limits.primary), secondary: rounded(limits.secondary) };
}

/** 12.5 becomes 13 and -12.5 becomes -13. */
const roundHalfAway = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

const tokenUsageOf = ({ total, last, contextWindow }: TokenUsageInfo): ThreadTokenUsage => ({
  total: breakdown(total),
  last: breakdown(last),
  modelContextWindow: contextWindow,
});

const breakdown = (usage: TokenUsage): TokenUsageBreakdown => ({
  totalTokens: usage.totalTokens,
  inputTokens: usage.inputTokens,
  cachedInputTokens: usage.cachedInputTokens,
  outputTokens: usage.outputTokens,
  reasoningOutputTokens: usage.reasoningOutputTokens,
});

const STEP_STATUS = { pending: 'pending', in_progress: 'inProgress', completed: 'completed' } as const;

function planUpdated({ turnId, explanation, plan }: EventOf<'planUpdated'>, threadId: string): Notice {
  const steps = plan.map(({ step, status }) => ({ step, status: STEP_STATUS[status] }));
  return { method: 'turn/plan/updated', params: { threadId, turnId, explanation, plan: steps } };
}

/** A refused rollback is the answer to a request, not a fault of a turn. */
function turnError({ turnId, error, willRetry }: EventOf<'error'>, threadId: string): Notice[] {
  if (error.codexErrorInfo === 'threadRollbackFailed') return [];
  const { message, codexErrorInfo, additionalDetails } = error;
  const params = { error: { message, codexErrorInfo, additionalDetails }, willRetry, threadId, turnId };
  return [{ method: 'error', params }];
}
