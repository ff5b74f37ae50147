/**
 * What an engine event leaves behind: the item it completes, as clients see it, and the event lines it is stored as.
 *
 * The same functions serve the notifications and the file, so that what is read back is what was streamed. Pure.
 */
import { quoteArgv } from '../commands/quote.ts';
import { type EventOf, type EventTable, rowOf } from '../engine/event-table.ts';
import type { EngineEvent, EngineItem } from '../engine/events.ts';
import type { ThreadItem, UserInput, WebSearchAction } from '../protocol/items.ts';
import type { Unchanging } from '../protocol/outbound.ts';
import type { WebSearchAction as ProviderSearchAction, ResponseItem } from '../protocol/response-items.ts';
import type { StoredEvent } from './entries.ts';
import { rolledBackEvent, storedRateLimits, storedUsage, userMessageEvent } from './stored-event.ts';
import { storedItem } from './stored-item.ts';

export interface StoredEventOptions {
  /** `show_raw_agent_reasoning`: whether the model's unabridged thoughts are shown and stored. */
  readonly rawReasoning?: boolean;
  /** Named in stored plans; other readers refuse a plan without it. */
  readonly threadId?: string;
}

/** The item as clients of the second protocol see it. */
export function itemOf(item: EngineItem): ThreadItem {
  switch (item.type) {
    case 'userMessage':
      return { type: item.type, id: item.id, content: item.content.map(wireInput) };
    case 'agentMessage':
    case 'plan':
      return { type: item.type, id: item.id, text: item.text };
    case 'reasoning':
      return { type: item.type, id: item.id, summary: [...item.summary], content: [...item.content] };
    case 'webSearch':
      return { type: item.type, id: item.id, query: item.query, action: searchAction(item.action) };
    case 'contextCompaction':
      return { type: item.type, id: item.id };
  }
}

/** A history item as it is shown raw: as stored, but unknown ones are shown too. */
export const storedForm = (item: ResponseItem): Unchanging<ResponseItem> => storedItem(item) ?? { type: 'other' };

const noItem = (): null => null;

const ITEMS: EventTable<[], ThreadItem | null> = {
  turnStarted: noItem,
  turnEnded: noItem,
  turnAborted: noItem,
  itemStarted: noItem,
  itemCompleted: ({ item }) => itemOf(item),
  messageDelta: noItem,
  planDelta: noItem,
  summaryPartAdded: noItem,
  summaryDelta: noItem,
  reasoningDelta: noItem,
  tokenCount: noItem,
  commandStarted: noItem,
  commandOutput: noItem,
  commandEnded: endedCommand,
  patchStarted: noItem,
  patchEnded: ({ callId: id, changes, status }) => ({ type: 'fileChange', id, changes: [...changes], status }),
  turnDiff: noItem,
  planUpdated: noItem,
  imageViewed: ({ callId: id, path }) => ({ type: 'imageView', id, path }),
  mcpCallStarted: noItem,
  mcpCallEnded: endedMcpCall,
  rawItem: noItem,
  compacted: noItem,
  reviewEntered: ({ itemId: id, hint }) => ({ type: 'enteredReviewMode', id, review: hint }),
  reviewExited: ({ itemId: id, review }) => ({ type: 'exitedReviewMode', id, review }),
  rolledBack: noItem,
  nameUpdated: noItem,
  shutdownComplete: noItem,
  terminalInteraction: noItem,
  dynamicToolCall: noItem,
  background: noItem,
  error: noItem,
  warning: noItem,
  deprecation: noItem,
  mcpStartupComplete: noItem,
  commandApproval: noItem,
  patchApproval: noItem,
  userInputRequest: noItem,
};

/** The item that an event completes; null for events that complete none. */
export const threadItemOf = (event: EngineEvent): ThreadItem | null => rowOf(ITEMS, event)(event);

const notStored = (): StoredEvent[] => [];

const STORED: EventTable<[StoredEventOptions], StoredEvent[]> = {
  turnStarted: notStored,
  turnEnded: notStored,
  turnAborted: ({ reason }) => [{ type: 'turn_aborted', reason }],
  itemStarted: notStored,
  itemCompleted: ({ item, turnId, partial }, options) => (partial === true ? [] : eventsOfItem(item, turnId, options)),
  messageDelta: notStored,
  planDelta: notStored,
  summaryPartAdded: notStored,
  summaryDelta: notStored,
  reasoningDelta: notStored,
  tokenCount: ({ usage, rateLimits }) => [
    {
      type: 'token_count',
      info: usage === null ? null : storedUsage(usage),
      rate_limits: rateLimits === null ? null : storedRateLimits(rateLimits),
    },
  ],
  commandStarted: notStored,
  commandOutput: notStored,
  commandEnded: notStored,
  patchStarted: notStored,
  patchEnded: notStored,
  turnDiff: notStored,
  planUpdated: notStored,
  imageViewed: notStored,
  mcpCallStarted: notStored,
  mcpCallEnded: notStored,
  rawItem: notStored,
  compacted: () => [{ type: 'context_compacted' }],
  reviewEntered: ({ target, hint }) => [{ type: 'entered_review_mode', target, user_facing_hint: hint }],
  reviewExited: ({ output }) => [{ type: 'exited_review_mode', review_output: output }],
  rolledBack: ({ numTurns, messages }) => [rolledBackEvent(numTurns, messages)],
  nameUpdated: notStored,
  shutdownComplete: notStored,
  terminalInteraction: notStored,
  dynamicToolCall: notStored,
  background: notStored,
  error: notStored,
  warning: notStored,
  deprecation: notStored,
  mcpStartupComplete: notStored,
  commandApproval: notStored,
  patchApproval: notStored,
  userInputRequest: notStored,
};

