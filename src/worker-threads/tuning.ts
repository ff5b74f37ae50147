/** How V8 treats the code of this process's threads. */
import { setFlagsFromString } from 'node:v8';

/**
 * Bytes of code that a function runs before V8 optimises it; its own choice is a ninth of that. Here several threads run the same
 * code for a short while, and each optimises for itself: measured, a first search of 78,000 files took a quarter longer for it, while
 * the processors were busy with code that was hardly used any more; and with many turns at once a small request waited up to a third
 * longer. It costs a tenth of the deltas a second.
 */
const OPTIMISE_AFTER_BYTES = 600_000;

/** V8 of Node 20. Later versions do not have the flag, and write an error to stderr when they are given one they do not know. */
const HAS_INTERRUPT_BUDGET = /^11\.3\./;

/** The flag for a version of V8, in the form of `process.versions.v8`; null when it has none that is known to help. */
export const tuningFlag = (v8Version: string): string | null =>
  HAS_INTERRUPT_BUDGET.test(v8Version) ? `--interrupt-budget=${OPTIMISE_AFTER_BYTES}` : null;

/**
 * To be called when the threads that it is for have started, not before: Node's own modules come with what V8 made of them, and
 * with any flag changed V8 makes it all anew, which takes three times as long.
 */
export function tuneThreads(): void {
  const flag = tuningFlag(process.versions.v8);
  if (flag !== null) setFlagsFromString(flag);
}
