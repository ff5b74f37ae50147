/**
 * How many files this process can still open. In: a number of descriptors that some work needs. Out: an error in words before the
 * work begins, so that the last descriptors are left to what runs already; every thread of the process counts the same ones. Where
 * the system does not tell (anywhere but on Linux) there is always room.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { supports } from './platform.ts';

const LIMIT_LINE = /^Max open files\s+(\d+)/m;
/** Failures of one process, and of the whole machine. */
const CODES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE']);
/** Of causes, which may be wound round each other. */
const MOST_CAUSES = 8;
/** What Node says of a thread that could not be started. */
const THREAD_NOT_STARTED = /^Worker initialization failure: E[MN]FILE$/;

/** Looking at it takes five times as long as counting, and it hardly ever changes. */
const LIMIT_IS_FRESH_MS = 1_000;

/** Newer kernels say it as the folder's size, which takes no descriptor and no time. */
function countOpen(): number {
  const { size } = statSync('/proc/self/fd');
  return size > 0 ? size : readdirSync('/proc/self/fd').length;
}

/** For those who ask often: remembers the limit for a moment. */
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

  /** Of this process, no older than `maxAgeMs`; infinite where the system does not tell. */
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

/** What is said to whoever asked for more than there is room for. `doing` goes on from "cannot". */
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
