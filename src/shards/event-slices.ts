/**
 * Takes what shards report in short slices: so much of it may arrive at once that a request would otherwise wait behind all of it.
 *
 * In: deliveries of events. Out: one call per event, in the order of the deliveries. It owns what has not been taken yet.
 */
import type { ShardEvent } from '../contract/turn-shard.ts';

export interface EventDelivery {
  readonly events: readonly ShardEvent[];
  /** Must not throw. */
  take(event: ShardEvent): void;
  /** Every event of this delivery has been taken. */
  taken(): void;
}

/** Between two slices the loop turns once, and that is when requests are read and handled. */
const SLICE_MS = 1;

export class EventSlices {
  readonly #nowMs: () => number;
  #deliveries: EventDelivery[] = [];
  /** Of the first delivery. */
  #next = 0;
  #scheduled = false;

  /** `nowMs` may start anywhere. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Begins at once when nothing else waits. */
  push(delivery: EventDelivery): void {
    this.#deliveries.push(delivery);
    if (!this.#scheduled) this.#slice();
  }

  /** Takes all that waits, now: for a shard that is gone, whose end comes after everything it said. */
  finish(): void {
    this.#takeUntil(Number.POSITIVE_INFINITY);
  }

  #slice(): void {
    this.#takeUntil(this.#nowMs() + SLICE_MS);
    this.#scheduled = this.#deliveries.length > 0;
    if (this.#scheduled) setImmediate(() => this.#slice());
  }

  #takeUntil(endMs: number): void {
    for (let first = this.#deliveries[0]; first !== undefined; first = this.#deliveries[0]) {
      for (let event = first.events[this.#next]; event !== undefined; event = first.events[this.#next]) {
        this.#next += 1;
        first.take(event);
        if (this.#nowMs() >= endMs && this.#next < first.events.length) return;
      }
      this.#deliveries.shift();
      this.#next = 0;
      first.taken();
      if (this.#nowMs() >= endMs) return;
    }
  }
}
