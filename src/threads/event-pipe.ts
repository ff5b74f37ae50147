/**
 * One thread's events on their way to the client, in order, with stops where a reply must go first.
 *
 * In: what the thread's shard reports. Out: engine events, and replies to commands. A reply holds everything behind it
 * until its response line is queued; while the thread is being opened everything is held.
 */
import type { EngineEvent } from '../contract/engine-events.ts';
import type { CommandReply, ShardEvent } from '../contract/turn-shard.ts';

export type ThreadEvent = Extract<ShardEvent, { kind: 'engine' | 'reply' }>;

export interface PipeSink {
  event(event: EngineEvent): void;
  /** `release` must be called once the response was queued, or will never be. */
  reply(callId: number, reply: CommandReply, release: () => void): void;
}

export class EventPipe {
  readonly #sink: PipeSink;
  #queue: ThreadEvent[] = [];
  #held = true;

  /** Starts held. */
  constructor(sink: PipeSink) {
    this.#sink = sink;
  }

  push(event: ThreadEvent): void {
    if (this.#held) this.#queue.push(event);
    else this.#deliver(event);
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    const waiting = this.#queue;
    this.#queue = [];
    for (const event of waiting) this.push(event);
  }

  #deliver(event: ThreadEvent): void {
    if (event.kind === 'engine') {
      this.#sink.event(event.event);
      return;
    }
    this.#held = true;
    let released = false;
    this.#sink.reply(event.callId, event.reply, () => {
      if (released) return;
      released = true;
      this.release();
    });
  }
}
