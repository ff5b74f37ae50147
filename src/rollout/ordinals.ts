/** The numbers of lines: which one the next line gets, whatever has become of the lines before it. */
import { readSync } from 'node:fs';
import { decodeEntry } from './format.ts';
import type { RawLine } from './line-scan.ts';
import { StoredLines } from './read.ts';

const CHUNK_BYTES = 1 << 18;
/** Numbers beyond this cannot be counted on from exactly for as long as a thread may grow. */
const HIGHEST = Number.MAX_SAFE_INTEGER - 2 ** 40;

/** Sees all lines of a thread, in any order. */
export class OrdinalScan {
  /** Of the next line: behind the highest, so that gaps, doubles and lines without a number do no harm. */
  next = 0;
  /** Whether a line of the thread's own file has a number. */
  isNumbered = false;
  /** Whether a number is too high to be counted on from: what is added behind it would be passed over. */
  isBeyond = false;
  readonly #ownOffset: number;

  constructor(ownOffset: number) {
    this.#ownOffset = ownOffset;
  }

  take(line: RawLine): void {
    const { ordinal } = line;
    if (ordinal === null) return;
    this.isBeyond ||= ordinal > HIGHEST;
    if (this.isBeyond) return;
    this.next = Math.max(this.next, ordinal + 1);
    this.isNumbered ||= line.offset >= this.#ownOffset;
  }
}

/** The same for the lines behind a place in an open file. Throws the file system's error. */
export function nextOrdinalIn(fd: number, fromOffset: number, next: number): number {
  const splitter = new StoredLines();
  let highest = next;
  for (let offset = fromOffset; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const sizeBytes = readSync(fd, chunk, 0, CHUNK_BYTES, offset);
    offset += sizeBytes;
    const rest = sizeBytes === 0 ? splitter.end() : null;
    for (const line of sizeBytes === 0 ? [rest] : splitter.push(chunk.subarray(0, sizeBytes))) {
      if (typeof line === 'string') highest = Math.max(highest, ordinalOf(line) + 1);
    }
    if (sizeBytes === 0) return highest;
  }
}

/** -1 for a line without one. Lines of kinds that nobody knows have theirs, too. */
function ordinalOf(line: string): number {
  const known = decodeEntry(line)?.ordinal;
  const [, digits] = /^\{"timestamp":"[^"]*","ordinal":(\d{1,15}),/.exec(line) ?? [];
  return known ?? (digits === undefined ? -1 : Number(digits));
}
