/**
 * A version of an index as other threads read it: names as bytes in shared memory, immutable once published.
 *
 * A block contains the names of one folder. As 32-bit integers: their number, the length of the folder's path, that
 * path's letters, then the letters of each name and the end of each name in bytes from the start of the first. As
 * bytes: the path and the names, concatenated. The table lists the block of each folder.
 */

import type { Snapshot } from '../contract/search-messages.ts';
/** Integers of the table per folder: chunk of the block, position in it (in integers), number of its first file. */
export const TABLE_FIELDS = 3;

export const BLOCK_HEADER = 3;

/** Letters of text that is not plain ASCII. */
export const NOT_PLAIN = -1;

/** Reads blocks of a snapshot, one at a time. */
export class BlockReader {
  /** Number of files in the folder. */
  count = 0;
  /** Number of the folder's first file. */
  firstNumber = 0;
  /** Letters of the folder's path, or `NOT_PLAIN`. */
  folderLetters = 0;
  folderStart = 0;
  folderEnd = 0;
  /** The chunk's memory, as bytes and as integers. */
  bytes: Uint8Array = new Uint8Array(0);
  integers: Int32Array = new Int32Array(0);
  /** Positions of the letters and of the ends of names among the integers. */
  lettersAt = 0;
  endsAt = 0;
  readonly #table: Int32Array;
  readonly #chunks: readonly { readonly bytes: Buffer; readonly integers: Int32Array }[];
  #text: Buffer = Buffer.alloc(0);

  constructor(snapshot: Snapshot) {
    this.#table = new Int32Array(snapshot.table);
    this.#chunks = snapshot.chunks.map((chunk) => {
      return { bytes: Buffer.from(chunk), integers: new Int32Array(chunk) };
    });
  }

  /** Moves to the folder at that row of the table. */
  open(folder: number): void {
    const row = folder * TABLE_FIELDS;
    const chunk = this.#chunks[this.#table[row] ?? 0];
    if (chunk === undefined) throw new RangeError(`no chunk for folder ${folder}`);
    const { integers } = chunk;
    const at = this.#table[row + 1] ?? 0;
    this.bytes = chunk.bytes;
    this.#text = chunk.bytes;
    this.integers = integers;
    this.firstNumber = this.#table[row + 2] ?? 0;
    this.count = integers[at] ?? 0;
    this.folderLetters = integers[at + 2] ?? 0;
    this.lettersAt = at + BLOCK_HEADER;
    this.endsAt = this.lettersAt + this.count;
    this.folderStart = 4 * (this.endsAt + this.count);
    this.folderEnd = this.folderStart + (integers[at + 1] ?? 0);
  }

  /** Path of the folder, empty or ending in a slash. */
  folder(): string {
    return this.text(this.folderStart, this.folderEnd, this.folderLetters);
  }

  /** First byte of a name. */
  nameStart(index: number): number {
    return index === 0 ? this.folderEnd : this.nameEnd(index - 1);
  }

  /** The byte after a name. */
  nameEnd(index: number): number {
    return this.folderEnd + (this.integers[this.endsAt + index] ?? 0);
  }

  text(start: number, end: number, letters: number): string {
    return this.#text.toString(letters === NOT_PLAIN ? 'utf8' : 'latin1', start, end);
  }
}
