/**
 * Events in which codex of today stores turns and items, to the lines that we store them as. Observed on codex app-server
 * 0.171.0. Pure.
 */
import * as s from '../base/json/schema.ts';
import type { ThreadItem } from '../protocol/items.ts';
import type { CodexErrorInfo, TurnError } from '../protocol/turns.ts';
import { CurrentItem, PatchEvent, SearchEvent } from './current-items.ts';
import type { CurrentLine } from './entries.ts';

/** null for events that tell of no turn and no item, or of one that nobody here knows. */
export function decodeCurrentLine(raw: s.JsonRecord, isNumbered: boolean): CurrentLine | null {
  // A plan without times was stored by 0.94, or by us.
  const isPlain = raw.type === 'item_completed' && !isNumbered && typeof raw.completed_at_ms !== 'number';
  const event = isPlain ? null : s.readOrNull(CurrentEvent, raw);
  return event === null ? null : { raw, ...event };
}

const WORDS: ReadonlyMap<string, CodexErrorInfo> = new Map([
  ['context_window_exceeded', 'contextWindowExceeded'],
  ['usage_limit_exceeded', 'usageLimitExceeded'],
  ['internal_server_error', 'internalServerError'],
  ['unauthorized', 'unauthorized'],
  ['bad_request', 'badRequest'],
  ['thread_rollback_failed', 'threadRollbackFailed'],
  ['sandbox_error', 'sandboxError'],
]);

const Status = s.changed(
  s.object({ http_status_code: s.orNull(s.number) }),
  ({ http_status_code: httpStatusCode }) => ({
    httpStatusCode,
  }),
);

const ErrorObject = s.object({
  http_connection_failed: s.orNull(Status),
  response_stream_connection_failed: s.orNull(Status),
  response_stream_disconnected: s.orNull(Status),
  response_too_many_failed_attempts: s.orNull(Status),
});

/** Kinds that this generation of clients does not know are `other`. */
const ErrorInfo = s.either(
  s.changed(s.string, (word) => WORDS.get(word) ?? 'other'),
  s.changed(ErrorObject, (info): CodexErrorInfo => {
    if (info.http_connection_failed !== null) return { httpConnectionFailed: info.http_connection_failed };
    if (info.response_stream_connection_failed !== null) {
      return { responseStreamConnectionFailed: info.response_stream_connection_failed };
    }
    if (info.response_stream_disconnected !== null) {
      return { responseStreamDisconnected: info.response_stream_disconnected };
    }
    if (info.response_too_many_failed_attempts !== null) {
      return { responseTooManyFailedAttempts: info.response_too_many_failed_attempts };
    }
    return 'other';
  }),
);

const StoredError = s.changed(
  s.object({
    message: s.otherwise(s.string, ''),
    codex_error_info: s.omitted(s.otherwise(ErrorInfo, 'other')),
    additional_details: s.orNull(s.string),
  }),
  ({ message, codex_error_info: info, additional_details: additionalDetails }): TurnError => ({
    message,
    codexErrorInfo: info ?? null,
    additionalDetails,
  }),
);

/** What an event tells beside itself. */
type Told = CurrentLine extends infer L ? (L extends CurrentLine ? Omit<L, 'raw'> : never) : never;

const itemEvent = ({ turn_id, item }: { turn_id: string | null; item: ThreadItem }): Told => ({
  type: 'item_completed',
  turn_id,
  item,
});

const CurrentEvent: s.Schema<Told> = s.variants('type', {
  task_started: s.changed(s.object({ turn_id: s.string }), ({ turn_id }): Told => ({ type: 'turn_started', turn_id })),
  task_complete: s.changed(
    s.object({ turn_id: s.string, error: s.orNull(StoredError) }),
    ({ turn_id, error }): Told => ({
      type: 'turn_completed',
      turn_id,
      status: error === null ? 'completed' : 'failed',
      error,
    }),
  ),
  /** Files of 0.94 have no turn's id here. */
  turn_aborted: s.changed(
    s.object({ turn_id: s.string }),
    ({ turn_id }): Told => ({ type: 'turn_completed', turn_id, status: 'interrupted', error: null }),
  ),
  item_completed: s.changed(s.object({ turn_id: s.string, item: CurrentItem }), itemEvent),
  patch_apply_end: s.changed(PatchEvent, itemEvent),
  web_search_end: s.changed(SearchEvent, itemEvent),
});
/** The reverse: an error as codex of today stores it. */
export function storedError({ message, codexErrorInfo, additionalDetails }: TurnError): object {
  return {
    message,
    codex_error_info: codexErrorInfo === null ? null : storedInfo(codexErrorInfo),
    ...(additionalDetails === null ? {} : { additional_details: additionalDetails }),
  };
}

function storedInfo(info: CodexErrorInfo): unknown {
  if (typeof info === 'string') return [...WORDS].find(([, ours]) => ours === info)?.[0] ?? 'other';
  const status = (value: { httpStatusCode?: number | null }): object => ({
    http_status_code: value.httpStatusCode ?? null,
  });
  if ('httpConnectionFailed' in info) return { http_connection_failed: status(info.httpConnectionFailed) };
  if ('responseStreamConnectionFailed' in info) {
    return { response_stream_connection_failed: status(info.responseStreamConnectionFailed) };
  }
  if ('responseStreamDisconnected' in info) {
    return { response_stream_disconnected: status(info.responseStreamDisconnected) };
  }
  if ('responseTooManyFailedAttempts' in info) {
    return { response_too_many_failed_attempts: status(info.responseTooManyFailedAttempts) };
  }
  return 'other';
}
