/**
 * The file system call that a thread is in, as other threads see it: a few bytes of shared memory per thread, written
 * by `Disk`. No state of its own.
 */

import type { CallMemory } from '../contract/search-messages.ts';
/**
 * Integers of the memory: the number of the call (odd while it is running), the byte length of its path, the thread
 * id.
 */
export const NUMBER = 0;
export const PATH_BYTES = 1;
export const THREAD = 2;
export const HEADER_BYTES = 3 * Int32Array.BYTES_PER_ELEMENT;
/** The system accepts no longer paths: a call with one returns at once. */
const MAX_PATH_BYTES = 4_096;

export const callMemory = (): CallMemory => new SharedArrayBuffer(HEADER_BYTES + MAX_PATH_BYTES);

export const callIntegers = (memory: CallMemory): Int32Array => new Int32Array(memory, 0, 3);

/** A call that has not returned. */
export interface CurrentCall {
  /** Unique among the calls of the thread until the number wraps. */
  readonly number: number;
  readonly path: string;
}

/** The call that a thread is in; undefined if there is none. */
export function currentCall(memory: CallMemory): CurrentCall | undefined {
  const integers = callIntegers(memory);
  const number = Atomics.load(integers, NUMBER);
  if (number % 2 === 0) return undefined;
  const path = Buffer.from(memory, HEADER_BYTES, integers[PATH_BYTES]).toString();
  return Atomics.load(integers, NUMBER) === number ? { number, path } : undefined;
}

/** The thread that writes to this memory; 0 until there is one. */
export const writerThreadOf = (memory: CallMemory): number => Atomics.load(callIntegers(memory), THREAD);