/** The lines of type `event_msg` that an event is stored as; most are not. */
export const storedEventsOf = (event: EngineEvent, options: StoredEventOptions = {}): StoredEvent[] =>
  rowOf(STORED, event)(event, options);

/** The texts of a message's parts, empty ones too; a message that is not whole yet is one text. */
export function textParts({ text, parts }: EngineItem & { readonly type: 'agentMessage' }): readonly string[] {
  if (parts !== undefined && parts.join('') === text) return parts;
  return text === '' ? [] : [text];
}

/** The messages that a completed item is also told as: one for each part of its text. */
export function messagesOfItem(item: EngineItem, options: StoredEventOptions = {}): StoredEvent[] {
  switch (item.type) {
    case 'userMessage':
      return [userMessageEvent(item.content)];
    case 'agentMessage':
      return textParts(item).map((message) => ({ type: 'agent_message', message }));
    case 'reasoning':
      return [
        ...item.summary.map((text): StoredEvent => ({ type: 'agent_reasoning', text })),
        ...(options.rawReasoning === true ? item.content : []).map(
          (text): StoredEvent => ({ type: 'agent_reasoning_raw_content', text }),
        ),
      ];
    case 'plan':
    case 'webSearch':
    case 'contextCompaction':
      return [];
  }
}

function eventsOfItem(item: EngineItem, turnId: string, options: StoredEventOptions): StoredEvent[] {
  if (item.type !== 'plan') return messagesOfItem(item, options);
  const plan = { type: 'Plan' as const, id: item.id, text: item.text };
  return [{ type: 'item_completed', thread_id: options.threadId ?? '', turn_id: turnId, item: plan }];
}

/** A command that nobody agreed to never ran: what its end reports is a remark, not output. */
function endedCommand(event: EventOf<'commandEnded'>): ThreadItem {
  const ran = event.status !== 'declined' && event.status !== 'unanswered';
  return {
    type: 'commandExecution',
    id: event.callId,
    command: quoteArgv(event.command),
    cwd: event.cwd,
    processId: event.processId,
    status: event.status === 'unanswered' ? 'failed' : event.status,
    commandActions: [...event.actions],
    aggregatedOutput: ran && event.aggregatedOutput !== '' ? event.aggregatedOutput : null,
    exitCode: ran ? event.exitCode : null,
    durationMs: ran ? Math.trunc(event.durationMs) : null,
  };
}

function endedMcpCall(event: EventOf<'mcpCallEnded'>): ThreadItem {
  const { outcome } = event;
  const failed = !outcome.ok || outcome.isError === true;
  return {
    type: 'mcpToolCall',
    id: event.callId,
    server: event.server,
    tool: event.tool,
    status: failed ? 'failed' : 'completed',
    arguments: event.args ?? null,
    result: outcome.ok ? toolResult([...outcome.content], outcome.structuredContent) : null,
    error: outcome.ok ? null : { message: outcome.message },
    durationMs: Math.trunc(event.durationMs),
  };
}

type ToolResult = NonNullable<(ThreadItem & { type: 'mcpToolCall' })['result']>;

const toolResult = (content: ToolResult['content'], structured: unknown): ToolResult => ({
  content,
  structuredContent: structured ?? null,
});

function wireInput(input: UserInput): UserInput {
  if (input.type !== 'text') return input;
  return { type: 'text', text: input.text, text_elements: input.text_elements ?? [] };
}

/** Upstream's spelling to the clients'; members that it left out are null. */
function searchAction(action: ProviderSearchAction): WebSearchAction {
  switch (action.type) {
    case 'search':
      return { type: 'search', query: action.query ?? null, queries: action.queries ?? null };
    case 'open_page':
      return { type: 'openPage', url: action.url ?? null };
    case 'find_in_page':
      return { type: 'findInPage', url: action.url ?? null, pattern: action.pattern ?? null };
    case 'other':
      return { type: 'other' };
  }
}
