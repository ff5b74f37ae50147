/**
 * Two layers of retries: `withRetries` repeats one request silently; `streamRetryDelayMs` paces the visible attempts
 * of a turn.
 */
import { delay } from '../base/abort.ts';
import type { UpstreamFailure } from './types.ts';

/** First delay in milliseconds; doubles with each attempt. Observed on codex app-server 0.94.0. */
const FIRST_DELAY_MS = 200;
/** Random share by which a delay varies, so that many clients do not come back at once. */
const JITTER = 0.1;
/** Unlimited doubling would exceed the range of a timer. */
const MAX_DELAY_MS = 2 ** 30;

/** 200 ms × 2^(attempt − 1), ± 10 %. `attempt` counts from 1, `random` returns [0, 1). */
export function backOffMs(attempt: number, random: () => number): number {
  const factor = 1 - JITTER + 2 * JITTER * random();
  return Math.min(MAX_DELAY_MS, Math.round(FIRST_DELAY_MS * 2 ** (attempt - 1) * factor));
}

/** The delay before stream attempt `attempt` (from 1): what the service asked for, else the back-off. */
export const streamRetryDelayMs = (attempt: number, failure: UpstreamFailure, random: () => number): number =>
  failure.retryAfterMs === null ? backOffMs(attempt, random) : Math.min(MAX_DELAY_MS, failure.retryAfterMs);

export interface RetryOptions<T> {
  readonly maxRetries: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Whether the outcome of `attempt` requires another one. It closes a result that is dropped. */
  readonly shouldRetry: (outcome: T) => Promise<boolean>;
}

/** Runs `attempt` until no retry is needed or `maxRetries` are used up. Rejects with the signal's reason. */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions<T>): Promise<T> {
  for (let retry = 1; ; retry += 1) {
    options.signal.throwIfAborted();
    const outcome = await attempt();
    if (retry > options.maxRetries || !(await options.shouldRetry(outcome))) return outcome;
    await delay(backOffMs(retry, options.random), options.signal);
  }
}
