/**
 * Stored lines to the turns that a client is shown.
 *
 * In: the entries of one file in order. Out: its turns. Turns that this server recorded come back exactly as they were
 * streamed; lines of other writers follow the rules of codex app-server 0.94.0, with numbers for ids. No state is kept.
 */
import type { ThreadItem } from '../protocol/items.ts';
import type { Turn } from '../protocol/turns.ts';
import type { RolloutEntry, ShardexLine, StoredEvent } from './entries.ts';
import { expectedEvents, itemOfEvent, joinReasoning, sameMessage } from './turn-items.ts';

/** A line that matters here. `isCopy`: an event whose item a line of our own holds, with more detail. */
interface Mark {
  readonly line: StoredEvent | ShardexLine;
  readonly isOwn: boolean;
  isCopy: boolean;
}

/**
 * A turn of ours without an end is `interrupted`, unless it is the one that is running: then it is `inProgress` and has
 * the items that are complete.
 */
export function turnsOf(entries: Iterable<RolloutEntry>, runningTurnId: string | null = null): Turn[] {
  const reader = new TurnReader();
  for (const entry of entries) reader.add(entry);
  return reader.turns(runningTurnId);
}

/** The same for entries that come one by one. */
export class TurnReader {
  readonly #marks: Mark[] = [];
  readonly #ownTurns = new Set<string>();
  /** Events for which a line of our own may still follow. */
  #candidates: Mark[] = [];

  add(entry: RolloutEntry): void {
    if (entry.type === 'event_msg') this.#addEvent(entry.payload);
    else if (entry.type === 'shardex') this.#addOwn(entry.payload);
  }

  turns(runningTurnId: string | null): Turn[] {
    const builder = new TurnBuilder();
    for (const { line, isOwn, isCopy } of this.#marks) {
      if (isCopy) continue;
      if (isOwn) builder.own(line as ShardexLine);
      else builder.event(line as StoredEvent);
    }
    return builder.finish(runningTurnId);
  }

  #addEvent(line: StoredEvent): void {
    const mark: Mark = { line, isOwn: false, isCopy: false };
    if (line.type === 'turn_aborted' || line.type === 'thread_rolled_back') this.#marks.push(mark);
    else if (itemOfEvent(line, '') !== null) {
      this.#marks.push(mark);
      this.#candidates.push(mark);
    }
  }

  #addOwn(line: ShardexLine): void {
    if (!this.#ownTurns.has(line.turn_id)) {
      this.#ownTurns.add(line.turn_id);
      // Lines of ours wait for the first user message, so that one event may stand before its turn's start.
      const last = this.#marks.at(-1);
      const isLead = last !== undefined && !last.isOwn && last.line.type === 'user_message';
      this.#candidates = isLead && !last.isCopy ? [last] : [];
    }
    if (line.type === 'item_completed') this.#claim(line.item);
    this.#marks.push({ line, isOwn: true, isCopy: false });
  }

  #claim(item: ThreadItem): void {
    if (item.type === 'agentMessage' && this.#claimParts(item.text)) return;
    for (const expected of expectedEvents(item).reverse()) {
      const index = this.#candidates.findLastIndex(({ line }) => sameMessage(line as StoredEvent, expected));
      const [copy] = index === -1 ? [] : this.#candidates.splice(index, 1);
      if (copy !== undefined) copy.isCopy = true;
    }
  }

  /** A message was told part by part, the last of them just before its own line. */
  #claimParts(text: string): boolean {
    let joined = '';
    for (let at = this.#candidates.length - 1; at >= 0 && joined.length < text.length; at -= 1) {
      const line = this.#candidates[at]?.line;
      if (line?.type !== 'agent_message') return false;
      joined = line.message + joined;
      if (joined !== text) continue;
      for (const copy of this.#candidates.splice(at)) copy.isCopy = true;
      return true;
    }
    return false;
  }
}

interface OpenTurn {
  readonly id: string;
  readonly isOwn: boolean;
  readonly items: ThreadItem[];
  status: Turn['status'];
  error: Turn['error'];
  isEnded: boolean;
}

class TurnBuilder {
  readonly #turns: OpenTurn[] = [];
  readonly #own = new Map<string, OpenTurn>();
  /** The turn that lines without a turn's id belong to. */
  #current: OpenTurn | null = null;
  #numberedItems = 0;

  own(line: ShardexLine): void {
    const turn = this.#own.get(line.turn_id) ?? this.#open(line.turn_id, true);
    if (line.type === 'item_completed') turn.items.push(line.item);
    if (line.type !== 'turn_completed') return;
    turn.status = line.status;
    turn.error = line.error;
    turn.isEnded = true;
    if (this.#current === turn) this.#current = null;
  }

  event(line: StoredEvent): void {
    if (line.type === 'thread_rolled_back') this.#rollBack(line.num_turns);
    else if (line.type === 'turn_aborted') {
      if (this.#current?.isOwn === false) this.#current.status = 'interrupted';
    } else if (line.type === 'user_message') {
      this.#addItem(this.#open(`turn-${this.#turns.length + 1}`, false), line);
    } else {
      this.#addItem(this.#current ?? this.#open(`turn-${this.#turns.length + 1}`, false), line);
    }
  }

  finish(runningTurnId: string | null): Turn[] {
    return this.#turns.map(({ id, items, status, error, isOwn, isEnded }) => {
      const running = isOwn && !isEnded && id === runningTurnId;
      return { id, items, status: running ? 'inProgress' : status, error };
    });
  }

  #open(id: string, isOwn: boolean): OpenTurn {
    // Other writers leave no trace of an end, so that theirs count as completed.
    const turn: OpenTurn = {
      id,
      isOwn,
      items: [],
      status: isOwn ? 'interrupted' : 'completed',
      error: null,
      isEnded: false,
    };
    this.#turns.push(turn);
    if (isOwn) this.#own.set(id, turn);
    this.#current = turn;
    return turn;
  }

  #addItem(turn: OpenTurn, line: StoredEvent): void {
    const last = turn.items.at(-1);
    if (last !== undefined && joinReasoning(last, line)) return;
    const item = itemOfEvent(line, `item-${this.#numberedItems + 1}`);
    if (item === null) return;
    this.#numberedItems += 1;
    turn.items.push(item);
  }

  #rollBack(numTurns: number): void {
    this.#current = null;
    for (const { id } of this.#turns.splice(Math.max(this.#turns.length - numTurns, 0))) this.#own.delete(id);
    this.#numberedItems = this.#turns.filter(({ isOwn }) => !isOwn).reduce((sum, { items }) => sum + items.length, 0);
  }
}
