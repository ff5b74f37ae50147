/**
 * Explains a successful response that is not a stream. In: the kept part of the body, and its type. Out: the problem,
 * as a text for the user. Pure.
 */
import type { JsonRecord } from '../base/json/schema.ts';
import { headOf } from '../base/well-formed.ts';
import { closedEarly, disconnected, serviceFailure, unexpectedAnswer } from './errors.ts';
import { recordIn } from './json-text.ts';
import { serviceErrorOf } from './service-errors.ts';
import type { UpstreamFailure } from './types.ts';

/** Kept length of a body without events, in UTF-16 units; the rest is dropped. */
export const KEPT_LENGTH = 8 * 1024 * 1024;
/** Quoted length of a body that cannot be interpreted. */
const EXCERPT_LENGTH = 200;
/** Maximum distance of a title from the start of its page. */
const PAGE_HEAD_LENGTH = 64 * 1024;

/** The whole response in one JSON object, from services that do not stream; null if it is none. */
export const wholeAnswer = (body: string): JsonRecord | null =>
  body.trimStart().startsWith('{') ? recordIn(body) : null;

/** Why a body without any event is not a response. `contentType` is the header; null if there was none. */
export function notAStream(body: string, contentType: string | null): UpstreamFailure {
  const text = body.trim();
  if (text === '') return unexpectedAnswer('the model service sent an empty answer in place of a stream');
  const record = wholeAnswer(text);
  const error = record === null ? null : serviceErrorOf(record.error);
  if (error !== null) return serviceFailure(error, 'the model service reports an error');
  if (isEventStream(text)) return closedEarly();
  const type = contentType === null ? '' : ` (${headOf(contentType, EXCERPT_LENGTH)})`;
  const sent = (what: string, quoted: string): UpstreamFailure =>
    unexpectedAnswer(`the model service sent ${what}${type} in place of a stream${quoted === '' ? '' : `: ${quoted}`}`);
  if (isPage(text, contentType)) return sent('an HTML page', titleOf(text));
  if (record !== null) return sent('JSON', excerpt(text));
  if (wholeAnswer(text.split('\n', 1)[0] ?? '') !== null) return sent('lines of JSON', excerpt(text));
  if (text.startsWith('{') || text.startsWith('[')) return sent('JSON that breaks off', excerpt(text));
  return sent('text', excerpt(text));
}

/** The stream ended in the middle of an event. */
export const cutInEvent = (): UpstreamFailure => disconnected('the stream broke off in the middle of an event');

const EVENT_FIELDS = [':', 'data:', 'event:', 'id:', 'retry:'];

const isEventStream = (text: string): boolean => EVENT_FIELDS.some((field) => text.startsWith(field));

function isPage(text: string, contentType: string | null): boolean {
  if (!text.startsWith('<')) return false;
  const head = text.slice(0, EXCERPT_LENGTH).toLowerCase();
  return head.includes('<html') || head.includes('<!doctype html') || contentType?.includes('html') === true;
}

function titleOf(page: string): string {
  const head = page.slice(0, PAGE_HEAD_LENGTH);
  const lower = head.toLowerCase();
  const opening = lower.indexOf('<title');
  const start = opening === -1 ? -1 : lower.indexOf('>', opening);
  const end = start === -1 ? -1 : lower.indexOf('</title', start);
  return end === -1 ? '' : excerpt(head.slice(start + 1, end));
}

/** Its first characters on one line. */
const excerpt = (text: string): string => {
  const line = text
    .slice(0, 4 * EXCERPT_LENGTH)
    .trim()
    .split(/\s+/)
    .join(' ');
  return line.length > EXCERPT_LENGTH ? `${headOf(line, EXCERPT_LENGTH)}…` : line.toWellFormed();
};
