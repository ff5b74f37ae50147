/**
 * What an engine event leaves behind: the item it completes, as clients see it, and the event lines it is stored as.
 *
 * The same functions serve the notifications and the file, so that what is read back is what was streamed. Pure.
 */
import { quoteArgv } from '../commands/quote.ts';
import type { EngineEvent, EngineItem } from '../engine/events.ts';
import type { ThreadItem, UserInput, WebSearchAction } from '../protocol/items.ts';
import type { Unchanging } from '../protocol/outbound.ts';
import type { WebSearchAction as ProviderSearchAction, ResponseItem } from '../protocol/response-items.ts';
import type { StoredEvent } from './entries.ts';
import { storedRateLimits, storedUsage, userMessageEvent } from './stored-event.ts';
import { storedItem } from './stored-item.ts';

type EventOf<K extends EngineEvent['kind']> = EngineEvent & { readonly kind: K };

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

/** The item that an event completes; null for events that complete none. */
export function threadItemOf(event: EngineEvent): ThreadItem | null {
  switch (event.kind) {
    case 'itemCompleted':
      return itemOf(event.item);
    case 'commandEnded':
      return endedCommand(event);
    case 'patchEnded':
      return { type: 'fileChange', id: event.callId, changes: [...event.changes], status: event.status };
    case 'mcpCallEnded':
      return endedMcpCall(event);
    case 'imageViewed':
      return { type: 'imageView', id: event.callId, path: event.path };
    case 'reviewEntered':
      return { type: 'enteredReviewMode', id: event.itemId, review: event.hint };
    case 'reviewExited':
      return { type: 'exitedReviewMode', id: event.itemId, review: event.review };
    default:
      return null;
  }
}

/** The lines of type `event_msg` that an event is stored as; most are not. */
export function storedEventsOf(event: EngineEvent, options: StoredEventOptions = {}): StoredEvent[] {
  switch (event.kind) {
    case 'itemCompleted':
      return event.partial === true ? [] : eventsOfItem(event.item, event.turnId, options);
    case 'tokenCount':
      return [
        {
          type: 'token_count',
          info: event.usage === null ? null : storedUsage(event.usage),
          rate_limits: event.rateLimits === null ? null : storedRateLimits(event.rateLimits),
        },
      ];
    case 'compacted':
      return [{ type: 'context_compacted' }];
    case 'turnAborted':
      return [{ type: 'turn_aborted', reason: event.reason }];
    case 'rolledBack':
      return [{ type: 'thread_rolled_back', num_turns: event.numTurns }];
    case 'reviewEntered':
      return [{ type: 'entered_review_mode', target: event.target, user_facing_hint: event.hint }];
    case 'reviewExited':
      return [{ type: 'exited_review_mode', review_output: event.output }];
    default:
      return [];
  }
}

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
    default:
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
