/** Engine events to notifications of the second protocol. Pure. Member order observed on codex app-server 0.94.0. */

import type { EngineEvent, TokenUsageInfo } from '../engine/events.ts';
import type { Notice } from '../protocol/outbound.ts';
import type { Turn } from '../protocol/turns.ts';
import type { RateLimitSnapshot, ThreadTokenUsage, TokenUsageBreakdown } from '../protocol/usage.ts';
import { itemOf, storedForm, threadItemOf } from '../rollout/record.ts';
import type { TokenUsage } from '../upstream/types.ts';
import { itemCompleted, itemStarted, startedItemOf } from './to-v2-items.ts';

type EventOf<K extends EngineEvent['kind']> = EngineEvent & { readonly kind: K };

/** None for events that only the older protocol knows, and for those that become requests. */
export function toV2(event: EngineEvent, threadId: string): Notice[] {
  switch (event.kind) {
    case 'messageDelta':
      return [delta('item/agentMessage/delta', event, threadId)];
    case 'planDelta':
      return [delta('item/plan/delta', event, threadId)];
    case 'summaryPartAdded':
    case 'summaryDelta':
    case 'reasoningDelta':
      return [reasoning(event, threadId)];
    case 'commandOutput':
      return [commandOutput(event, threadId)];
    case 'itemStarted':
      return [itemStarted(itemOf(event.item), event.turnId, threadId)];
    case 'commandStarted':
    case 'patchStarted':
    case 'mcpCallStarted':
      return [itemStarted(startedItemOf(event), event.turnId, threadId)];
    case 'itemCompleted':
    case 'commandEnded':
    case 'patchEnded':
    case 'mcpCallEnded':
      return completed(event, threadId);
    case 'imageViewed':
    case 'reviewEntered':
    case 'reviewExited':
      return startedAndCompleted(event, threadId);
    default:
      return turnOrThread(event, threadId);
  }
}

function turnOrThread(event: EngineEvent, threadId: string): Notice[] {
  const { turnId } = event;
  switch (event.kind) {
    case 'turnEnded': {
      const turn: Turn = { id: turnId, items: [], status: event.status, error: event.error };
      return [{ method: 'turn/completed', params: { threadId, turn } }];
    }
    case 'tokenCount':
      return tokenCount(event, threadId);
    case 'turnDiff':
      return [{ method: 'turn/diff/updated', params: { threadId, turnId, diff: event.diff } }];
    case 'planUpdated':
      return [planUpdated(event, threadId)];
    case 'terminalInteraction': {
      const { callId: itemId, processId, stdin } = event;
      const params = { threadId, turnId, itemId, processId, stdin };
      return [{ method: 'item/commandExecution/terminalInteraction', params }];
    }
    case 'rawItem': {
      const params = { threadId, turnId, item: storedForm(event.item) };
      return [{ method: 'rawResponseItem/completed', params }];
    }
    case 'compacted':
      return [{ method: 'thread/compacted', params: { threadId, turnId } }];
    case 'error':
      return turnError(event, threadId);
    case 'deprecation': {
      const { summary, details } = event.notice;
      return [{ method: 'deprecationNotice', params: { summary, details } }];
    }
    case 'nameUpdated': {
      const params = event.name === null ? { threadId } : { threadId, threadName: event.name };
      return [{ method: 'thread/name/updated', params }];
    }
    default:
      return [];
  }
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

function reasoning(event: EventOf<'summaryPartAdded' | 'summaryDelta' | 'reasoningDelta'>, threadId: string): Notice {
  const { turnId, itemId } = event;
  if (event.kind === 'summaryPartAdded') {
    const { summaryIndex } = event;
    return { method: 'item/reasoning/summaryPartAdded', params: { threadId, turnId, itemId, summaryIndex } };
  }
  if (event.kind === 'summaryDelta') {
    const params = { threadId, turnId, itemId, delta: event.delta, summaryIndex: event.summaryIndex };
    return { method: 'item/reasoning/summaryTextDelta', params };
  }
  const params = { threadId, turnId, itemId, delta: event.delta, contentIndex: event.contentIndex };
  return { method: 'item/reasoning/textDelta', params };
}

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
