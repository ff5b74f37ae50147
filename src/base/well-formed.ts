/**
 * Text that can be stored and sent. JSON may spell half of a surrogate pair (`"\ud83d"`), which has no UTF-8: upstream and
 * other readers of a stored thread refuse it. In: text or JSON values from outside. Out: the same with U+FFFD for each half.
 * Pure, but for `TextJoiner`, which holds at most one half.
 */

/** A surrogate that JSON spells as an escape; text that was decoded from UTF-8 cannot hold half a pair in any other way. */
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/;

/** The replacement for half a pair. */
const REPLACEMENT = '\ufffd';

/** Whether JSON text may spell half a pair. Hardly any text has an escape that begins so, and looking for a fixed text is quicker. */
export const mayHoldHalves = (text: string): boolean =>
  (text.includes('\\ud') || text.includes('\\uD')) && ESCAPED_SURROGATE.test(text);

/**
 * JSON text whose strings, once parsed, are whole: only escapes of halves change, all else stays as it was written. Text
 * that is not JSON is made whole itself and otherwise left alone.
 */
export function wellFormedJson(text: string): string {
  const whole = text.toWellFormed();
  if (!ESCAPED_SURROGATE.test(whole)) return whole;
  return whole.replace(/\\(?:u([dD][89a-fA-F][\da-fA-F]{2})(?:\\u([dD][c-fC-F][\da-fA-F]{2}))?|[\s\S])/g, mendedEscape);
}

/** One escape, or a pair of them; `\\` is matched too, so that what follows it is not taken for an escape. */
function mendedEscape(found: string, first: string | undefined, second: string | undefined): string {
  if (first === undefined) return found;
  const isHigh = Number.parseInt(first, 16) < 0xdc00;
  if (isHigh && second !== undefined) return found;
  return second === undefined ? '\\ufffd' : '\\ufffd\\ufffd';
}

/** `JSON.stringify` whose text, once parsed, is whole. Undefined where JSON has no value. */
export function stringifyWellFormed(value: unknown): string | undefined {
  const text: string | undefined = JSON.stringify(value);
  // A half is the only surrogate that JSON.stringify escapes.
  return text?.includes('\\ud') === true ? JSON.stringify(wellFormed(value)) : text;
}

/** The first `length` UTF-16 units, one fewer where that would cut a pair in two. */
export function headOf(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, isHigh(text, length - 1) ? length - 1 : length);
}

const isHigh = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff;
};

/** Text that comes in parts, where a pair may be cut in two between them. */
export class TextJoiner {
  #half = '';

  /** As much of the text as is whole by now; may be empty. */
  push(part: string): string {
    if (this.#half === '' && !isHigh(part, part.length - 1)) return part.toWellFormed();
    const text = this.#half + part;
    this.#half = isHigh(text, text.length - 1) ? text.slice(-1) : '';
    return (this.#half === '' ? text : text.slice(0, -1)).toWellFormed();
  }

  /** The replacement for a half that was never completed. */
  end(): string {
    const left = this.#half;
    this.#half = '';
    return left === '' ? '' : REPLACEMENT;
  }
}

type Container = Record<string, unknown> | unknown[];

/** A value as it came, whole objects shared, when nothing in it is broken; else a copy with whole text, keys included. */
export function wellFormed<T>(value: T): T {
  if (typeof value === 'string') return value.toWellFormed() as T & string;
  return isContainer(value) ? (new Mending(value).run() as T & object) : value;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** One container on the way down, and how far its members have been looked at. */
interface Visit {
  readonly source: Container;
  readonly keys: readonly string[];
  /** Where the result goes in the container above. */
  readonly at: string;
  readonly members: unknown[];
  changed: boolean;
}

/** Walks with a stack of its own: JSON may nest deeper than calls can. */
class Mending {
  readonly #stack: Visit[];

  constructor(root: Container) {
    this.#stack = [visitOf(root, '')];
  }

  run(): unknown {
    for (;;) {
      const visit = this.#stack.at(-1);
      if (visit === undefined) return undefined;
      const key = visit.keys[visit.members.length];
      if (key !== undefined) {
        const member: unknown = Reflect.get(visit.source, key);
        if (isContainer(member)) this.#stack.push(visitOf(member, key));
        else this.#keep(visit, key, typeof member === 'string' ? member.toWellFormed() : member);
        continue;
      }
      this.#stack.pop();
      const result = resultOf(visit);
      const above = this.#stack.at(-1);
      if (above === undefined) return result;
      this.#keep(above, visit.at, result);
    }
  }

  #keep(visit: Visit, key: string, member: unknown): void {
    visit.members.push(member);
    visit.changed ||= member !== Reflect.get(visit.source, key) || !key.isWellFormed();
  }
}

const visitOf = (source: Container, at: string): Visit => ({
  source,
  keys: Object.keys(source),
  at,
  members: [],
  changed: false,
});

function resultOf({ source, keys, members, changed }: Visit): unknown {
  if (!changed) return source;
  if (Array.isArray(source)) return members;
  return Object.fromEntries(keys.map((key, index) => [key.toWellFormed(), members[index]]));
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** How many bytes a UTF-8 character has that begins with this one; 1 for what begins none. */
const characterLength = (first: number): number => (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1);

/** How much of UTF-8 bytes is left without a character at the end that is cut off; all of it where that is not UTF-8 anyway. */
export function wholeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes.at(-back) ?? 0;
    if (isContinuation(byte)) continue;
    return characterLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
