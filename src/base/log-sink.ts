/**
 * Writes log lines to stderr. In: whole lines. Out: bytes on a stream that is opened with the first line. A client that never
 * reads stderr costs at most `MAX_QUEUED_CHARS` of memory; further lines are dropped and counted.
 */
import type { Writable } from 'node:stream';

const MAX_QUEUED_CHARS = 256 * 1024;

export class LogSink {
  readonly #open: () => Writable;
  #stream: Writable | undefined;
  #queuedChars = 0;
  #dropped = 0;
  #broken = false;

  /** `open` must give a stream whose writes do not block; it is called once, for the first line. */
  constructor(open: () => Writable) {
    this.#open = open;
  }

  readonly write = (line: string): void => {
    if (this.#broken) return;
    if (this.#queuedChars + line.length > MAX_QUEUED_CHARS) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0)
      this.#send(`${JSON.stringify({ level: 'warn', area: 'log', event: 'dropped', lines: this.#takeDropped() })}\n`);
    this.#send(line);
  };

  /** Resolves when all that was queued is out, or with the first failure; the caller bounds the wait. */
  flushed(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || this.#broken || this.#queuedChars === 0) return Promise.resolve();
    return new Promise((resolve) => void stream.write('', () => resolve()));
  }

  #takeDropped(): number {
    const lines = this.#dropped;
    this.#dropped = 0;
    return lines;
  }

  #send(line: string): void {
    const stream = this.#opened();
    this.#queuedChars += line.length;
    stream.write(line, () => {
      this.#queuedChars -= line.length;
    });
  }

  #opened(): Writable {
    if (this.#stream !== undefined) return this.#stream;
    const stream = this.#open();
    stream.on('error', () => {
      this.#broken = true; // stderr is closed, so this cannot be reported
    });
    this.#stream = stream;
    return stream;
  }
}
