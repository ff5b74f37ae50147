/**
 * Stored lines to the turns that a client is shown.
 *
 * In: the entries of one file in order, or its lines as they are scanned. Out: its turns. Turns that this server recorded come
 * back exactly as they were streamed, and so do those that codex of today told with ids and ends; other lines follow the rules
 * of codex app-server 0.94.0, with numbers for ids. Where we and another writer tell one turn, our lines count. It owns the marks of the turn that is being read; what came before is settled.
 */
import type { ThreadItem } from '../protocol/items.ts';
import type { CurrentLine, RolloutEntry, ShardexLine, StoredEvent } from './entries.ts';
import { decodeEntry } from './format.ts';
import type { LineSpan, RawLine } from './line-scan.ts';
import { turnsRolledBack } from './stored-event.ts';
import { expectedEvents, isShown, sameMessage } from './turn-items.ts';
import { eventMark, itemMark, type Mark, type MarkedTurn } from './turn-marks.ts';
import { TurnTable } from './turn-table.ts';

/** What happened, in the file's order; waiting for a line of our own that may tell it with more detail. */
type Step =
  | { readonly kind: 'event'; readonly mark: Mark }
  /** Shows only in turns of writers that tell their ends. */
  | { readonly kind: 'compaction'; readonly mark: Mark }
  | { readonly kind: 'item'; readonly turnId: string | null; readonly mark: Mark; readonly by: Teller }
  | { readonly kind: 'start'; readonly turnId: string; readonly by: Teller }
  | {
      readonly kind: 'end';
      readonly line: (ShardexLine | CurrentLine) & { readonly type: 'turn_completed' };
      readonly by: Teller;
    }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'rolledBack'; readonly numTurns: number };

/** Whose line it is: ours, or one of a writer that tells ids and ends as well. */
type Teller = 'ours' | 'named';

/** For entries that come from no file. */
const NOWHERE: LineSpan = { offset: 0, sizeBytes: 0 };

export class TurnReader {
  readonly #table = new TurnTable();
  readonly #ownTurns = new Set<string>();
  /** Turns of ours that have begun and not ended: several when two servers write one file. */
  readonly #openTurns = new Set<string>();
  #steps: Step[] = [];
  /** The line of the newest user message that was not decoded. */
  #leadText: Buffer | null = null;
  /** Events for which a line of our own may still follow. */
  #candidates: Mark[] = [];

  /** A line whose shape tells enough is decoded only when it may have to be compared. */
  take(line: RawLine): void {
    const { shape } = line;
    if (shape.kind === 'text') {
      const event = this.#isOpen ? eventIn(line.entry()) : null;
      if (this.#isOpen && event === null) return;
      this.#addEvent(eventMark(shape.event, line, event));
      if (shape.event === 'user_message') this.#leadText = this.#isOpen ? null : Buffer.from(line.bytes);
    } else if (shape.kind === 'ownItem') {
      this.#addItem(shape.turnId, itemMark(shape.itemType, line));
    } else if (shape.kind === 'unknown') {
      const entry = line.entry();
      if (entry !== null) this.add(entry, line);
    }
  }

  add(entry: RolloutEntry, span: LineSpan = NOWHERE): void {
    if (entry.type === 'shardex') this.#addOwn(entry.payload, span);
    if (entry.type === 'current') this.#addCurrent(entry.payload, span);
    if (entry.type !== 'event_msg') return;
    const { payload } = entry;
    if (payload.type === 'turn_aborted') this.#steps.push({ kind: 'aborted' });
    else if (payload.type === 'thread_rolled_back') {
      this.#steps.push({ kind: 'rolledBack', numTurns: turnsRolledBack(payload) });
    }
    // In files with numbered lines, items have lines of their own.
    if (entry.ordinal !== undefined) return;
    if (isShown(payload)) this.#addEvent(eventMark(payload.type, span, payload));
    else if (payload.type === 'context_compacted' && !this.#isOpen) {
      this.#steps.push({ kind: 'compaction', mark: eventMark(payload.type, span, payload) });
    }
  }

  /** All turns in order. Nothing may be added afterwards. */
  finish(): readonly MarkedTurn[] {
    this.#settle(0);
    return this.#table.turns;
  }

  /** Lines of turns that were rolled back. */
  get dropped(): readonly Mark[] {
    return this.#table.dropped;
  }

  get #isOpen(): boolean {
    return this.#openTurns.size > 0;
  }

