/** Times that timers keep. Pure. */

/** The longest that Node's timers wait, some 25 days; whatever is longer they take for no time at all. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A time for `setTimeout`: as asked for, as long as it can be, or none where it is negative or no number. */
export const timerMs = (delayMs: number): number =>
  Number.isNaN(delayMs) ? 0 : Math.min(Math.max(delayMs, 0), LONGEST_TIMER_MS);
