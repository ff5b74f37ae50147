/**
 * The only queue to the client, in order. In: pieces of lines. Out: batches of bytes to a sink, one at a time, so
 * that a client that does not read blocks the sink and not this thread. Owns the queued pieces and their size.
 */
import { type Deferred, deferred } from '../base/abort.ts';
import type { LinePiece } from '../base/encoded-json.ts';
import type { ByteSink } from './bytes.ts';

/** How much is queued for the client. Producers of many messages await `ready()` between them. */
export interface Pressure {
  /** Approximate size of the queue in bytes. */
  readonly queuedBytes: number;
  readonly high: boolean;
  /** Resolves when the queue is short enough; at once if it is short now or the client is gone. */
  ready(): Promise<void>;
}

const BATCH_BYTES = 256 * 1024;
const HIGH_BYTES = 1024 * 1024;
const LOW_BYTES = 256 * 1024;

export interface WriteQueueEvents {
  /** The queue became too long (`true`) or short again (`false`). */
  onPressure(high: boolean): void;
  /** Writing failed: nothing more will be written. Called once. */
  onBroken(error: Error): void;
}

export class WriteQueue implements Pressure {
  readonly #sink: ByteSink;
  readonly #events: WriteQueueEvents;
  #pieces: LinePiece[] = [];
  #next = 0;
  #queuedBytes = 0;
  #scheduled = false;
  #writing = false;
  #broken = false;
  #high = false;
  #ready: Deferred<void> | undefined;
  #flushed: Deferred<void> | undefined;

  constructor(sink: ByteSink, events: WriteQueueEvents) {
    this.#sink = sink;
    this.#events = events;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get high(): boolean {
    return this.#high;
  }

  ready(): Promise<void> {
    if (!this.#high) return Promise.resolve();
    this.#ready ??= deferred();
    return this.#ready.promise;
  }

  /** Resolves when everything queued until then is written, or writing has failed. */
  flushed(): Promise<void> {
    if (this.#idle()) return Promise.resolve();
    this.#flushed ??= deferred();
    return this.#flushed.promise;
  }

  /** Queues the pieces of one line; nothing comes between them. */
  push(pieces: readonly LinePiece[]): void {
    if (this.#broken) return;
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      this.#pieces.push(piece);
      this.#queuedBytes += piece.length;
    }
    if (!this.#high && this.#queuedBytes > HIGH_BYTES) this.#setHigh(true);
    this.#schedule();
  }

  /** Sends all lines of one turn of the event loop together: one system call instead of one per line. */
  #schedule(): void {
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#writing || this.#broken || this.#next >= this.#pieces.length) return;
    const batch = this.#takeBatch();
    this.#writing = true;
    this.#sink.write(batch.bytes, (error) => {
      this.#writing = false;
      if (error) {
        this.#break(error);
        return;
      }
      this.#queuedBytes -= batch.taken;
      if (this.#high && this.#queuedBytes <= LOW_BYTES) this.#setHigh(false);
      if (this.#idle()) this.#settleFlushed();
      // One turn of the event loop between batches, so that a huge line does not keep this thread from reading.
      else setImmediate(() => this.#pump());
    });
  }

  #takeBatch(): { readonly bytes: Uint8Array; readonly taken: number } {
    const parts: Uint8Array[] = [];
    let text = '';
    let taken = 0;
    const endText = (): void => {
      if (text.length > 0) parts.push(Buffer.from(text, 'utf8'));
      text = '';
    };
    while (taken < BATCH_BYTES && this.#next < this.#pieces.length) {
      const piece = this.#takePiece(BATCH_BYTES - taken);
      taken += piece.length;
      if (typeof piece === 'string') text += piece;
      else {
        endText();
        parts.push(piece);
      }
    }
    endText();
    const [only] = parts;
    return { bytes: parts.length === 1 && only !== undefined ? only : Buffer.concat(parts), taken };
  }

  /** The next piece, or as much of its start as there is room for. */
  #takePiece(room: number): LinePiece {
    const piece = this.#pieces[this.#next] ?? '';
    if (piece.length <= room) {
      this.#pieces[this.#next] = '';
      this.#next += 1;
      this.#forget();
      return piece;
    }
    if (typeof piece !== 'string') {
      this.#pieces[this.#next] = piece.subarray(room);
      return piece.subarray(0, room);
    }
    // A surrogate pair split in two would become two replacement characters.
    const high = piece.charCodeAt(room - 1);
    const cut = high >= 0xd800 && high <= 0xdbff ? room + 1 : room;
    this.#pieces[this.#next] = piece.slice(cut);
    return piece.slice(0, cut);
  }

  /** Drops taken pieces in bulk, so that taking one is cheap however long the queue is. */
  #forget(): void {
    if (this.#next === this.#pieces.length) {
      this.#pieces = [];
      this.#next = 0;
    } else if (this.#next >= 4096) {
      this.#pieces = this.#pieces.slice(this.#next);
      this.#next = 0;
    }
  }

  #idle(): boolean {
    return this.#broken || (!this.#writing && this.#next >= this.#pieces.length);
  }

  #setHigh(high: boolean): void {
    this.#high = high;
    if (!high) {
      this.#ready?.resolve();
      this.#ready = undefined;
    }
    this.#events.onPressure(high);
  }

  #settleFlushed(): void {
    this.#flushed?.resolve();
    this.#flushed = undefined;
  }

  #break(error: Error): void {
    this.#broken = true;
    this.#pieces = [];
    this.#next = 0;
    this.#queuedBytes = 0;
    if (this.#high) this.#setHigh(false);
    this.#settleFlushed();
    this.#events.onBroken(error);
  }
}
