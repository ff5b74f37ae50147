/**
 * Looks at the members of a JSON object without decoding them. JSON.parse keeps neither the digits of a large integer nor
 * the difference between `1` and `1.0`, and drops the first of two members with one name: the router needs all three.
 */
const SPACE = /[ \t\r\n]/;
const CLOSERS: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

export interface TopLevel {
  /** The text of the member `id` as it was written; undefined when there is none. */
  readonly idText: string | undefined;
  /** A member name that stands there twice, of those that decide what a message is. */
  readonly repeated: string | undefined;
}

const DECIDING = new Set(['id', 'method', 'params', 'result', 'error']);

/** `text` must be valid JSON and an object. */
export function readTopLevel(text: string): TopLevel {
  const seen = new Set<string>();
  let idText: string | undefined;
  let repeated: string | undefined;
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at);
    const key = memberName(text.slice(at, keyEnd));
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    if (key === 'id') idText = text.slice(valueStart, valueEnd).trimEnd();
    if (DECIDING.has(key) && seen.has(key)) repeated ??= key;
    seen.add(key);
    at = skipSpace(text, valueEnd);
    if (text[at] !== ',') break;
    at = skipSpace(text, at + 1);
  }
  return { idText, repeated };
}

function memberName(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && SPACE.test(text.charAt(at))) at += 1;
  return at;
}

/** The position after the string that starts at `start`; long strings are crossed from quote to quote. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') {
      at = endOfString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (depth === 0 && (char === ',' || char === '}' || char === ']')) return at;
    depth += CLOSERS[char] ?? 0;
    at += 1;
    if (depth === 0 && (char === '}' || char === ']')) return at;
  }
  return at;
}
