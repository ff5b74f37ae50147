/**
 * The file system as the threads of a search see it: every call is noted in shared memory while it lasts, so that another thread can
 * tell which folder one is stuck at, and nobody goes near folders that are known not to answer.
 *
 * In: calls, and the path that each is about. Out: what they return. Owns the memory that says which call is on.
 */
import type { CallMemory } from '../contract/search-messages.ts';
import { callIntegers, callMemory, HEADER_BYTES, isWithin, NUMBER, PATH_BYTES, THREAD } from './current-call.ts';

/** There is no room for another descriptor: what cannot be read now may be read later. */
export class OutOfDescriptors extends Error {
  constructor() {
    super('no more files can be opened');
    this.name = 'OutOfDescriptors';
  }
}

const NO_ROOM = ['EMFILE', 'ENFILE', 'ENOMEM'];

const isNoRoom = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && NO_ROOM.some((code) => code === error.code);

export class Disk {
  readonly #integers: Int32Array;
  readonly #bytes: Buffer;
  #unreadable: readonly string[];
  #number = 0;
  /** Whose bytes are in the memory. */
  #path = '';

  constructor(memory: CallMemory = callMemory(), unreadable: readonly string[] = [], threadId = 0) {
    this.#integers = callIntegers(memory);
    this.#bytes = Buffer.from(memory);
    this.#unreadable = unreadable;
    Atomics.store(this.#integers, THREAD, threadId);
  }

  /** Paths that are not to be touched, nor anything below them; without a separator at their ends. */
  get unreadable(): readonly string[] {
    return this.#unreadable;
  }

  avoid(unreadable: readonly string[]): void {
    this.#unreadable = unreadable;
  }

  /**
   * What a call about a path returns; undefined, without calling, when the path is not to be touched. Throws what it throws, and
   * `OutOfDescriptors`.
   */
  ask<T>(path: string, call: () => T): T | undefined {
    if (this.#unreadable.length > 0 && this.avoids(path)) return undefined;
    const integers = this.#integers;
    if (path !== this.#path) {
      this.#path = path;
      integers[PATH_BYTES] = this.#bytes.write(path, HEADER_BYTES);
    }
    // Plain numbers are good enough to look at from outside, and there are many calls.
    this.#number += 2;
    integers[NUMBER] = this.#number - 1;
    try {
      return call();
    } catch (error) {
      throw isNoRoom(error) ? new OutOfDescriptors() : error;
    } finally {
      integers[NUMBER] = this.#number;
    }
  }

  avoids(path: string): boolean {
    return this.#unreadable.some((top) => isWithin(path, top));
  }
}
