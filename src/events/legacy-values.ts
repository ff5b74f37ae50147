/** Values that both protocols know under different spellings. Pure. */
import type { CodexErrorInfo as LegacyErrorInfo } from '../protocol/legacy/core.ts';
import type { EventMsg } from '../protocol/legacy/events.ts';
import type { Unchanging } from '../protocol/outbound.ts';
import type { CodexErrorInfo } from '../protocol/turns.ts';

/** What an event of the older protocol says, its name included. */
export type LegacyMessage = Unchanging<EventMsg>;

const WORDS = {
  contextWindowExceeded: 'context_window_exceeded',
  usageLimitExceeded: 'usage_limit_exceeded',
  internalServerError: 'internal_server_error',
  unauthorized: 'unauthorized',
  badRequest: 'bad_request',
  threadRollbackFailed: 'thread_rollback_failed',
  sandboxError: 'sandbox_error',
  other: 'other',
} as const;

export function legacyErrorInfo(info: CodexErrorInfo): LegacyErrorInfo {
  if (typeof info === 'string') return WORDS[info];
  if ('modelCap' in info) return { model_cap: info.modelCap };
  if ('httpConnectionFailed' in info) return { http_connection_failed: status(info.httpConnectionFailed) };
  if ('responseStreamConnectionFailed' in info) {
    return { response_stream_connection_failed: status(info.responseStreamConnectionFailed) };
  }
  if ('responseStreamDisconnected' in info) {
    return { response_stream_disconnected: status(info.responseStreamDisconnected) };
  }
  return { response_too_many_failed_attempts: status(info.responseTooManyFailedAttempts) };
}

const status = ({
  httpStatusCode,
}: {
  readonly httpStatusCode: number | null;
}): { http_status_code: number | null } => ({
  http_status_code: httpStatusCode,
});

const MS_PER_SEC = 1000;
const NANOS_PER_MS = 1_000_000;

/** Milliseconds, with fractions, as whole seconds and nanoseconds. */
export function durationOf(durationMs: number): { secs: number; nanos: number } {
  const secs = Math.floor(durationMs / MS_PER_SEC);
  return { secs, nanos: Math.round((durationMs - secs * MS_PER_SEC) * NANOS_PER_MS) };
}
