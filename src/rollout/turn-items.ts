/** Stored events to items, and back: which events an item was also stored as. Rules observed on codex app-server 0.94.0. */
import type { ThreadItem, UserInput } from '../protocol/items.ts';
import type { StoredEvent } from './entries.ts';
import { userMessageEvent } from './stored-event.ts';

/** null for events that show no item, and for empty texts. */
export function itemOfEvent(event: StoredEvent, id: string): ThreadItem | null {
  switch (event.type) {
    case 'user_message':
      return { type: 'userMessage', id, content: contentOf(event) };
    case 'agent_message':
      return event.message === '' ? null : { type: 'agentMessage', id, text: event.message };
    case 'agent_reasoning':
      return event.text === '' ? null : { type: 'reasoning', id, summary: [event.text], content: [] };
    case 'agent_reasoning_raw_content':
      return event.text === '' ? null : { type: 'reasoning', id, summary: [], content: [event.text] };
    case 'item_completed': {
      const { item } = event;
      return item.type === 'Plan' && item.text !== '' ? { type: 'plan', id, text: item.text } : null;
    }
    case 'context_compacted':
      return { type: 'contextCompaction', id };
    case 'token_count':
    case 'entered_review_mode':
    case 'exited_review_mode':
    case 'thread_rolled_back':
    case 'undo_completed':
    case 'turn_aborted':
      return null;
  }
}

/** Whether an event shows as an item wherever it stands. A compaction shows only in turns of writers that tell their ends. */
export const isShown = (event: StoredEvent): boolean =>
  event.type !== 'context_compacted' && itemOfEvent(event, '') !== null;

/** Adds a piece of reasoning to the item before it, as pieces of one turn in a row are shown as one item. */
export function joinReasoning(last: ThreadItem, event: StoredEvent): boolean {
  if (last.type !== 'reasoning') return false;
  if (event.type === 'agent_reasoning') last.summary.push(event.text);
  else if (event.type === 'agent_reasoning_raw_content') last.content.push(event.text);
  else return false;
  return true;
}

/** The events that an item may have been stored as beside its own line, in order. */
export function expectedEvents(item: ThreadItem): StoredEvent[] {
  switch (item.type) {
    case 'userMessage':
      return [userMessageEvent(item.content)];
    case 'agentMessage':
      return [{ type: 'agent_message', message: item.text }];
    case 'reasoning':
      return [
        ...item.summary.map((text): StoredEvent => ({ type: 'agent_reasoning', text })),
        ...item.content.map((text): StoredEvent => ({ type: 'agent_reasoning_raw_content', text })),
      ];
    case 'plan': {
      const plan = { type: 'Plan' as const, id: item.id, text: item.text };
      return [{ type: 'item_completed', thread_id: '', turn_id: '', item: plan }];
    }
    case 'commandExecution':
    case 'fileChange':
    case 'mcpToolCall':
    case 'collabAgentToolCall':
    case 'webSearch':
    case 'imageView':
    case 'enteredReviewMode':
    case 'exitedReviewMode':
    case 'contextCompaction':
      return [];
  }
}

/** Whether two events tell the same message; what else they hold follows from it. */
export function sameMessage(one: StoredEvent, other: StoredEvent): boolean {
  if (one.type !== other.type) return false;
  const text = textOf(one);
  return text !== null && text === textOf(other);
}

function textOf(event: StoredEvent): string | null {
  if ('message' in event && typeof event.message === 'string') return event.message;
  if ('text' in event) return event.text;
  return event.type === 'item_completed' && event.item.type === 'Plan' ? event.item.text : null;
}

/** Text, then images, then local images: how they were mixed was not stored. */
function contentOf(event: StoredEvent & { type: 'user_message' }): UserInput[] {
  const content: UserInput[] = [];
  if (event.message.trim() !== '') {
    const elements = event.text_elements.map(({ byte_range: { start, end }, placeholder }) => ({
      byteRange: { start, end },
      placeholder: placeholder ?? null,
    }));
    content.push({ type: 'text', text: event.message, text_elements: elements });
  }
  for (const url of event.images ?? []) content.push({ type: 'image', url });
  for (const path of event.local_images) content.push({ type: 'localImage', path });
  return content;
}
