/** Engine events to events of the older protocol (`codex/event/<name>`). Pure. Observed on codex app-server 0.94.0. */
import type { EngineEvent } from '../engine/events.ts';
import { LEGACY_PREFIX, type Notice } from '../protocol/outbound.ts';
import { messagesOfItem, type StoredEventOptions, storedEventsOf, storedForm } from '../rollout/record.ts';
import { legacyItemOf } from './legacy-items.ts';
import { approvalMessages, toolMessages } from './legacy-tools.ts';
import { type LegacyMessage, legacyErrorInfo } from './legacy-values.ts';

/** The event itself first, then what is derived from it. None for events that the older protocol does not know. */
export function toLegacy(event: EngineEvent, threadId: string, options: StoredEventOptions = {}): Notice[] {
  return messagesOf(event, threadId, options).map((msg) => ({
    method: `${LEGACY_PREFIX}${msg.type}`,
    params: { id: event.turnId, msg, conversationId: threadId },
  }));
}

function messagesOf(event: EngineEvent, threadId: string, options: StoredEventOptions): LegacyMessage[] {
  switch (event.kind) {
    case 'messageDelta':
    case 'planDelta':
    case 'summaryPartAdded':
    case 'summaryDelta':
    case 'reasoningDelta':
      return deltaMessages(event, threadId);
    case 'itemStarted':
    case 'itemCompleted':
      return itemMessages(event, threadId, options);
    case 'tokenCount':
    case 'compacted':
    case 'turnAborted':
    case 'rolledBack':
    case 'reviewEntered':
    case 'reviewExited':
      return storedEventsOf(event);
    case 'commandApproval':
    case 'patchApproval':
    case 'userInputRequest':
    case 'dynamicToolCall':
      return approvalMessages(event);
    case 'commandStarted':
    case 'commandOutput':
    case 'commandEnded':
    case 'patchStarted':
    case 'patchEnded':
    case 'imageViewed':
    case 'mcpCallStarted':
    case 'mcpCallEnded':
    case 'terminalInteraction':
      return toolMessages(event);
    default:
      return turnMessages(event, threadId);
  }
}

type EventOf<K extends EngineEvent['kind']> = EngineEvent & { readonly kind: K };

function deltaMessages(
  event: EventOf<'messageDelta' | 'planDelta' | 'summaryPartAdded' | 'summaryDelta' | 'reasoningDelta'>,
  threadId: string,
): LegacyMessage[] {
  if (event.kind === 'summaryPartAdded') {
    return [{ type: 'agent_reasoning_section_break', item_id: event.itemId, summary_index: event.summaryIndex }];
  }
  const { turnId: turn_id, itemId: item_id, delta } = event;
  const frame = { thread_id: threadId, turn_id, item_id, delta };
  switch (event.kind) {
    case 'messageDelta':
      return [
        { type: 'agent_message_content_delta', ...frame },
        { type: 'agent_message_delta', delta },
      ];
    case 'planDelta':
      return [{ type: 'plan_delta', ...frame }];
    case 'summaryDelta':
      return [
        { type: 'reasoning_content_delta', ...frame, summary_index: event.summaryIndex },
        { type: 'agent_reasoning_delta', delta },
      ];
    case 'reasoningDelta':
      return [
        { type: 'reasoning_raw_content_delta', ...frame, content_index: event.contentIndex },
        { type: 'agent_reasoning_raw_content_delta', delta },
      ];
  }
}

function itemMessages(
  event: EventOf<'itemStarted' | 'itemCompleted'>,
  threadId: string,
  options: StoredEventOptions,
): LegacyMessage[] {
  const { item, turnId } = event;
  const type = event.kind === 'itemStarted' ? 'item_started' : 'item_completed';
  const told: LegacyMessage = { type, thread_id: threadId, turn_id: turnId, item: legacyItemOf(item) };
  if (event.kind === 'itemStarted') {
    return item.type === 'webSearch' ? [told, { type: 'web_search_begin', call_id: item.id }] : [told];
  }
  // What is left of a broken stream was never a message.
  if (event.partial === true) return [told];
  if (item.type === 'webSearch') {
    return [told, { type: 'web_search_end', call_id: item.id, query: item.query, action: item.action }];
  }
  return [told, ...messagesOfItem(item, options)];
}

function turnMessages(event: EngineEvent, threadId: string): LegacyMessage[] {
  switch (event.kind) {
    case 'turnStarted':
      return [{ type: 'task_started', model_context_window: event.contextWindow, collaboration_mode_kind: event.mode }];
    case 'turnEnded':
      // An interrupted turn was told by its abort.
      if (event.status === 'interrupted') return [];
      return [{ type: 'task_complete', last_agent_message: event.lastAgentMessage }];
    case 'turnDiff':
      return [{ type: 'turn_diff', unified_diff: event.diff }];
    case 'planUpdated':
      return [{ type: 'plan_update', explanation: event.explanation, plan: event.plan }];
    case 'rawItem':
      return [{ type: 'raw_response_item', item: storedForm(event.item) }];
    case 'error':
      return [errorMessage(event)];
    case 'warning':
      return [{ type: 'warning', message: event.message }];
    case 'background':
      return [{ type: 'background_event', message: event.message }];
    case 'deprecation': {
      const { summary, details } = event.notice;
      return [{ type: 'deprecation_notice', summary, ...(details === null ? {} : { details }) }];
    }
    case 'mcpStartupComplete':
      return [{ type: 'mcp_startup_complete', ready: [], failed: [], cancelled: [] }];
    case 'nameUpdated': {
      const name = event.name === null ? {} : { thread_name: event.name };
      return [{ type: 'thread_name_updated', thread_id: threadId, ...name }];
    }
    case 'shutdownComplete':
      return [{ type: 'shutdown_complete' }];
    default:
      return [];
  }
}

function errorMessage({ error, willRetry }: EventOf<'error'>): LegacyMessage {
  const { message, codexErrorInfo, additionalDetails } = error;
  const codex_error_info = codexErrorInfo === null ? null : legacyErrorInfo(codexErrorInfo);
  if (!willRetry) return { type: 'error', message, codex_error_info };
  return { type: 'stream_error', message, codex_error_info, additional_details: additionalDetails };
}
