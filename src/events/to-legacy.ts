/** Engine events to events of the older protocol (`codex/event/<name>`). Pure. Observed on codex app-server 0.94.0. */

import type { EngineEvent } from '../contract/engine-events.ts';
import { type EventOf, type EventTable, rowOf } from '../contract/event-table.ts';
import { LEGACY_PREFIX, type Notice } from '../protocol/outbound.ts';
import { messagesOfItem, type StoredEventOptions, storedEventsOf, storedForm } from '../rollout/record.ts';
import { legacyItemOf } from './legacy-items.ts';
import { approvalMessages, toolMessages } from './legacy-tools.ts';
import { type LegacyMessage, legacyErrorInfo } from './legacy-values.ts';

/** The event itself first, then what is derived from it. None for events that the older protocol does not know. */
export function toLegacy(event: EngineEvent, threadId: string, options: StoredEventOptions = {}): Notice[] {
  return rowOf(LEGACY, event)(event, threadId, options).map((msg) => ({
    method: `${LEGACY_PREFIX}${msg.type}`,
    params: { id: event.turnId, msg, conversationId: threadId },
  }));
}

const LEGACY: EventTable<[threadId: string, options: StoredEventOptions], LegacyMessage[]> = {
  turnStarted: ({ contextWindow, mode }) => [
    { type: 'task_started', model_context_window: contextWindow, collaboration_mode_kind: mode },
  ],
  // An interrupted turn was told by its abort.
  turnEnded: ({ status, lastAgentMessage }) =>
    status === 'interrupted' ? [] : [{ type: 'task_complete', last_agent_message: lastAgentMessage }],
  turnAborted: stored,
  itemStarted: itemMessages,
  itemCompleted: itemMessages,
  messageDelta: deltaMessages,
  planDelta: deltaMessages,
  summaryPartAdded: ({ itemId: item_id, summaryIndex: summary_index }) => [
    { type: 'agent_reasoning_section_break', item_id, summary_index },
  ],
  summaryDelta: deltaMessages,
  reasoningDelta: deltaMessages,
  tokenCount: stored,
  commandStarted: toolMessages,
  commandOutput: toolMessages,
  commandEnded: toolMessages,
  patchStarted: toolMessages,
  patchEnded: toolMessages,
  turnDiff: ({ diff }) => [{ type: 'turn_diff', unified_diff: diff }],
  planUpdated: ({ explanation, plan }) => [{ type: 'plan_update', explanation, plan }],
  imageViewed: toolMessages,
  mcpCallStarted: toolMessages,
  mcpCallEnded: toolMessages,
  rawItem: ({ item }) => [{ type: 'raw_response_item', item: storedForm(item) }],
  compacted: stored,
  reviewEntered: stored,
  reviewExited: stored,
  rolledBack: ({ numTurns }) => [{ type: 'thread_rolled_back', num_turns: numTurns }],
  nameUpdated: ({ name }, threadId) => [
    { type: 'thread_name_updated', thread_id: threadId, ...(name === null ? {} : { thread_name: name }) },
  ],
  shutdownComplete: () => [{ type: 'shutdown_complete' }],
  terminalInteraction: toolMessages,
  dynamicToolCall: approvalMessages,
  background: ({ message }) => [{ type: 'background_event', message }],
  error: (event) => [errorMessage(event)],
  warning: ({ message }) => [{ type: 'warning', message }],
  deprecation: ({ notice: { summary, details } }) => [
    { type: 'deprecation_notice', summary, ...(details === null ? {} : { details }) },
  ],
  mcpStartupComplete: () => [{ type: 'mcp_startup_complete', ready: [], failed: [], cancelled: [] }],
  commandApproval: approvalMessages,
  patchApproval: approvalMessages,
  userInputRequest: approvalMessages,
};

function stored(event: EngineEvent): LegacyMessage[] {
  return storedEventsOf(event);
}

function deltaMessages(
  event: EventOf<'messageDelta' | 'planDelta' | 'summaryDelta' | 'reasoningDelta'>,
  threadId: string,
): LegacyMessage[] {
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

function errorMessage({ error, willRetry }: EventOf<'error'>): LegacyMessage {
  const { message, codexErrorInfo, additionalDetails } = error;
  const codex_error_info = codexErrorInfo === null ? null : legacyErrorInfo(codexErrorInfo);
  if (!willRetry) return { type: 'error', message, codex_error_info };
  return { type: 'stream_error', message, codex_error_info, additional_details: additionalDetails };
}
