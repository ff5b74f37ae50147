/** Looking into JSON of unknown shape. */
import { parseJson } from '../base/json/parse.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether all the named members are strings. */
export function strings<Name extends string>(
  value: JsonRecord,
  ...names: Name[]
): value is JsonRecord & Record<Name, string> {
  return names.every((name) => typeof value[name] === 'string');
}

/** Every element read, or null when one cannot be. */
export function listOf<T>(value: unknown, read: (item: JsonRecord) => T | null): T[] | null {
  if (!Array.isArray(value)) return null;
  const items: T[] = [];
  for (const element of value) {
    const item = isRecord(element) ? read(element) : null;
    if (item === null) return null;
    items.push(item);
  }
  return items;
}

/** Words, as a text, as a part that holds one, or as a list of such; empty for anything else. */
export function wordsIn(value: unknown): string {
  return Array.isArray(value) ? value.map(textIn).join('') : textIn(value);
}

/** A text, or that of one part. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isRecord(value)) return '';
  const text = value.text ?? value.content;
  return typeof text === 'string' ? text : '';
}

/** The object that a text holds, with whole text; null when it is not JSON or no object. */
export const parseRecord = (text: string): JsonRecord | null => recordOf(text, parseJson);

/** The same; of a list, its first element. */
export const parseFirstRecord = (text: string): JsonRecord | null =>
  recordOf(text, (each) => {
    const value = parseJson(each);
    return Array.isArray(value) ? value[0] : value;
  });

/** The same as it came: half a pair may still find its other half in the next event. */
export const parseRawRecord = (text: string): JsonRecord | null => recordOf(text, JSON.parse);

function recordOf(text: string, parse: (text: string) => unknown): JsonRecord | null {
  try {
    const value = parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null; // services send all sorts of text; the caller decides what that means
  }
}
