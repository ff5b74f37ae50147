/**
 * What a failure looks like on the wire. In: anything thrown by a handler. Out: code, message, data. The one table from
 * domain errors to codes is here. Failures of the operating system are told in its words, with the path; any other thrown value
 * that is neither an RpcError nor in the table is a bug and is not shown.
 */
import { isOutOfDescriptors } from '../base/descriptors.ts';
import type { ErrorCode } from '../base/error-codes.ts';
import { AppError } from '../base/errors.ts';
import { systemErrorText } from '../base/os-error.ts';

/** The client's fault, in every form: unknown method, bad params, unknown ids, invalid state. */
export const INVALID_REQUEST = -32600;
/** Ours, or the world's: files, upstream, spawning. */
export const INTERNAL_ERROR = -32603;

/** An error that goes to the client as it is. Texts that clients match on are made where the facts are known. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, options?: { readonly cause?: unknown; readonly data?: unknown }) {
    super(message, options !== undefined && 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'RpcError';
    this.code = code;
    this.data = options?.data;
  }
}

type Details = { readonly cause?: unknown; readonly data?: unknown };

/** -32600 with this message. */
export const invalidRequest = (message: string, details?: Details): RpcError =>
  new RpcError(INVALID_REQUEST, message, details);

/** -32603 with this message; only for messages that are fit for the client. */
export const internalError = (message: string, details?: Details): RpcError =>
  new RpcError(INTERNAL_ERROR, message, details);

export const NOT_INITIALIZED = 'Not initialized';
export const ALREADY_INITIALIZED = 'Already initialized';
const UNEXPECTED = 'internal error';
const SHUTTING_DOWN = 'server is shutting down';

/** The wire code of each; the error's message is sent with it. null: handled where it arises, so one that comes here is a bug. */
export const WIRE_CODES: Readonly<Record<ErrorCode, number | null>> = {
  'invalid-input': INVALID_REQUEST,
  'invalid-page': INVALID_REQUEST,
  'invalid-state': INVALID_REQUEST,
  'not-found': INVALID_REQUEST,
  conflict: INVALID_REQUEST,
  refused: INVALID_REQUEST,
  'thread-not-found': INVALID_REQUEST,
  'thread-not-loaded': INVALID_REQUEST,
  'invalid-config': INVALID_REQUEST,
  'invalid-rule': INVALID_REQUEST,
  'not-regular-file': INVALID_REQUEST,
  'file-too-large': INVALID_REQUEST,
  'out-of-bounds': INVALID_REQUEST,
  'secret-file': INVALID_REQUEST,
  'not-text': INVALID_REQUEST,
  'io-failed': INTERNAL_ERROR,
  'too-many-files': INTERNAL_ERROR,
  'rollout-unreadable': INTERNAL_ERROR,
  'rollout-lost': INTERNAL_ERROR,
  'rules-unreadable': INTERNAL_ERROR,
  'upstream-failed': INTERNAL_ERROR,
  'worker-lost': INTERNAL_ERROR,
  'search-closed': INTERNAL_ERROR,
  usage: null,
  'startup-failed': null,
  'starlark-error': null,
  'sandbox-failed': null,
};

export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export type Failure =
  | { readonly kind: 'foreseen'; readonly error: WireError }
  /** To be logged with its stack; the client learns nothing of it. */
  | { readonly kind: 'bug'; readonly error: WireError };

/** What to answer for something thrown. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof RpcError) return foreseen(thrown.code, thrown.message, thrown.data);
  const code = thrown instanceof AppError ? WIRE_CODES[thrown.code] : null;
  if (thrown instanceof AppError && code !== null) {
    // Whatever it was that could not be read: nothing is wrong with the request.
    return foreseen(isOutOfDescriptors(thrown) ? INTERNAL_ERROR : code, thrown.message, thrown.data);
  }
  const words = systemErrorText(thrown);
  if (words !== null) return foreseen(INTERNAL_ERROR, words, undefined);
  return { kind: 'bug', error: { code: INTERNAL_ERROR, message: UNEXPECTED } };
}

/** The answer to a request that the shutdown overtook. */
export const shuttingDown = (): WireError => ({ code: INTERNAL_ERROR, message: SHUTTING_DOWN });

function foreseen(code: number, message: string, data: unknown): Failure {
  return { kind: 'foreseen', error: data === undefined ? { code, message } : { code, message, data } };
}
