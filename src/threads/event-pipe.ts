/**
 * One thread's events on their way to the client, in order, with stops where a reply must go first.
 *
 * In: what the thread's shard reports. Out: engine events, changed settings, and replies to commands. A reply holds
 * everything behind it until its response line is queued; while the thread is being opened everything is held.
 */
import type { EngineEvent } from '../contract/engine-events.ts';
import type { TurnSettings } from '../contract/turn-settings.ts';
import type { CommandReply, ShardEvent } from '../contract/turn-shard.ts';

export type ThreadEvent = Extract<ShardEvent, { threadId: string }>;

export interface PipeSink {
  event(event: EngineEvent): void;
  settings(settings: TurnSettings): void;
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
    switch (event.kind) {
      case 'engine':
        this.#sink.event(event.event);
        break;
      case 'settings':
        this.#sink.settings(event.settings);
        break;
      case 'reply':
        this.#reply(event.callId, event.reply);
        break;
    }
  }

  #reply(callId: number, reply: CommandReply): void {
    this.#held = true;
    let released = false;
    this.#sink.reply(callId, reply, () => {
      if (released) return;
      released = true;
      this.release();
    });
  }
}
