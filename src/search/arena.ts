/** Memory for the blocks of an index: written once each, left behind when a folder changes, moved together at times. */
import { letterBit } from './query.ts';
import { BLOCK_HEADER, NOT_PLAIN } from './snapshot.ts';

/** Where a block stands: the number of its chunk times `LARGEST_CHUNK`, and its place there in 32-bit integers. */
export type Place = number;

/** Small, for there may be thousands of indexes with a few files each. */
const FIRST_CHUNK = 1 << 10;
const LARGEST_CHUNK = 1 << 20;
/** Bytes of a UTF-16 code unit in UTF-8, at most. */
const MOST_BYTES = 3;
const CARRIAGE_RETURN = 0x0d;

export const chunkOf = (place: Place): number => Math.floor(place / LARGEST_CHUNK);
export const offsetOf = (place: Place): number => place % LARGEST_CHUNK;

/** The block at a place in some chunks. */
export function blockIn(chunks: readonly SharedArrayBuffer[], place: Place): Int32Array {
  const chunk = chunks[chunkOf(place)];
  if (chunk === undefined) throw new RangeError(`no chunk ${chunkOf(place)}`);
  return blockAt(new Int32Array(chunk), offsetOf(place));
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
  /** The byte after the text that was written last. */
  #end = 0;

  get chunks(): readonly SharedArrayBuffer[] {
    return this.#chunks.map(({ memory }) => memory);
  }

  /** Integers in use by blocks, dropped ones included. */
  get size(): number {
    return this.#size;
  }

  /** Hands its chunks out, cut to what is in use, and begins anew in memory of its own. */
  takeOut(): readonly SharedArrayBuffer[] {
    const last = this.#chunks.pop();
    const out = last === undefined ? [] : [...this.chunks, last.memory.slice(0, 4 * this.#free)];
    this.#chunks.length = 0;
    if (last !== undefined) this.#chunks.push(last);
    this.#free = 0;
    this.#size = 0;
    return out;
  }

  /** Writes a block, or returns the old one if it would be the same; `folder` is empty or ends in a slash. */
  write(folder: string, names: readonly string[], old?: Place): Place {
    let units = folder.length;
    for (const name of names) units += name.length;
    this.#reserve(BLOCK_HEADER + 2 * names.length + Math.ceil((MOST_BYTES * units) / 4) + 1);
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

  /** Copies a block of another arena. */
  copy(block: Int32Array): Place {
    this.#reserve(block.length);
    this.#integers.set(block, this.#free);
    return this.#take(block.length);
  }

  /** The block at a place. */
  block(place: Place): Int32Array {
    return blockAt(this.#integersAt(place), offsetOf(place));
  }

  /** How many names the block at a place holds. */
  fileCount(place: Place): number {
    return this.#integersAt(place)[offsetOf(place)] ?? 0;
  }

  #integersAt(place: Place): Int32Array {
    const chunk = this.#chunks[chunkOf(place)];
    if (chunk === undefined) throw new RangeError(`no chunk ${chunkOf(place)}`);
    return chunk.integers;
  }

  /** Writes text and returns its letters; `#end` is then the byte after it. */
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

  #take(length: number): Place {
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
