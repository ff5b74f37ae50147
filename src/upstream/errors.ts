/**
 * How a request can fail. In: what went wrong on the wire. Out: `UpstreamFailure`, all that a client is told about it.
 * HTTP statuses are judged in `http-errors.ts`, here everything that happens once bytes flow, or before they do.
 */
import { isRecord } from './json.ts';
import type { UpstreamFailure } from './types.ts';
import { USAGE_NOT_INCLUDED } from './usage-limit.ts';

/** The only error, besides the reason of an abort, that leaves this folder. */
export class UpstreamError extends Error {
  readonly failure: UpstreamFailure;

  constructor(failure: UpstreamFailure, cause?: unknown) {
    super(failure.message, cause === undefined ? undefined : { cause });
    this.name = 'UpstreamError';
    this.failure = failure;
  }
}

const BASE: UpstreamFailure = {
  message: '',
  info: 'other',
  status: null,
  noticeStatus: null,
  retryable: false,
  retryAfterMs: null,
  rateLimits: null,
  reason: 'other',
};

/** A failure with everything not named left at its plainest: other, not retried. */
export const failure = (fields: Partial<UpstreamFailure> & { readonly message: string }): UpstreamFailure => ({
  ...BASE,
  ...fields,
});

const DISCONNECTED = 'stream disconnected before completion: ';

/** Anything after which the same request may simply be sent again. */
export const disconnected = (why: string, fields: Partial<UpstreamFailure> = {}): UpstreamFailure =>
  failure({ message: DISCONNECTED + why, retryable: true, ...fields });

export const closedEarly = (): UpstreamFailure => disconnected('stream closed before response.completed');
export const timedOut = (): UpstreamFailure => disconnected('idle timeout waiting for SSE');
export const cutInBody = (): UpstreamFailure => disconnected('the connection broke while the body was being read');
export const sendFailed = (url: string, code: string | null): UpstreamFailure =>
  disconnected(`the request to ${url} could not be sent${code === null ? '' : ` (${code})`}`);
export const completedWithoutId = (): UpstreamFailure =>
  disconnected('ResponseCompleted could not be parsed: missing field `id`');
export const eventTooLarge = (): UpstreamFailure => disconnected('a single event exceeded the size limit');

export const missingEnvironmentVariable = (name: string, instructions: string | null): UpstreamFailure =>
  failure({ message: `Missing environment variable: \`${name}\`.${instructions === null ? '' : ` ${instructions}`}` });

/** What a client is told when the conversation no longer fits. */
const CONTEXT_WINDOW =
  'Codex ran out of room: the conversation no longer fits the model. Open a new thread, or drop some of the history.';

export const contextWindowExceeded = (): UpstreamFailure =>
  failure({ message: CONTEXT_WINDOW, info: 'contextWindowExceeded', reason: 'contextWindow' });

/** `response.failed`, judged by `response.error.code`. */
export function failedResponse(response: unknown): UpstreamFailure {
  const error = isRecord(response) && isRecord(response.error) ? response.error : null;
  if (error === null) return disconnected('response.failed event received');
  const message = typeof error.message === 'string' ? error.message : null;
  switch (error.code) {
    case 'context_length_exceeded':
      return contextWindowExceeded();
    case 'insufficient_quota':
      return failure({ message: 'Quota exceeded. Look at your plan and its billing.', info: 'usageLimitExceeded' });
    case 'usage_not_included':
      return failure({ message: USAGE_NOT_INCLUDED, info: 'usageLimitExceeded' });
    case 'invalid_prompt':
      return failure({ message: message ?? 'Invalid request.' });
    case 'rate_limit_exceeded':
      return disconnected(message ?? '', { retryAfterMs: waitAskedFor(message ?? '') });
    default:
      return disconnected(message ?? '');
  }
}

/** `try again in 1.5s`, `… 200ms`, `… 3 seconds`: the wait in milliseconds, or null. */
export function waitAskedFor(message: string): number | null {
  const found = /try again in\s*(\d+(?:\.\d+)?)\s*(ms|seconds?|s)\b/i.exec(message);
  if (found === null) return null;
  const amount = Number(found[1]);
  const delayMs = found[2]?.toLowerCase() === 'ms' ? amount : amount * 1000;
  return Number.isFinite(delayMs) ? Math.round(delayMs) : null;
}
