import { constants } from 'node:buffer';

const NEWLINE = 0x0a;

/** A line as it stood in the stream, without its newline; or one that no text can hold, of which only the length is kept. */
export type Line =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'oversized'; readonly sizeBytes: number };

/**
 * Splits a byte stream into lines. Each byte is searched once and a line is copied at most once, however many chunks it
 * came in. Holds the beginning of the unfinished line.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #partBytes = 0;

  /** Longer lines than `maxBytes` are skipped and reported; the default is what a string can hold. */
  constructor(maxBytes: number = constants.MAX_STRING_LENGTH) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk, in order. */
  *push(chunk: Uint8Array): Generator<Line> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, end));
      yield this.#take();
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** What stands after the last newline, if anything. */
  *end(): Generator<Line> {
    if (this.#partBytes > 0) yield this.#take();
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#partBytes += part.length;
    if (this.#partBytes > this.#maxBytes) this.#parts = [];
    else this.#parts.push(part);
  }

  #take(): Line {
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
