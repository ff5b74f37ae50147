/**
 * The ways a request can fail. In: what went wrong on the wire. Out: `UpstreamFailure`, everything a client gets
 * about it. `http-errors.ts` handles HTTP statuses; this file handles failures before and after them.
 */
import { isRecord } from '../base/json/schema.ts';
import { MAX_EVENT_LENGTH, MAX_ITEM_LENGTH, MAX_OPEN_ITEMS, MAX_RESPONSE_LENGTH } from './bounds.ts';
import { faultOf, type ServiceError, serviceErrorOf } from './service-errors.ts';
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

/** A failure with defaults for all other fields: `other`, not retried. */
export const failure = (fields: Partial<UpstreamFailure> & { readonly message: string }): UpstreamFailure => ({
  ...BASE,
  ...fields,
});

const DISCONNECTED = 'stream disconnected before completion: ';

/** A failure after which the same request may simply be sent again. */
export const disconnected = (why: string, fields: Partial<UpstreamFailure> = {}): UpstreamFailure =>
  failure({ message: DISCONNECTED + why, retryable: true, ...fields });

export const closedEarly = (): UpstreamFailure => disconnected('stream closed before response.completed');
export const timedOut = (): UpstreamFailure => disconnected('idle timeout waiting for SSE');
export const cutInBody = (): UpstreamFailure => disconnected('the connection broke while the body was being read');
export const sendFailed = (url: string, code: string | null): UpstreamFailure =>
  disconnected(`the request to ${url} could not be sent${code === null ? '' : ` (${code})`}`);
/** The response is not a stream, or not a usable one. */
export const unexpectedAnswer = (message: string): UpstreamFailure => failure({ message, retryable: true });
/** `problem` is why an item was refused. */
export const unreadableItem = (problem: string): UpstreamFailure =>
  unexpectedAnswer(`the model service sent ${problem}, which cannot be used`);
export const emptyResponse = (): UpstreamFailure =>
  unexpectedAnswer('the model service completed its response without any output');

const MB = 1024 * 1024;
/** Not retried, because the service would send as much again. */
const tooMuch = (what: string): UpstreamFailure => failure({ message: `the model service sent ${what}` });

export const eventTooLarge = (): UpstreamFailure =>
  tooMuch(`a single event of more than ${MAX_EVENT_LENGTH / MB} MB, the size limit`);
export const itemTooLarge = (type: string, length: number): UpstreamFailure =>
  tooMuch(`a ${type} of ${(length / MB).toFixed(1)} MB or more; the size limit is ${MAX_ITEM_LENGTH / MB} MB`);
export const responseTooLarge = (): UpstreamFailure =>
  tooMuch(`a response of more than ${MAX_RESPONSE_LENGTH / MB} MB, the size limit`);
export const tooManyOpenItems = (): UpstreamFailure =>
  tooMuch(`more than ${MAX_OPEN_ITEMS} items at once, none of them finished`);

/** The response continues without content. */
export const stalled = (): UpstreamFailure => disconnected('the stream goes on without an answer in it');
export const noAnswer = (limitMs: number): UpstreamFailure =>
  failure({ message: `no answer began within ${Math.round(limitMs / 1000)} s` });
/** The provider uses the other API. */
export const chatInstead = (): UpstreamFailure =>
  failure({
    message:
      'the model service answers in the form of Chat Completions; set wire_api = "chat" for this provider, or use its address for the Responses API',
  });

export const missingEnvironmentVariable = (name: string, instructions: string | null): UpstreamFailure =>
  failure({ message: `Missing environment variable: \`${name}\`.${instructions === null ? '' : ` ${instructions}`}` });

/** The message for a conversation that no longer fits. */
const CONTEXT_WINDOW =
  'Codex ran out of room: the conversation no longer fits the model. Open a new thread, or drop some of the history.';

export const contextWindowExceeded = (status: number | null = null): UpstreamFailure =>
  failure({ message: CONTEXT_WINDOW, info: 'contextWindowExceeded', reason: 'contextWindow', status });

/** `message` is the text of the service. */
export const invalidImage = (message: string | null, status: number | null): UpstreamFailure => {
  const words = message === null ? 'Take it out or send another one.' : `The model service says: ${message}`;
  return failure({
    message: `Invalid image in your last message. ${words}`,
    info: 'badRequest',
    status,
    reason: 'invalidImage',
  });
};

/** `response.failed`, classified by `response.error`. */
export function failedResponse(response: unknown): UpstreamFailure {
  const error = isRecord(response) ? serviceErrorOf(response.error) : null;
  return error === null
    ? disconnected('response.failed event received')
    : serviceFailure(error, 'response.failed event received');
}

export const cancelledResponse = (): UpstreamFailure => disconnected('the model service cancelled the response');

/** `response.incomplete`, or a completion with that status. */
export function incompleteResponse(response: unknown): UpstreamFailure {
  const details = isRecord(response) && isRecord(response.incomplete_details) ? response.incomplete_details : {};
  const reason = typeof details.reason === 'string' ? ` (${details.reason})` : '';
  return disconnected(`the response is incomplete${reason}`);
}

/** A failure that the service reports in a stream, or instead of one. `silent` is the text if it gives none. */
export function serviceFailure(error: ServiceError, silent: string): UpstreamFailure {
  const { code, message } = error;
  switch (code) {
    case 'insufficient_quota':
      return failure({ message: 'Quota exceeded. Look at your plan and its billing.', info: 'usageLimitExceeded' });
    case 'usage_not_included':
      return failure({ message: USAGE_NOT_INCLUDED, info: 'usageLimitExceeded' });
    case 'rate_limit_exceeded':
      return rateLimited(message ?? '');
  }
  const fault = faultOf(error);
  if (fault === 'contextWindow') return contextWindowExceeded();
  if (fault === 'invalidImage') return invalidImage(message, null);
  if (code === 'invalid_prompt') return failure({ message: message ?? 'Invalid request.' });
  return disconnected(message ?? (code === null ? silent : `${silent} (${code})`));
}

/** A turn that waited longer would seem stuck: it ends, and the user knows when to come back. */
const MAX_WAIT_MS = 300_000;

function rateLimited(message: string): UpstreamFailure {
  const retryAfterMs = requestedDelayMs(message);
  const isWorthWaiting = retryAfterMs === null || retryAfterMs <= MAX_WAIT_MS;
  return isWorthWaiting ? disconnected(message, { retryAfterMs }) : failure({ message });
}

/** `try again in 1.5s`, `… 200ms`, `… 3 seconds`: the wait in milliseconds, or null. */
export function requestedDelayMs(message: string): number | null {
  const found = /try again in\s*(\d+(?:\.\d+)?)\s*(ms|seconds?|s)\b/i.exec(message);
  if (found === null) return null;
  const amount = Number(found[1]);
  const delayMs = found[2]?.toLowerCase() === 'ms' ? amount : amount * 1000;
  return Number.isFinite(delayMs) ? Math.round(delayMs) : null;
}
