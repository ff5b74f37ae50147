/**
 * Parses errors that a model service reports, in any format. In: an `error` member, or the text of a body. Out: code
 * and message, and whether they are about a full context window or an image. Pure.
 */
import * as s from '../base/json/schema.ts';
import { headOf } from '../base/well-formed.ts';
import { firstRecordIn } from './json-text.ts';

export interface ServiceError {
  readonly code: string | null;
  readonly type: string | null;
  /** The part of the request that it is about, e.g. `input[3].content[1].image_url`. */
  readonly param: string | null;
  readonly message: string | null;
}

/** The first ones are enough to see what is wrong. */
const MAX_FAULTS = 16;

/** Maximum quoted length of a text, in UTF-16 units. */
const MAX_QUOTED_LENGTH = 8192;

/** Truncates a text for a message. */
export const truncated = (text: string): string =>
  text.length > MAX_QUOTED_LENGTH ? `${headOf(text, MAX_QUOTED_LENGTH)}…` : text;

/** A text that says something, as much of it as is worth showing; null for anything else. */
const Words = s.orNull(
  s.changed(
    s.textThat((text) => text.trim() !== '', 'words'),
    truncated,
  ),
);

/** What servers that check requests by a schema say: `{ loc: ["body", "input", 0], msg }`. */
const Fault = s.changed(
  s.object({
    loc: s.orEmpty(s.listOfAccepted(s.either(s.string, s.number))),
    msg: s.orNull(s.textThat((text) => text.trim() !== '', 'words')),
  }),
  ({ loc, msg }) => ({ place: loc.join('.'), msg }),
);

const ErrorObject = s.changed(
  s.object({
    message: Words,
    detail: Words,
    error: Words,
    code: s.either(s.changed(s.number, String), Words),
    type: Words,
    param: Words,
  }),
  ({ message, detail, error, ...named }) => ({ ...named, message: message ?? detail ?? error }),
);

const FaultList = s.changed(s.object({ detail: s.orEmpty(s.listOfAccepted(Fault)) }), ({ detail }) => {
  const faults = detail.slice(0, MAX_FAULTS);
  const message = faults.flatMap(({ place, msg }) => (msg === null ? [] : `${place}: ${msg}`)).join('; ');
  return {
    message: s.readOrNull(Words, message),
    param: s.readOrNull(Words, faults.map(({ place }) => place).join(' ')),
  };
});

/** Reads an `error` member: a record, or a text. null for anything else. */
export function serviceErrorOf(value: unknown): ServiceError | null {
  const bare = s.readOrNull(Words, value);
  if (bare !== null) return { code: null, type: null, param: null, message: bare };
  const error = s.readOrNull(ErrorObject, value);
  const faults = s.readOrNull(FaultList, value);
  if (error === null) return null;
  return { ...error, message: error.message ?? faults?.message ?? null, param: error.param ?? faults?.param ?? null };
}

/** Reads the body of an error response: JSON with an `error`, JSON that is one itself, or plain text. */
export function errorInBody(body: string): ServiceError {
  const record = firstRecordIn(body);
  const found = record === null ? null : (serviceErrorOf(record.error) ?? serviceErrorOf(record));
  return found ?? { code: null, type: null, param: null, message: s.readOrNull(Words, body) };
}

/** What the turn can do about a failure: shorten the conversation, or remove images from it. */
export function faultOf(error: ServiceError): 'contextWindow' | 'invalidImage' | null {
  if (mentionsContextWindow(error)) return 'contextWindow';
  return mentionsImage(error) ? 'invalidImage' : null;
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
const EXCEEDED = ['exceed', 'too long', 'too large', 'larger than', 'longer than', 'beyond', 'greater than'];

function mentionsContextWindow({ code, type, message }: ServiceError): boolean {
  if (mentions(code, WINDOW_CODES) || mentions(type, WINDOW_CODES)) return true;
  return mentions(message, TOO_LONG) || (mentions(message, WINDOW_NAMES) && mentions(message, EXCEEDED));
}

const IMAGE_NAMES = ['image', 'vision', 'multimodal'];
/** Image generation is not about input images. */
const IMAGE_GENERATION = /image[ _]?gen(?:eration|erate)?/gi;
const REJECTIONS = [
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

function mentionsImage({ code, type, param, message }: ServiceError): boolean {
  const named = [code, type, param].some((text) => mentions(withoutGeneration(text), IMAGE_NAMES));
  return named || (mentions(withoutGeneration(message), IMAGE_NAMES) && mentions(message, REJECTIONS));
}

const withoutGeneration = (text: string | null): string | null => text?.replace(IMAGE_GENERATION, '') ?? null;

function mentions(text: string | null, words: readonly string[]): boolean {
  const lower = text?.toLowerCase() ?? '';
  return words.some((word) => lower.includes(word));
}