  #addEvent(mark: Mark): void {
    // Outside of a turn of ours, only the newest user message can be told again by a line of ours.
    if (!this.#isOpen) this.#settle(0);
    this.#steps.push({ kind: 'event', mark });
    if (this.#isOpen) this.#candidates.push(mark);
  }

  #addOwn(line: ShardexLine, span: LineSpan): void {
    if (line.type === 'item_completed') {
      this.#addItem(line.turn_id, itemMark(line.item.type, span), line.item);
      return;
    }
    this.#open(line.turn_id);
    if (line.type === 'turn_started') this.#steps.push({ kind: 'start', turnId: line.turn_id, by: 'ours' });
    else {
      this.#steps.push({ kind: 'end', line, by: 'ours' });
      this.#openTurns.delete(line.turn_id);
    }
  }

  /** Of a turn that we told, only our lines count. */
  #addCurrent(line: CurrentLine, span: LineSpan): void {
    const { turn_id: turnId } = line;
    if (turnId !== null && this.#ownTurns.has(turnId)) return;
    if (line.type === 'item_completed') {
      this.#steps.push({ kind: 'item', turnId, mark: itemMark(line.item.type, span), by: 'named' });
    } else if (line.type === 'turn_started') this.#steps.push({ kind: 'start', turnId: line.turn_id, by: 'named' });
    else this.#steps.push({ kind: 'end', line, by: 'named' });
  }

  /** `item` when it may be stored as an event too. */
  #addItem(turnId: string, mark: Mark, item: ThreadItem | null = null): void {
    this.#open(turnId);
    if (item !== null) this.#claim(item);
    this.#steps.push({ kind: 'item', turnId, mark, by: 'ours' });
  }

  /** The first line of a turn of ours. Before that of a file's first message stands the event of the message. */
  #open(turnId: string): void {
    if (this.#ownTurns.has(turnId)) return;
    this.#ownTurns.add(turnId);
    this.#openTurns.add(turnId);
    const last = this.#steps.at(-1);
    const lead = last?.kind === 'event' && last.mark.kind === 'userMessage' && !last.mark.isCopy ? last.mark : null;
    if (lead !== null && this.#leadText !== null) lead.event ??= eventIn(decodeEntry(this.#leadText.toString('utf8')));
    this.#settle(lead === null ? 0 : 1);
    this.#candidates = lead === null ? [] : [lead];
  }

  /** What can no longer turn out to be a copy becomes part of a turn; the newest `kept` steps stay. */
  #settle(kept: number): void {
    const steps = this.#steps;
    const settled = steps.length - kept;
    if (settled <= 0) return;
    this.#steps = steps.slice(settled);
    for (let index = 0; index < settled; index += 1) {
      const step = steps[index];
      if (step !== undefined) this.#settleStep(step);
    }
  }

  #settleStep(step: Step): void {
    switch (step.kind) {
      case 'event':
        this.#settleEvent(step.mark);
        break;
      case 'compaction':
        if (this.#table.isInNamed) this.#settleEvent(step.mark);
        break;
      case 'item':
        this.#table.item(step.turnId, step.mark, step.by);
        break;
      case 'start':
        this.#table.start(step.turnId, step.by);
        break;
      case 'end':
        this.#table.end(step.line, step.by);
        break;
      case 'aborted':
        this.#table.aborted();
        break;
      case 'rolledBack':
        this.#table.rollBack(step.numTurns);
        break;
    }
  }

  #settleEvent(mark: Mark): void {
    if (!mark.isCopy) this.#table.event(mark);
    mark.event = null;
  }

  #claim(item: ThreadItem): void {
    if (item.type === 'agentMessage' && this.#claimParts(item.text)) return;
    for (const expected of expectedEvents(item).reverse()) {
      const index = this.#candidates.findLastIndex(({ event }) => event !== null && sameMessage(event, expected));
      const [copy] = index === -1 ? [] : this.#candidates.splice(index, 1);
      if (copy !== undefined) copy.isCopy = true;
    }
  }

  /** A message was told part by part, the last of them just before its own line. */
  #claimParts(text: string): boolean {
    let joined = '';
    for (let at = this.#candidates.length - 1; at >= 0 && joined.length < text.length; at -= 1) {
      const event = this.#candidates[at]?.event;
      if (event?.type !== 'agent_message') return false;
      joined = event.message + joined;
      if (joined !== text) continue;
      for (const copy of this.#candidates.splice(at)) copy.isCopy = true;
      return true;
    }
    return false;
  }
}

const eventIn = (entry: RolloutEntry | null): StoredEvent | null =>
  entry?.type === 'event_msg' ? entry.payload : null;
