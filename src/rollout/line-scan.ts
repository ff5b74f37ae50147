/**
 * A rollout file's lines as bytes, in order. Memory holds one chunk, or one line where that is longer. What a line is shows
 * in its first bytes nearly always, so that most of them need not be decoded by whoever looks for something.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { closeSync, readSync } from 'node:fs';
import type { RolloutEntry } from './entries.ts';
import { decodeEntry } from './format.ts';
import { type LineShape, ordinalIn, shapeOf, UNKNOWN } from './line-shape.ts';
import { openRollout } from './rollout-file.ts';
import { type Segment, segmentsOf, type ThreadText } from './thread-text.ts';

const CHUNK_BYTES = 1 << 20;
/** Longer lines cannot be a text of this runtime; they count as broken. */
const LONGEST_LINE_BYTES = 1 << 28;
const LINE_END = 0x0a;

/** Where a line is in its thread's text, without its end. */
export interface LineSpan {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** One line, until the next one is taken: it is the same object for all. Whoever keeps a line keeps its span or its entry. */
export class RawLine implements LineSpan {
  offset = 0;
  sizeBytes = 0;
  #chunk: Buffer = Buffer.alloc(0);
  #start = 0;
  #shape: LineShape | null = null;
  #entry: RolloutEntry | null | undefined = undefined;

  /** Goes on to another line; `shape` is null when its looks tell what it is. */
  become(chunk: Buffer, start: number, span: LineSpan, shape: LineShape | null): void {
    this.#chunk = chunk;
    this.#start = start;
    this.offset = span.offset;
    this.sizeBytes = span.sizeBytes;
    this.#shape = shape;
    this.#entry = undefined;
  }

  get bytes(): Buffer {
    return this.#chunk.subarray(this.#start, this.#start + this.sizeBytes);
  }

  get shape(): LineShape {
    this.#shape ??= shapeOf(this.#chunk, this.#start, this.sizeBytes);
    return this.#shape;
  }

  /** null for a line that is broken or none that anybody knows. */
  entry(): RolloutEntry | null {
    if (this.#entry === undefined) {
      const text = utf8TextOf(this.bytes);
      this.#entry = text === null ? null : decodeEntry(text);
    }
    return this.#entry;
  }

  /** The line's number; null for one that has none. */
  get ordinal(): number | null {
    const seen = ordinalIn(this.#chunk, this.#start, this.sizeBytes);
    return seen === 'elsewhere' ? (this.entry()?.ordinal ?? null) : seen;
  }

  get isBlank(): boolean {
    return this.sizeBytes === 0 || utf8TextOf(this.bytes)?.trim() === '';
  }
}

/** null for bytes that are no UTF-8. Most lines are plain ASCII, which needs no decoding. */
export function utf8TextOf(bytes: Buffer): string | null {
  if (isAscii(bytes)) return bytes.toString('latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

export interface ScanOptions {
  readonly chunkBytes?: number;
  /** Every line's shape is `unknown`: for files whose lines are not what they seem. */
  readonly distrust?: boolean;
}

/**
 * Calls `take` with every line; blank ones too, not those that are too long. Reading a chunk is quicker than waiting for
 * somebody to read it; between two chunks others get their turn. Throws NotRegularFile, FileTooLarge and the file system's error.
 */
export async function scanLines(
  text: string | ThreadText,
  take: (line: RawLine) => void,
  options: ScanOptions = {},
): Promise<void> {
  const chosen = { chunkBytes: CHUNK_BYTES, distrust: false, ...options };
  for (const segment of segmentsOf(text)) await scanSegment(segment, take, chosen);
}

async function scanSegment(
  { path, startOffset, sizeBytes }: Segment,
  take: (line: RawLine) => void,
  options: Required<ScanOptions>,
): Promise<void> {
  const fd = openRollout(path);
  const scanner = new ChunkScanner(take, startOffset, options);
  try {
    for (let left = sizeBytes ?? Number.POSITIVE_INFINITY; left > 0; ) {
      const { buffer, at } = scanner.room();
      const readBytes = readSync(fd, buffer, at, Math.min(buffer.length - at, left), null);
      if (readBytes === 0) break;
      left -= readBytes;
      scanner.filled(readBytes);
      await nextTick();
    }
  } finally {
    closeSync(fd);
  }
  scanner.end();
}

const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One buffer that is used over and over; the beginning of an unfinished line moves to its front. */
class ChunkScanner {
  readonly #take: (line: RawLine) => void;
  readonly #chunkBytes: number;
  readonly #distrust: boolean;
  readonly #current = new RawLine();
  #buffer: Buffer;
  /** Bytes at the front that belong to a line without an end so far. */
  #held = 0;
  /** Place in the thread's text of the buffer's first byte. */
  #offset: number;
  /** The rest of a line that is too long is passed over. */
  #skipping = false;

  constructor(take: (line: RawLine) => void, offset: number, { chunkBytes, distrust }: Required<ScanOptions>) {
    this.#take = take;
    this.#offset = offset;
    this.#chunkBytes = chunkBytes;
    this.#distrust = distrust;
    this.#buffer = Buffer.allocUnsafeSlow(chunkBytes);
  }

  /** Where the next bytes go. */
  room(): { readonly buffer: Buffer; readonly at: number } {
    if (this.#held > LONGEST_LINE_BYTES) {
      this.#skipping = true;
      this.#offset += this.#held;
      this.#held = 0;
      this.#buffer = Buffer.allocUnsafeSlow(this.#chunkBytes);
    } else if (this.#held * 2 > this.#buffer.length) {
      this.#move(this.#buffer.length * 2);
    } else if (this.#held * 2 <= this.#chunkBytes && this.#buffer.length > this.#chunkBytes) {
      this.#move(this.#chunkBytes);
    }
    return { buffer: this.#buffer, at: this.#held };
  }

  #move(sizeBytes: number): void {
    const other = Buffer.allocUnsafeSlow(sizeBytes);
    this.#buffer.copy(other, 0, 0, this.#held);
    this.#buffer = other;
  }

  filled(bytesRead: number): void {
    const buffer = this.#buffer;
    const end = this.#held + bytesRead;
    let start = 0;
    for (let at = buffer.indexOf(LINE_END, this.#held); at !== -1 && at < end; at = buffer.indexOf(LINE_END, start)) {
      this.#line(start, at, this.#distrust);
      start = at + 1;
    }
    buffer.copyWithin(0, start, end);
    this.#held = end - start;
    this.#offset += start;
  }

  /** The last line when it has no end: it may be the beginning of one that is being written. */
  end(): void {
    if (this.#held > 0) this.#line(0, this.#held, true);
  }

  #line(start: number, end: number, distrust: boolean): void {
    const skipped = this.#skipping;
    this.#skipping = false;
    if (skipped) return;
    const span = { offset: this.#offset + start, sizeBytes: end - start };
    this.#current.become(this.#buffer, start, span, distrust ? UNKNOWN : null);
    this.#take(this.#current);
  }
}
