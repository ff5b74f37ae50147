/**
 * Memory for the blocks of an index. A block is written once and abandoned when its folder changes; compaction copies
 * live blocks.
 */
import { letterBit } from './query.ts';
import { BLOCK_HEADER, NOT_PLAIN } from './snapshot.ts';

/** Position of a block: chunk number times `LARGEST_CHUNK` plus the offset in 32-bit integers. */
export type BlockPosition = number;

/** Small, because there may be thousands of indexes with a few files each. */
const FIRST_CHUNK = 1 << 10;
const LARGEST_CHUNK = 1 << 20;
/** Maximum number of UTF-8 bytes per UTF-16 code unit. */
const MAX_BYTES_PER_UNIT = 3;
const CARRIAGE_RETURN = 0x0d;

export const chunkOf = (position: BlockPosition): number => Math.floor(position / LARGEST_CHUNK);
export const offsetOf = (position: BlockPosition): number => position % LARGEST_CHUNK;

/** Returns the block at a position. */
export function blockIn(chunks: readonly SharedArrayBuffer[], position: BlockPosition): Int32Array {
  const chunk = chunks[chunkOf(position)];
  if (chunk === undefined) throw new RangeError(`no chunk ${chunkOf(position)}`);
  return blockAt(new Int32Array(chunk), offsetOf(position));
}

function blockAt(integers: Int32Array, at: number): Int32Array {
  const count = integers[at] ?? 0;
  const lettersEnd = at + BLOCK_HEADER + 2 * count;
  const bytes = (integers[at + 1] ?? 0) + (count === 0 ? 0 : (integers[lettersEnd - 1] ?? 0));
  return integers.subarray(at, lettersEnd + Math.ceil(bytes / 4));
}

/** Appends blocks to chunks of shared memory. */
export class Arena {
  readonly #chunks: { readonly memory: SharedArrayBuffer; readonly integers: Int32Array }[] = [];
  #integers: Int32Array = new Int32Array(0);
  #bytes: Buffer = Buffer.alloc(0);
  /** First free integer of the last chunk. */
  #free = 0;
  #size = 0;
  /** The byte after the last text written. */
  #end = 0;

  get chunks(): readonly SharedArrayBuffer[] {
    return this.#chunks.map(({ memory }) => memory);
  }

  /** Integers used by blocks, including abandoned ones. */
  get size(): number {
    return this.#size;
  }

  /** Returns the chunks, trimmed to the used part, and starts over with memory of its own. */
  detachChunks(): readonly SharedArrayBuffer[] {
    const last = this.#chunks.pop();
    const out = last === undefined ? [] : [...this.chunks, last.memory.slice(0, 4 * this.#free)];
    this.#chunks.length = 0;
    if (last !== undefined) this.#chunks.push(last);
    this.#free = 0;
    this.#size = 0;
    return out;
  }

  /** Writes a block, or returns the old one if it is identical. `folder` is empty or ends in a slash. */
  write(folder: string, names: readonly string[], old?: BlockPosition): BlockPosition {
    let units = folder.length;
    for (const name of names) units += name.length;
    this.#reserve(BLOCK_HEADER + 2 * names.length + Math.ceil((MAX_BYTES_PER_UNIT * units) / 4) + 1);
    const at = this.#free;
    const lettersAt = at + BLOCK_HEADER;
    const endsAt = lettersAt + names.length;
    const integers = this.#integers;
    const start = 4 * (endsAt + names.length);
    integers[at] = names.length;
    integers[at + 2] = this.#put(folder, start);
    integers[at + 1] = this.#end - start;
    const namesStart = this.#end;
    for (let index = 0; index < names.length; index++) {
      integers[lettersAt + index] = this.#put(names[index] ?? '', this.#end);
      integers[endsAt + index] = this.#end - namesStart;
    }
    const length = Math.ceil(this.#end / 4) - at;
    this.#bytes.fill(0, this.#end, 4 * (at + length));
    if (old !== undefined && isSame(integers.subarray(at, at + length), this.block(old))) return old;
    return this.#take(length);
  }

  /** Copies a block from another arena. */
  copy(block: Int32Array): BlockPosition {
    this.#reserve(block.length);
    this.#integers.set(block, this.#free);
    return this.#take(block.length);
  }

  /** Returns the block at a position. */
  block(position: BlockPosition): Int32Array {
    return blockAt(this.#integersAt(position), offsetOf(position));
  }

  /** Number of names in the block at a position. */
  fileCount(position: BlockPosition): number {
    return this.#integersAt(position)[offsetOf(position)] ?? 0;
  }

  #integersAt(position: BlockPosition): Int32Array {
    const chunk = this.#chunks[chunkOf(position)];
    if (chunk === undefined) throw new RangeError(`no chunk ${chunkOf(position)}`);
    return chunk.integers;
  }

  /** Writes text and returns its letters; `#end` then points to the byte after it. */
  #put(text: string, start: number): number {
    const bytes = this.#bytes;
    let letters = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit >= 0x80 || unit === CARRIAGE_RETURN) {
        this.#end = start + bytes.write(text, start);
        return NOT_PLAIN;
      }
      bytes[start + at] = unit;
      letters |= letterBit(unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit);
    }
    this.#end = start + text.length;
    return letters;
  }

  #take(length: number): BlockPosition {
    const at = this.#free;
    this.#free += length;
    this.#size += length;
    return (this.#chunks.length - 1) * LARGEST_CHUNK + at;
  }

  #reserve(length: number): void {
    const isFull = this.#free + length > this.#integers.length || this.#free >= LARGEST_CHUNK;
    if (!isFull) return;
    const grown = Math.min(LARGEST_CHUNK, Math.max(FIRST_CHUNK, this.#size));
    const memory = new SharedArrayBuffer(4 * Math.max(grown, length));
    this.#integers = new Int32Array(memory);
    this.#bytes = Buffer.from(memory);
    this.#chunks.push({ memory, integers: this.#integers });
    this.#free = 0;
  }
}

function isSame(one: Int32Array, other: Int32Array): boolean {
  return one.length === other.length && one.every((integer, index) => integer === other[index]);
}
