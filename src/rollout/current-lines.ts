/**
 * Events in which codex of today stores turns and items, to the lines that we store them as. Observed on codex app-server
 * 0.171.0. Pure.
 */
import type { CodexErrorInfo, TurnError } from '../protocol/turns.ts';
import { itemOfCurrent, patchItem, searchItem } from './current-items.ts';
import type { CurrentLine } from './entries.ts';
import { isNumber, isRecord, isString, type JsonRecord } from './json.ts';

/** null for events that tell of no turn and no item, or of one that nobody here knows. */
export function decodeCurrentLine(raw: JsonRecord, isNumbered: boolean): CurrentLine | null {
  const turnId = isString(raw.turn_id) ? raw.turn_id : null;
  switch (raw.type) {
    case 'task_started':
      return turnId === null ? null : { raw, type: 'turn_started', turn_id: turnId };
    case 'task_complete':
      return turnId === null ? null : ended(raw, turnId);
    case 'turn_aborted':
      // Files of 0.94 have no turn's id here.
      return turnId === null
        ? null
        : { raw, type: 'turn_completed', turn_id: turnId, status: 'interrupted', error: null };
    case 'item_completed':
      // A plan without times was stored by 0.94, or by us.
      return turnId !== null && (isNumbered || isNumber(raw.completed_at_ms))
        ? itemLine(raw, turnId, itemOfCurrent(raw.item))
        : null;
    case 'patch_apply_end':
      return itemLine(raw, turnId, patchItem(raw));
    case 'web_search_end':
      return itemLine(raw, turnId, searchItem(raw));
    default:
      return null;
  }
}

const itemLine = (
  raw: JsonRecord,
  turnId: string | null,
  item: ReturnType<typeof itemOfCurrent>,
): CurrentLine | null => (item === null ? null : { raw, type: 'item_completed', turn_id: turnId, item });

function ended(raw: JsonRecord, turnId: string): CurrentLine {
  const error = errorOf(raw.error);
  return { raw, type: 'turn_completed', turn_id: turnId, status: error === null ? 'completed' : 'failed', error };
}

function errorOf(error: unknown): TurnError | null {
  if (!isRecord(error)) return null;
  return {
    message: isString(error.message) ? error.message : '',
    codexErrorInfo: errorInfoOf(error.codex_error_info),
    additionalDetails: isString(error.additional_details) ? error.additional_details : null,
  };
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

/** Kinds that this generation of clients does not know are `other`. */
function errorInfoOf(info: unknown): CodexErrorInfo | null {
  if (info === undefined || info === null) return null;
  if (isString(info)) return WORDS.get(info) ?? 'other';
  if (!isRecord(info)) return 'other';
  if (isRecord(info.http_connection_failed)) return { httpConnectionFailed: statusOf(info.http_connection_failed) };
  if (isRecord(info.response_stream_connection_failed)) {
    return { responseStreamConnectionFailed: statusOf(info.response_stream_connection_failed) };
  }
  if (isRecord(info.response_stream_disconnected)) {
    return { responseStreamDisconnected: statusOf(info.response_stream_disconnected) };
  }
  if (isRecord(info.response_too_many_failed_attempts)) {
    return { responseTooManyFailedAttempts: statusOf(info.response_too_many_failed_attempts) };
  }
  return 'other';
}

const statusOf = ({ http_status_code: code }: JsonRecord): { httpStatusCode: number | null } => ({
  httpStatusCode: isNumber(code) ? code : null,
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
  if (isString(info)) return [...WORDS].find(([, ours]) => ours === info)?.[0] ?? 'other';
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
