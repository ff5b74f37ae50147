/** Both ends of a connection in one process: what one side writes the other reads, in later turns of the loop. */
import type { ByteSink, ByteSource } from '../../src/transport/bytes.ts';

/** One direction. The writer gets `done` only while the reader is not paused. */
export class MemoryPipe implements ByteSource, ByteSink {
  readonly #pending: { readonly bytes: Uint8Array; readonly done: (error?: Error | null) => void }[] = [];
  #onChunk: ((chunk: Uint8Array) => void) | undefined;
  #onEnd: (() => void) | undefined;
  #paused = false;
  #closing = false;
  #ended = false;
  #scheduled = false;
  #failure: Error | undefined;

  write(bytes: Uint8Array, done: (error?: Error | null) => void): void {
    this.#pending.push({ bytes, done });
    this.#deliverSoon();
  }

  start(onChunk: (chunk: Uint8Array) => void, onEnd: () => void): void {
    this.#onChunk = onChunk;
    this.#onEnd = onEnd;
    this.#deliverSoon();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliverSoon();
  }

  stop(): void {
    this.#end();
  }

  /** Ends the writing side: the reader gets the end after what was written. */
  close(): void {
    this.#closing = true;
    this.#deliverSoon();
  }

  /** Breaks the reading side: every later write fails. */
  break(error: Error): void {
    this.#failure = error;
    this.#deliverSoon();
  }

  /** One chunk per turn of the event loop, as from a real descriptor. */
  #deliverSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const blocked = this.#onChunk === undefined || this.#paused;
    if (blocked && this.#failure === undefined) return;
    const next = this.#pending.shift();
    if (next !== undefined) {
      if (this.#failure === undefined) this.#onChunk?.(next.bytes);
      next.done(this.#failure ?? null);
    }
    if (this.#pending.length > 0) this.#deliverSoon();
    else if (this.#closing) this.#end();
  }

  #end(): void {
    if (this.#ended || this.#onEnd === undefined) return;
    this.#ended = true;
    this.#onEnd();
  }
}
