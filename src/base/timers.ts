/** Valid durations for timers. Pure. */

/** The longest delay of Node's timers, some 25 days; they treat a longer one as zero. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A delay for `setTimeout`: limited to the longest one; zero if negative or not a number. */
export const timerMs = (delayMs: number): number =>
  Number.isNaN(delayMs) ? 0 : Math.min(Math.max(delayMs, 0), LONGEST_TIMER_MS);
