/** The event lines that an engine event is stored as. Older clients are sent the same. Pure. */
import type { EngineEvent, EngineItem } from '../contract/engine-events.ts';
import { type EventTable, rowOf } from '../contract/event-table.ts';
import type { Unchanging } from '../protocol/outbound.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { StoredEvent } from './entries.ts';
import { rolledBackEvent, storedRateLimits, storedUsage, userMessageEvent } from './stored-event.ts';
import { storedItem } from './stored-item.ts';

export interface StoredEventOptions {
  /** `show_raw_agent_reasoning`: whether the model's unabridged thoughts are shown and stored. */
  readonly rawReasoning?: boolean;
  /** Named in stored plans; other readers refuse a plan without it. */
  readonly threadId?: string;
}

/** A history item as it is shown raw: as stored, but unknown ones are shown too. */
export const storedForm = (item: ResponseItem): Unchanging<ResponseItem> => storedItem(item) ?? { type: 'other' };

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
