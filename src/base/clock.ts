/** The time, passed in so that tests can set it. */
export interface Clock {
  /** Unix time in milliseconds. */
  nowMs(): number;
  /** A steady counter in milliseconds, for durations only. */
  steadyMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now(), steadyMs: () => performance.now() };

/** A steady counter in milliseconds that is the same one in all threads of a process. */
export const sharedSteadyMs = (): number => Number(process.hrtime.bigint()) / 1e6;
