/** How V8 treats the code of this process's threads. */
import { setFlagsFromString } from 'node:v8';

/**
 * Bytes of code that a function runs before V8 optimises it; its own choice is a ninth of that. Here several threads run the same
 * code for a short while, and each optimises for itself: measured, a first search of 78,000 files took a quarter longer for it, while
 * the processors were busy with code that was hardly used any more; and with many turns at once a small request waited up to a third
 * longer. It costs a tenth of the deltas a second.
 */
const OPTIMISE_AFTER_BYTES = 600_000;

/**
 * To be called when the threads that it is for have started, not before: Node's own modules come with what V8 made of them, and
 * with any flag changed V8 makes it all anew, which takes three times as long.
 */
export const tuneThreads = (): void => setFlagsFromString(`--interrupt-budget=${OPTIMISE_AFTER_BYTES}`);
