/**
 * Maps an unsuccessful HTTP response to a failure of the turn. In: status, headers, body. Out: one `UpstreamFailure`.
 */
import { STATUS_CODES } from 'node:http';
import * as s from '../base/json/schema.ts';
import { contextWindowExceeded, failure, invalidImage } from './errors.ts';
import { recordIn } from './json-text.ts';
import { headerOf, type ResponseHeaders, rateLimitsOf } from './rate-limits.ts';
import { errorInBody, faultOf, truncated } from './service-errors.ts';
import type { UpstreamFailure } from './types.ts';
import { roughDuration, USAGE_NOT_INCLUDED, usageLimitMessage } from './usage-limit.ts';

export interface HttpFailure {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: string;
  /** The source, fit for the client. */
  readonly url: string;
  readonly nowMs: number;
  readonly timeZone: string | undefined;
}

/** More bytes than the service accepts; in a conversation, nearly all of them are images. */
const TOO_LARGE = 413;

/** Statuses that blame the request. */
const FAULT_STATUSES: ReadonlySet<number> = new Set([400, 404, 413, 415, 422]);

export function httpFailure(answer: HttpFailure): UpstreamFailure {
  const { status, body } = answer;
  const error = errorInBody(body);
  const fault = FAULT_STATUSES.has(status) ? faultOf(error) : null;
  if (fault === 'contextWindow') return contextWindowExceeded(status);
  if (fault === 'invalidImage') return invalidImage(error.message, status);
  if (status === 400) {
    return failure({ message: body.trim() === '' ? unexpectedStatus(answer) : truncated(body), status });
  }
  if (status === 401) {
    // A provider that refuses a key often quotes it, so its text is not passed on.
    return failure({
      message: `unexpected status 401 Unauthorized: `,
      info: 'unauthorized',
      status,
      reason: 'unauthorized',
    });
  }
  if (status === 429) return tooMany(answer);
  if (status === 500) {
    const message = 'The model service is under high demand and could not answer. Please try again.';
    return failure({ message, info: 'internalServerError', status, retryable: true });
  }
  const reason = status === TOO_LARGE ? 'tooLarge' : 'other';
  return failure({ message: unexpectedStatus(answer), status, noticeStatus: status, retryable: true, reason });
}

/** `unexpected status 404 Not Found: <body>, url: <url>, request id: <id>`. */
export function unexpectedStatus(answer: HttpFailure): string {
  const { status, body, url } = answer;
  const blocked = status === 403 && body.includes('Cloudflare') && body.includes('blocked');
  const source = `url: ${url}${requestId(answer.headers)}`;
  if (blocked)
    return `Access blocked by Cloudflare. Another network may help (status ${statusText(status)}), ${source}`;
  return `unexpected status ${statusText(status)}: ${truncated(body)}, ${source}`;
}

function tooMany(answer: HttpFailure): UpstreamFailure {
  const { headers, status } = answer;
  const model = headerOf(headers, 'x-codex-model-cap-model');
  if (model !== undefined) return modelAtCapacity(model, headers);
  const error = s.readOrNull(LimitError, recordIn(answer.body)?.error);
  if (error?.type === 'usage_limit_reached') {
    const message = usageLimitMessage({
      planType: error.plan_type,
      resetsAtSec: unixSeconds(error.resets_at),
      promo: headerOf(headers, 'x-codex-promo-message')?.trim() || null,
      nowMs: answer.nowMs,
      timeZone: answer.timeZone,
    });
    return failure({ message, info: 'usageLimitExceeded', status, rateLimits: rateLimitsOf(headers) });
  }
  if (error?.type === 'usage_not_included') {
    return failure({ message: USAGE_NOT_INCLUDED, info: 'usageLimitExceeded', status });
  }
  const words = errorInBody(answer.body).message?.trim() ?? '';
  const quoted = words === '' || words.startsWith('<') ? '' : `; the service says: ${words}`;
  const message = `exceeded retry limit, last status: ${statusText(status)}${requestId(headers)}${quoted}`;
  return failure({ message, info: { responseTooManyFailedAttempts: { httpStatusCode: status } }, status });
}

function modelAtCapacity(model: string, headers: ResponseHeaders): UpstreamFailure {
  const text = headerOf(headers, 'x-codex-model-cap-reset-after-seconds')?.trim() ?? '';
  const seconds = /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;
  const when = seconds === null ? 'later' : `in ${roughDuration(seconds)}`;
  const message = `The model ${model} is at capacity. Choose another model, or try again ${when}.`;
  return failure({ message, info: { modelCap: { model, reset_after_seconds: seconds } }, status: 429 });
}

const LimitError = s.object({ type: s.anything, plan_type: s.orNull(s.string), resets_at: s.anything });

/** Seconds that a date can represent; anything else counts as absent. */
const unixSeconds = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 8.64e12 ? value : null;

function requestId(headers: ResponseHeaders): string {
  const names = ['cf-ray', 'x-request-id', 'x-oai-request-id'];
  const id = names.map((name) => headerOf(headers, name)).find((value) => value !== undefined);
  return id === undefined ? '' : `, request id: ${id}`;
}

function statusText(status: number): string {
  const reason = status === 418 ? "I'm a teapot" : (STATUS_CODES[status] ?? '<unknown status code>');
  return `${status} ${reason}`;
}
