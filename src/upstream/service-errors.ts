/**
 * What a model service says of its own failure, in whatever way. In: an `error` member, or the text of a body. Out: code
 * and words, and whether they speak of a full context window or of an image. Pure.
 */
import { headOf } from '../base/well-formed.ts';
import { isRecord, parseFirstRecord } from './json.ts';

export interface ServiceError {
  readonly code: string | null;
  readonly type: string | null;
  /** The part of the request that it is about, e.g. `input[3].content[1].image_url`. */
  readonly param: string | null;
  readonly message: string | null;
}

/** The first ones tell what is wrong. */
const MOST_FAULTS = 16;

/** More than this of a text goes into no message. In UTF-16 units. */
const SHOWN_LENGTH = 8192;

/** As much of a text as is worth showing. */
export const shown = (text: string): string => (text.length > SHOWN_LENGTH ? `${headOf(text, SHOWN_LENGTH)}…` : text);

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? shown(value) : null;

/** Reads an `error` member: a record, or a bare text. null for anything else. */
export function serviceErrorOf(value: unknown): ServiceError | null {
  if (textOf(value) !== null) return { code: null, type: null, param: null, message: textOf(value) };
  if (!isRecord(value)) return null;
  const faults = faultsIn(value.detail);
  const message = textOf(value.message) ?? textOf(value.detail) ?? textOf(value.error) ?? textOf(faults.words);
  const code = typeof value.code === 'number' ? String(value.code) : textOf(value.code);
  return { code, type: textOf(value.type), param: textOf(value.param) ?? textOf(faults.places), message };
}

const isPlain = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';

/** What servers that check requests by a schema say: `[{ loc: ["body", "input", 0], msg }]`. */
function faultsIn(detail: unknown): { readonly words: string; readonly places: string } {
  const faults = Array.isArray(detail) ? detail.filter(isRecord).slice(0, MOST_FAULTS) : [];
  const places = faults.map(({ loc }) => (Array.isArray(loc) ? loc.filter(isPlain).join('.') : ''));
  return {
    words: faults.flatMap(({ msg }, index) => (textOf(msg) === null ? [] : `${places[index]}: ${msg}`)).join('; '),
    places: places.join(' '),
  };
}

/** Reads the body of a refusal: JSON with an `error`, JSON that is one itself, or plain text. */
export function errorInBody(body: string): ServiceError {
  const record = parseFirstRecord(body);
  const found = record === null ? null : (serviceErrorOf(record.error) ?? serviceErrorOf(record));
  return found ?? { code: null, type: null, param: null, message: textOf(body) };
}

/** What can be done about a failure: make the conversation shorter, or take images out of it. */
export function faultOf(error: ServiceError): 'contextWindow' | 'invalidImage' | null {
  if (speaksOfWindow(error)) return 'contextWindow';
  return speaksOfImage(error) ? 'invalidImage' : null;
}

const WINDOW_CODES = ['context_length', 'context_window', 'context_size', 'context_limit'];
const TOO_LONG = [
  'maximum context length',
  'prompt is too long',
  'prompt too long',
  'input is too long',
  'input too long',
];
const WINDOW_NAMES = ['context window', 'context length', 'context size', 'context limit'];
const PASSED = ['exceed', 'too long', 'too large', 'larger than', 'longer than', 'beyond', 'greater than'];

function speaksOfWindow({ code, type, message }: ServiceError): boolean {
  if (mentions(code, WINDOW_CODES) || mentions(type, WINDOW_CODES)) return true;
  return mentions(message, TOO_LONG) || (mentions(message, WINDOW_NAMES) && mentions(message, PASSED));
}

const IMAGE_NAMES = ['image', 'vision', 'multimodal'];
/** Making images is another matter. */
const IMAGE_MAKING = /image[ _]?gen(?:eration|erate)?/gi;
const REFUSALS = [
  'invalid',
  'valid image',
  'not support',
  'unsupported',
  'only support',
  'only accept',
  'not represent',
  'corrupt',
  'damaged',
  'malformed',
  'could not',
  'cannot',
  "can't",
  'can not',
  'not allowed',
  'not a ',
  'unable',
  'fail',
  'too large',
  'too big',
  'too small',
  'too many',
  'exceed',
  'at most',
  'must be',
  'expected',
  'no endpoints',
  'empty',
  'error',
];

function speaksOfImage({ code, type, param, message }: ServiceError): boolean {
  const named = [code, type, param].some((text) => mentions(withoutMaking(text), IMAGE_NAMES));
  return named || (mentions(withoutMaking(message), IMAGE_NAMES) && mentions(message, REFUSALS));
}

const withoutMaking = (text: string | null): string | null => text?.replace(IMAGE_MAKING, '') ?? null;

function mentions(text: string | null, words: readonly string[]): boolean {
  const lower = text?.toLowerCase() ?? '';
  return words.some((word) => lower.includes(word));
}
