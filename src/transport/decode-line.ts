/** Decodes one line. Pure. In: the bytes of a line. Out: a typed message, or the error to send for the line. */
import { isUtf8 } from 'node:buffer';
import { jsonIn } from '../base/json/parse.ts';
import { isRecord, type JsonRecord } from '../base/json/schema.ts';
import { readTopLevel } from './top-level.ts';

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

export interface BadLine {
  readonly kind: 'bad';
  readonly code: typeof PARSE_ERROR | typeof INVALID_REQUEST;
  readonly message: string;
  /** The request of ours that the line was meant to answer: it gets no other response. */
  readonly responseTo?: number;
}

export type Incoming =
  /** `idText` is the id as the client wrote it: a JSON string or a signed 64-bit integer. */
  | { readonly kind: 'request'; readonly idText: string; readonly method: string; readonly params: unknown }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly kind: 'result'; readonly id: number | string; readonly result: unknown }
  | {
      readonly kind: 'error';
      /** null: the client could not say which message of ours it answers. */
      readonly id: number | string | null;
      readonly code: number;
      readonly message: string;
      readonly data: unknown;
    }
  | { readonly kind: 'blank' }
  | BadLine;

const BLANK = /^[ \t\r]*$/;
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const bad = (code: BadLine['code'], message: string): BadLine => ({ kind: 'bad', code, message });

export const oversizedLine = (sizeBytes: number): BadLine =>
  bad(INVALID_REQUEST, `Invalid request: line of ${sizeBytes} bytes is too long`);

/** Decodes one line. First match wins: request, notification, result, error. Never throws. */
export function decodeLine(bytes: Buffer): Incoming {
  if (!isUtf8(bytes)) return bad(PARSE_ERROR, 'Parse error: line is not valid UTF-8');
  const text = bytes.toString('utf8');
  if (BLANK.test(text)) return { kind: 'blank' };
  const value = jsonIn(text);
  if (value === undefined) return bad(PARSE_ERROR, 'Parse error: line is not JSON');
  if (Array.isArray(value)) return bad(INVALID_REQUEST, 'Invalid request: batches are not supported');
  if (!isRecord(value)) return bad(INVALID_REQUEST, 'Invalid request: expected an object');
  return classify(value, text);
}

function classify(message: JsonRecord, text: string): Incoming {
  const { idText, repeated } = readTopLevel(text);
  if (repeated !== undefined) {
    const line = bad(INVALID_REQUEST, `Invalid request: duplicate field \`${repeated}\``);
    return 'method' in message ? line : malformedResponse(line, idText);
  }
  const { method, params } = message;
  if (typeof method === 'string') {
    if (idText === undefined) return { kind: 'notification', method, params };
    if (isWireId(idText)) return { kind: 'request', idText, method, params };
    return bad(INVALID_REQUEST, 'Invalid request: `id` must be a string or a 64-bit integer');
  }
  if ('method' in message) return bad(INVALID_REQUEST, 'Invalid request: `method` must be a string');
  if (!('result' in message) && !('error' in message)) {
    return bad(INVALID_REQUEST, 'Invalid request: missing field `method`');
  }
  return decodeResponse(message, idText);
}

function decodeResponse(message: JsonRecord, idText: string | undefined): Incoming {
  const id = responseId(idText);
  const { error = null } = message;
  const isResult = 'result' in message && error === null; // with both, the intent is unclear
  if (isResult && id !== null) return { kind: 'result', id, result: message.result };
  if (!('result' in message) && isRecord(error) && Number.isInteger(error.code) && typeof error.message === 'string') {
    const hasNoId = idText === undefined || idText === 'null';
    // Never answer an error without an id by another one: two peers doing so would not stop.
    if (id !== null || hasNoId) {
      return { kind: 'error', id, code: Number(error.code), message: error.message, data: error.data };
    }
  }
  return malformedResponse(bad(INVALID_REQUEST, 'Invalid request: malformed response'), idText);
}

function malformedResponse(line: BadLine, idText: string | undefined): BadLine {
  const id = responseId(idText);
  return typeof id === 'number' ? { ...line, responseTo: id } : line;
}

/** Whether a request may have this id. It is echoed as written. */
function isWireId(idText: string): boolean {
  if (idText.startsWith('"')) return true;
  if (!INTEGER.test(idText) || idText.length > 20) return false;
  const value = BigInt(idText);
  return INT64_MIN <= value && value <= INT64_MAX;
}

/** The id of a response. Our ids are small integers; other ids are returned as text and match no request of ours. */
function responseId(idText: string | undefined): number | string | null {
  if (idText === undefined || !isWireId(idText)) return null;
  return idText.startsWith('"') || idText.length > 15 ? idText : Number(idText);
}
