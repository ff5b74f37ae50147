/**
 * How many files this process can still open. In: the number of descriptors that a task needs. Out: whether they are available, so
 * that a task is refused before it starts and the last descriptors remain for running ones. All threads of a process share one limit.
 * On systems other than Linux the limit is unknown and there is always room.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { supports } from './platform.ts';

const LIMIT_LINE = /^Max open files\s+(\d+)/m;
/** Failures of one process, and of the whole machine. */
const CODES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE']);
/** Depth limit for chains of causes, which may be cyclic. */
const MOST_CAUSES = 8;
/** Node's message for a thread that could not be started. */
const THREAD_NOT_STARTED = /^Worker initialization failure: E[MN]FILE$/;

/** Reading the limit takes five times as long as counting, and it hardly ever changes. */
const LIMIT_IS_FRESH_MS = 1_000;

/** Newer kernels report the count as the folder's size, which takes no descriptor. */
function countOpen(): number {
  const { size } = statSync('/proc/self/fd');
  return size > 0 ? size : readdirSync('/proc/self/fd').length;
}

/** Caches the limit for frequent callers. */
export class Descriptors {
  #limit: { readonly count: number; readonly readMs: number } | null = null;

  /** Whether so many more files can be opened. */
  hasRoomFor(count: number): boolean {
    if (!supports('descriptorCount')) return true;
    try {
      const wanted = countOpen() + count;
      return wanted <= this.#limitOf(LIMIT_IS_FRESH_MS) || wanted <= this.#limitOf(0);
    } catch (error) {
      return !isOutOfDescriptors(error);
    }
  }

  /** Of this process, no older than `maxAgeMs`; infinite if unknown. */
  #limitOf(maxAgeMs: number): number {
    const nowMs = performance.now();
    if (this.#limit !== null && nowMs - this.#limit.readMs < maxAgeMs) return this.#limit.count;
    const found = LIMIT_LINE.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    const count = found === undefined ? Number.POSITIVE_INFINITY : Number(found);
    this.#limit = { count, readMs: nowMs };
    return count;
  }
}

/** Whether so many more files can be opened. */
export const hasRoomFor = (count: number): boolean => new Descriptors().hasRoomFor(count);

/** The error text for a client. `doing` follows the word "cannot". */
export const tooManyFilesText = (doing: string): string =>
  `cannot ${doing}: too many open files. Let turns, commands and searches end or archive threads, or start the server with a ` +
  'higher limit (ulimit -n)';

/** Whether this failed only because too many files are open, directly or by its cause: it may work later. */
export function isOutOfDescriptors(error: unknown): boolean {
  let looked = error;
  for (let depth = 0; depth < MOST_CAUSES && looked instanceof Error; depth += 1) {
    if ('code' in looked && (CODES.has(looked.code) || looked.code === 'too-many-files')) return true;
    if (THREAD_NOT_STARTED.test(looked.message)) return true;
    looked = looked.cause;
  }
  return false;
}
