/**
 * Stores what happens in a thread and emits it to the clients, in that order: what a client has seen is in the file.
 *
 * | Method                   | In the file                 | To clients             | Read by the model |
 * | ------------------------ | --------------------------- | ---------------------- | ----------------- |
 * | `addToHistory`           | the items                   | if they want raw items | yes               |
 * | `addToHistoryUnseen`     | the items                   | no                     | yes               |
 * | `storeAndEmit`, `commit` | the event, if it has a line | yes                    | no                |
 * | `storeOnly`              | the lines                   | no                     | no                |
 * | `catchUp`                | the event, if it has a line | no, they have seen it  | no                |
 * | `turnBegan`, `turnEnded` | a line of our own           | no                     | no                |
 *
 * It owns which items are open and which item ids are taken. Lines are gathered until the tick ends, and written before
 * any of its events leaves the shard: see `pending-writes.ts`. A file that cannot be written breaks nothing here: lines
 * wait in order until there is room, and whoever runs the turn asks with `requireStorage`.
 */

import { osErrorText } from '../base/os-error.ts';
import type { EngineEvent, EngineItem } from '../contract/engine-events.ts';
import type { TruncationPolicy } from '../contract/model-profile.ts';
import { threadItemOf } from '../events/thread-items.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { TurnError, TurnStatus } from '../protocol/turns.ts';
import type { RolloutEntry } from '../rollout/entries.ts';
import { storedEventsOf } from '../rollout/record.ts';
import { TurnFailure } from './failures.ts';
import type { History } from './history.ts';

/** Where lines go; throws when the file system refuses. */
export interface RolloutSink {
  write(entries: readonly RolloutEntry[]): void;
  /** Takes from the front of `queue` what it has written. */
  drain(queue: RolloutEntry[]): void;
}

