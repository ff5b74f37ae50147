/** JSON in the texts of model services, which may send anything: the caller decides what it means that there is none. Pure. */
import { jsonIn, rawJsonIn } from '../base/json/parse.ts';
import * as s from '../base/json/schema.ts';

/** The object that a text holds, with whole text; null when it is not JSON or no object. */
export const recordIn = (text: string): s.JsonRecord | null => s.readOrNull(s.record, jsonIn(text));

/** The same; of a list, its first element. */
export function firstRecordIn(text: string): s.JsonRecord | null {
  const value = jsonIn(text);
  return s.readOrNull(s.record, Array.isArray(value) ? value[0] : value);
}

/** The same as it came: half a pair may still find its other half in the next event. */
export const rawRecordIn = (text: string): s.JsonRecord | null => s.readOrNull(s.record, rawJsonIn(text));

/** Words, as a text, as a part that holds one, or as a list of such; empty for anything else. */
export const wordsIn = (value: unknown): string => (Array.isArray(value) ? value.map(textIn).join('') : textIn(value));

/** A text, or that of one part. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!s.isRecord(value)) return '';
  const text = value.text ?? value.content;
  return typeof text === 'string' ? text : '';
}
