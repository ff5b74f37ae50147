/**
 * A thread's lines as a copy of it in an unnumbered file holds them. In: entries in order. Out: entries to write. Those of files
 * without numbers stay as they are; turns and items that codex of today told in its own events become lines of ours, with the
 * events from which 0.94 reads messages. Owns which turns are ours, and a beginning that waits for its message.
 */
import type { CurrentLine, RolloutEntry, ShardexLine, StoredEvent } from './entries.ts';
import { expectedEvents } from './turn-items.ts';

export class PlainCopy {
  readonly #ours = new Set<string>();
  #openTurnId: string | null = null;
  #hasUserMessage = false;
  #held: RolloutEntry[] = [];

  take(entry: RolloutEntry): RolloutEntry[] {
    if (entry.type === 'shardex') this.#own(entry.payload);
    if (entry.type === 'event_msg' && entry.payload.type === 'user_message') this.#hasUserMessage = true;
    if (entry.ordinal === undefined) return [entry];
    if (entry.type === 'current') return this.#current(entry.payload);
    // Items of other writers are told by lines of their own.
    const isCopy = entry.type === 'event_msg' && isText(entry.payload) && this.#openTurnId === null;
    return isCopy ? [] : [entry];
  }

  /** What still waits for a message when there is none. */
  end(): RolloutEntry[] {
    return this.#held.splice(0);
  }

  #own(line: ShardexLine): void {
    this.#ours.add(line.turn_id);
    this.#openTurnId = line.type === 'turn_completed' ? null : line.turn_id;
  }

  #current(line: CurrentLine): RolloutEntry[] {
    const { turn_id: turnId } = line;
    if (turnId === null || this.#ours.has(turnId)) return [];
    switch (line.type) {
      case 'turn_started':
        return this.#afterMessage({ type: 'turn_started', turn_id: turnId });
      case 'item_completed':
        return this.#item(turnId, line);
      case 'turn_completed': {
        const { status, error } = line;
        const aborted: StoredEvent[] =
          status === 'interrupted' ? [{ type: 'turn_aborted', reason: 'interrupted' }] : [];
        return [
          ...aborted.map(event),
          ...this.#afterMessage({ type: 'turn_completed', turn_id: turnId, status, error }),
        ];
      }
    }
  }

  #item(turnId: string, { item }: CurrentLine & { readonly type: 'item_completed' }): RolloutEntry[] {
    const events = expectedEvents(item).map(event);
    if (item.type === 'userMessage') this.#hasUserMessage = true;
    return [...events, ...this.#afterMessage({ type: 'item_completed', turn_id: turnId, item })];
  }

  /** Lines of ours stand behind the first message of a user. */
  #afterMessage(payload: ShardexLine): RolloutEntry[] {
    this.#held.push({ type: 'shardex', payload });
    return this.#hasUserMessage ? this.#held.splice(0) : [];
  }
}

const event = (payload: StoredEvent): RolloutEntry => ({ type: 'event_msg', payload });

const TEXTS: ReadonlySet<StoredEvent['type']> = new Set([
  'user_message',
  'agent_message',
  'agent_reasoning',
  'agent_reasoning_raw_content',
  'item_completed',
]);

const isText = ({ type }: StoredEvent): boolean => TEXTS.has(type);

/** The messages that clients of the older protocol are shown of a line with a number, where items have lines of their own. */
export function legacyMessagesOf(entry: RolloutEntry): StoredEvent[] {
  if (entry.type === 'event_msg') return entry.ordinal !== undefined && isText(entry.payload) ? [] : [entry.payload];
  if (entry.type !== 'current') return [];
  const { payload } = entry;
  if (payload.type === 'turn_completed' && payload.status === 'interrupted') {
    return [{ type: 'turn_aborted', reason: 'interrupted' }];
  }
  const isItem = payload.type === 'item_completed' && (entry.ordinal !== undefined || payload.item.type === 'plan');
  return isItem ? expectedEvents(payload.item) : [];
}
