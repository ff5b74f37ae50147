/**
 * The file system as the search threads see it. Every call is recorded in shared memory while it runs, so that
 * another thread can see which folder a thread is stuck at. Folders that are known not to respond are skipped.
 *
 * In: calls, and the path of each. Out: their results. Owns the memory that holds the current call.
 */

import { isWithin } from '../base/paths.ts';
import type { CallMemory } from '../contract/search-messages.ts';
import { callIntegers, callMemory, HEADER_BYTES, NUMBER, PATH_BYTES, THREAD } from './current-call.ts';

/** No descriptor is available. A later attempt may succeed. */
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
  /** The path that is in the memory. */
  #path = '';

  constructor(memory: CallMemory = callMemory(), unreadable: readonly string[] = [], threadId = 0) {
    this.#integers = callIntegers(memory);
    this.#bytes = Buffer.from(memory);
    this.#unreadable = unreadable;
    Atomics.store(this.#integers, THREAD, threadId);
  }

  /** Paths to skip, including everything below them; without a trailing separator. */
  get unreadable(): readonly string[] {
    return this.#unreadable;
  }

  avoid(unreadable: readonly string[]): void {
    this.#unreadable = unreadable;
  }

  /**
   * Returns the result of a call about a path; undefined, without calling, if the path is to be skipped. Throws what
   * the call throws, or `OutOfDescriptors`.
   */
  ask<T>(path: string, call: () => T): T | undefined {
    if (this.#unreadable.length > 0 && this.avoids(path)) return undefined;
    const integers = this.#integers;
    if (path !== this.#path) {
      this.#path = path;
      integers[PATH_BYTES] = this.#bytes.write(path, HEADER_BYTES);
    }
    // Plain writes are good enough for other threads, and there are many calls.
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
