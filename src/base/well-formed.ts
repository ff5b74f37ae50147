/**
 * Text that can be stored and sent. JSON may spell half of a surrogate pair (`"\ud83d"`), which has no UTF-8: upstream and
 * other readers of a stored thread refuse it. In: text or JSON values from outside. Out: the same with U+FFFD for each half.
 * Pure.
 */

/** A surrogate that JSON spells as an escape; text that was decoded from UTF-8 cannot hold half a pair in any other way. */
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/;

/** `JSON.parse` with whole text. `text` must have been decoded from UTF-8. Throws for what is not JSON or nests too deeply. */
export function parseWellFormed(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return ESCAPED_SURROGATE.test(text) ? wellFormed(value) : value;
}

/** A value as it came, whole objects shared, when nothing in it is broken; else a copy with whole text, keys included. */
export function wellFormed<T>(value: T): T {
  return mended(value) as T;
}

function mended(value: unknown): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (Array.isArray(value)) return mendedList(value);
  return typeof value === 'object' && value !== null ? mendedObject(value) : value;
}

function mendedList(list: readonly unknown[]): readonly unknown[] {
  const copy = list.map(mended);
  return copy.some((item, at) => item !== list[at]) ? copy : list;
}

function mendedObject(object: object): object {
  const entries = Object.entries(object);
  const copy = entries.map(([key, item]): [string, unknown] => [key.toWellFormed(), mended(item)]);
  const isWhole = entries.every(([key, item], at) => copy[at]?.[0] === key && copy[at][1] === item);
  return isWhole ? object : Object.fromEntries(copy);
}
