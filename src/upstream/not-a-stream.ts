/**
 * What came with a success in the place of a stream. In: the body, as far as it was kept, and its type. Out: what is wrong
 * with it, in words for the user. Pure.
 */
import type { JsonRecord } from '../base/json/schema.ts';
import { headOf } from '../base/well-formed.ts';
import { closedEarly, disconnected, serviceFailure, unexpectedAnswer } from './errors.ts';
import { recordIn } from './json-text.ts';
import { serviceErrorOf } from './service-errors.ts';
import type { UpstreamFailure } from './types.ts';

/** Of a body that holds no event; what follows is dropped. In UTF-16 units. */
export const KEPT_LENGTH = 8 * 1024 * 1024;
/** Of a body that nobody understands, this much is shown. */
const SHOWN_LENGTH = 200;
/** How far a title may stand from the beginning of its page. */
const PAGE_HEAD_LENGTH = 64 * 1024;

/** The whole answer in one JSON object, from services that do not stream; null when it is none. */
export const wholeAnswer = (body: string): JsonRecord | null =>
  body.trimStart().startsWith('{') ? recordIn(body) : null;

/** Why a body without a single event is no answer. `contentType` is the header, null when there was none. */
export function notAStream(body: string, contentType: string | null): UpstreamFailure {
  const text = body.trim();
  if (text === '') return unexpectedAnswer('the model service sent an empty answer in place of a stream');
  const record = wholeAnswer(text);
  const error = record === null ? null : serviceErrorOf(record.error);
  if (error !== null) return serviceFailure(error, 'the model service reports an error');
  if (isEventStream(text)) return closedEarly();
  const type = contentType === null ? '' : ` (${headOf(contentType, SHOWN_LENGTH)})`;
  const sent = (what: string, shown: string): UpstreamFailure =>
    unexpectedAnswer(`the model service sent ${what}${type} in place of a stream${shown === '' ? '' : `: ${shown}`}`);
  if (isPage(text, contentType)) return sent('an HTML page', titleOf(text));
  if (record !== null) return sent('JSON', excerpt(text));
  if (wholeAnswer(text.split('\n', 1)[0] ?? '') !== null) return sent('lines of JSON', excerpt(text));
  if (text.startsWith('{') || text.startsWith('[')) return sent('JSON that breaks off', excerpt(text));
  return sent('text', excerpt(text));
}

/** The stream ended between the two halves of an event. */
export const cutInEvent = (): UpstreamFailure => disconnected('the stream broke off in the middle of an event');

const EVENT_FIELDS = [':', 'data:', 'event:', 'id:', 'retry:'];

const isEventStream = (text: string): boolean => EVENT_FIELDS.some((field) => text.startsWith(field));

function isPage(text: string, contentType: string | null): boolean {
  if (!text.startsWith('<')) return false;
  const head = text.slice(0, SHOWN_LENGTH).toLowerCase();
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

/** One line of it. */
const excerpt = (text: string): string => {
  const line = text
    .slice(0, 4 * SHOWN_LENGTH)
    .trim()
    .split(/\s+/)
    .join(' ');
  return line.length > SHOWN_LENGTH ? `${headOf(line, SHOWN_LENGTH)}…` : line.toWellFormed();
};
