/** The time, passed in so that tests can set it. */
export interface Clock {
  /** Unix time in milliseconds. */
  nowMs(): number;
  /** A steady counter in milliseconds, for durations only. */
  steadyMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now(), steadyMs: () => performance.now() };