export interface RecorderOptions {
  readonly rollout: RolloutSink | null;
  /** Has `flush` called before the next event leaves the shard. */
  readonly flushLater: (flush: () => void) => void;
  readonly history: History;
  readonly emit: (event: EngineEvent) => void;
  /** Whether a client wants to see every history item. */
  readonly rawItems: boolean;
  /** Item ids of a stored thread, which must not be given out again. */
  readonly takenIds: Iterable<string>;
  /** Whether the file already holds a user message. */
  readonly hasUserMessage: boolean;
  /** Whether the model's unabridged thoughts are stored. */
  readonly rawReasoning: boolean;
  readonly threadId: string;
}

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #takenIds: Set<string>;
  /** Where to go on looking for an id that is taken: a service may use one for everything. */
  readonly #nextSuffix = new Map<string, number>();
  #rawItems: boolean;
  readonly #open = new Map<string, { readonly turnId: string; readonly item: EngineItem }>();
  #hasUserMessage: boolean;
  /** The beginning of a turn whose message is still to come. */
  readonly #held: RolloutEntry[] = [];
  /** Lines that the file does not have yet. */
  readonly #unwritten: RolloutEntry[] = [];
  #failure: unknown = null;
  /** Nothing can change it: another program writes to the thread. */
  #isRefused = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#takenIds = new Set(options.takenIds);
    this.#rawItems = options.rawItems;
    this.#hasUserMessage = options.hasUserMessage;
  }

  /** From now on every history item is emitted as it is, too. */
  showRawItems(): void {
    this.#rawItems = true;
  }

  /** `wanted`, or `wanted.2`, `wanted.3` … when an item of this thread has that id already. */
  uniqueItemId(wanted: string): string {
    let id = wanted;
    let suffix = this.#nextSuffix.get(wanted) ?? 2;
    for (; this.#takenIds.has(id); suffix += 1) id = `${wanted}.${suffix}`;
    if (id !== wanted) this.#nextSuffix.set(wanted, suffix);
    this.#takenIds.add(id);
    return id;
  }

  /** `turnId`: the turn under which clients see the raw items. */
  addToHistory(turnId: string, items: readonly ResponseItem[], policy: TruncationPolicy): void {
    this.addToHistoryUnseen(items, policy);
    if (!this.#rawItems) return;
    for (const item of items) this.#options.emit({ kind: 'rawItem', turnId, item });
  }

  /** For what no client is to see, even one that wants raw items. */
  addToHistoryUnseen(items: readonly ResponseItem[], policy: TruncationPolicy): void {
    this.#options.history.record(items, policy);
    this.#write(items.filter(isStored).map((payload) => ({ type: 'response_item', payload })));
  }

  /** Lines that are neither items nor events: turn contexts, compactions, the session's head. */
  storeOnly(entries: readonly RolloutEntry[]): void {
    this.#write(entries);
  }

  storeAndEmit(event: EngineEvent): void {
    this.#track(event);
    this.#store(event);
    this.#options.emit(event);
  }

  /** Why lines are waiting; null while the file takes them. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Writes what is gathered, and throws `TurnFailure` when the file does not take it. */
  requireStorage(): void {
    this.flush();
    this.checkStorage();
  }

  /** Throws `TurnFailure` when the file is known not to take what it is given. */
  checkStorage(): void {
    if (this.#failure === null) return;
    const message = `the thread's file cannot be written: ${osErrorText(this.#failure)}`;
    throw new TurnFailure(message, 'other', { cause: this.#failure });
  }

  /** From now on nothing is written. */
  refuse(reason: unknown): void {
    this.#failure = reason;
    this.#isRefused = true;
  }

  /** Gives the file another chance: there may be room by now. */
  retry(): void {
    if (this.#isRefused) return;
    this.#failure = null;
    this.flush();
  }

  /** `storeAndEmit` now or never: throws the file system's error, and then nothing was emitted and nothing need be undone. */
  commit(events: readonly EngineEvent[]): void {
    this.retry();
    if (this.#failure !== null) throw this.#failure;
    const stored = events.flatMap((event) => storedEventsOf(event, this.#options));
    this.#options.rollout?.write(stored.map((payload) => ({ type: 'event_msg', payload })));
    for (const event of events) this.#options.emit(event);
  }

  /** Stores what clients saw when the thread's shard had died. */
  catchUp(event: EngineEvent): void {
    this.#store(event);
    if (event.kind === 'turnEnded') this.turnEnded(event.turnId, event.status, event.error);
  }

  #store(event: EngineEvent): void {
    const stored = storedEventsOf(event, this.#options);
    if (stored.length > 0) this.#write(stored.map((payload) => ({ type: 'event_msg', payload })));
    if (stored.some((payload) => payload.type === 'user_message')) this.#hasUserMessage = true;
    const item = threadItemOf(event);
    if (item !== null) this.#own({ type: 'shardex', payload: { type: 'item_completed', turn_id: event.turnId, item } });
  }

  /** A turn that a message opens waits for it in a file that has none: other programs look for the first one near the top. */
  turnBegan(turnId: string, opening: 'message' | 'nothing'): void {
    const entry: RolloutEntry = { type: 'shardex', payload: { type: 'turn_started', turn_id: turnId } };
    if (opening === 'nothing' || this.#hasUserMessage) this.#own(entry);
    else this.#held.push(entry);
  }

  turnEnded(turnId: string, status: TurnStatus, error: TurnError | null): void {
    this.#own({ type: 'shardex', payload: { type: 'turn_completed', turn_id: turnId, status, error } });
  }

  /** Ends every item that is still open, with what it has so far. */
  closeOpenItems(): void {
    for (const { turnId, item } of [...this.#open.values()]) {
      this.storeAndEmit({ kind: 'itemCompleted', turnId, item, partial: true });
    }
  }

  /** Keeps the newest state of an open item, so that an early end can show it. */
  #track(event: EngineEvent): void {
    if (event.kind === 'itemStarted') this.#open.set(event.item.id, { turnId: event.turnId, item: event.item });
    else if (event.kind === 'itemCompleted') this.#open.delete(event.item.id);
    else if (event.kind === 'messageDelta' || event.kind === 'planDelta') this.#extend(event.itemId, event.delta);
    else if (event.kind === 'summaryDelta') this.#extendPart(event.itemId, 'summary', event.summaryIndex, event.delta);
    else if (event.kind === 'reasoningDelta')
      this.#extendPart(event.itemId, 'content', event.contentIndex, event.delta);
  }

  #extend(itemId: string, delta: string): void {
    const open = this.#open.get(itemId);
    if (open === undefined || (open.item.type !== 'agentMessage' && open.item.type !== 'plan')) return;
    this.#open.set(itemId, { ...open, item: { ...open.item, text: open.item.text + delta } });
  }

  #extendPart(itemId: string, part: 'summary' | 'content', index: number, delta: string): void {
    const open = this.#open.get(itemId);
    if (open === undefined || open.item.type !== 'reasoning') return;
    const texts = [...open.item[part]];
    while (texts.length <= index) texts.push('');
    texts[index] = (texts[index] ?? '') + delta;
    this.#open.set(itemId, { ...open, item: { ...open.item, [part]: texts } });
  }

  /** What a client is about to be told of: none of it waits, since it may be the last that this process does. */
  #own(entry: RolloutEntry): void {
    this.#write([...this.#held.splice(0), entry]);
  }

  #write(entries: readonly RolloutEntry[]): void {
    const { rollout } = this.#options;
    if (entries.length === 0 || rollout === null) return;
    this.#unwritten.push(...entries);
    if (this.#failure === null) this.#options.flushLater(this.flush);
  }

  /** Writes what is gathered, unless the file is known not to take it. Never throws. */
  readonly flush = (): void => {
    if (this.#failure !== null) return;
    try {
      this.#options.rollout?.drain(this.#unwritten);
    } catch (error) {
      this.#failure = error;
    }
  };
}

const isStored = (item: ResponseItem): boolean => item.type !== 'other';
