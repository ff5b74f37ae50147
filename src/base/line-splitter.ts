import { constants } from 'node:buffer';

const NEWLINE = 0x0a;

/**
 * A line as it was in the stream, without its newline; or a line too long for a string, of which only the length is
 * kept.
 */
export type SplitLine =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'oversized'; readonly sizeBytes: number };

/**
 * Splits a byte stream into lines. Each byte is searched once and a line is copied at most once, however many chunks
 * it came in. Holds the start of the unfinished line.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #partBytes = 0;

  /** Lines longer than `maxBytes` are skipped and reported; the default is the maximum length of a string. */
  constructor(maxBytes: number = constants.MAX_STRING_LENGTH) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk, in order. */
  *push(chunk: Uint8Array): Generator<SplitLine> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, end));
      yield this.#take();
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** The rest after the last newline, if any. */
  *end(): Generator<SplitLine> {
    if (this.#partBytes > 0) yield this.#take();
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#partBytes += part.length;
    if (this.#partBytes > this.#maxBytes) this.#parts = [];
    else this.#parts.push(part);
  }

  #take(): SplitLine {
    const parts = this.#parts;
    const sizeBytes = this.#partBytes;
    this.#parts = [];
    this.#partBytes = 0;
    if (sizeBytes > this.#maxBytes) return { kind: 'oversized', sizeBytes };
    const [first] = parts;
    if (parts.length === 1 && first !== undefined) {
      return { kind: 'line', bytes: Buffer.from(first.buffer, first.byteOffset, first.byteLength) };
    }
    return { kind: 'line', bytes: Buffer.concat(parts, sizeBytes) };
  }
}
