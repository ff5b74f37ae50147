/**
 * The shard's end of the event port: numbers events, sends them in batches, and tells producers when to wait.
 *
 * In: events of all threads of the shard. Out: messages, once a tick. The receiver acknowledges what the client has been
 * sent; a client that stops reading stops the producers here instead of filling memory.
 */
import { type Deferred, deferred } from '../base/abort.ts';
import type { ShardEvent, ShardEventBatch } from '../contract/turn-shard.ts';

/** Events that may be on their way before producers wait. */
const WINDOW = 8_192;
/** In one message: the receiver decodes a message in one go, and nothing else happens there meanwhile. */
const MOST_IN_A_MESSAGE = 256;

export class EventStream {
  readonly #post: (batch: ShardEventBatch) => void;
  #queue: ShardEvent[] = [];
  #next = 0;
  #acknowledged = 0;
  #scheduled = false;
  #waiting: Deferred<void> | null = null;

  constructor(post: (batch: ShardEventBatch) => void) {
    this.#post = post;
  }

  push(event: ShardEvent): void {
    this.#queue.push(event);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Sends what is queued at once: for news that must be out before the thread could die. */
  flush(): void {
    this.#scheduled = false;
    if (this.#queue.length === 0) return;
    const events = this.#queue;
    this.#queue = [];
    for (let from = 0; from < events.length; from += MOST_IN_A_MESSAGE) {
      const message = events.slice(from, from + MOST_IN_A_MESSAGE);
      this.#post({ first: this.#next, events: message });
      this.#next += message.length;
    }
  }

  /** Everything below this number has reached the client's pipe. */
  acknowledge(number: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, number);
    if (this.#congested) return;
    this.#waiting?.resolve();
    this.#waiting = null;
  }

  /** null when producers may go on at once. */
  ready(): Promise<void> | null {
    if (!this.#congested) return null;
    this.#waiting ??= deferred();
    return this.#waiting.promise;
  }

  get #congested(): boolean {
    return this.#next + this.#queue.length - this.#acknowledged > WINDOW;
  }
}
