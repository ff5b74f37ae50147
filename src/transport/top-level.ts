/**
 * Reads the members of a JSON object without decoding them. JSON.parse keeps neither the digits of a large integer
 * nor the difference between `1` and `1.0`, and drops the first of two members with one name: the router needs all
 * three.
 */
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

export interface TopLevel {
  /** The text of the member `id` as written; undefined if there is none. */
  readonly idText: string | undefined;
  /** A duplicate member name, among those that decide the kind of a message and those of a result. */
  readonly repeated: string | undefined;
}

const CLASSIFYING = new Set(['id', 'method', 'params', 'result', 'error']);

/** `text` must be valid JSON and an object. */
export function readTopLevel(text: string): TopLevel {
  const seen = new Set<string>();
  let idText: string | undefined;
  let repeated: string | undefined;
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(text, at);
    const key = memberName(text.slice(at, keyEnd));
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    if (key === 'id') idText = text.slice(valueStart, valueEnd).trimEnd();
    if (CLASSIFYING.has(key) && seen.has(key)) repeated ??= key;
    if (key === 'result' && text.charCodeAt(valueStart) === OPENING_BRACE) repeated ??= repeatedName(text, valueStart);
    seen.add(key);
    at = skipSpace(text, valueEnd);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipSpace(text, at + 1);
  }
  return { idText, repeated };
}

/** The first duplicate member name in the object at `start`. */
function repeatedName(text: string, start: number): string | undefined {
  const seen = new Set<string>();
  let at = skipSpace(text, start + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(text, at);
    const key = memberName(text.slice(at, keyEnd));
    if (seen.has(key)) return key;
    seen.add(key);
    at = skipSpace(text, endOfValue(text, skipSpace(text, skipSpace(text, keyEnd) + 1)));
    if (text.charCodeAt(at) !== COMMA) return undefined;
    at = skipSpace(text, at + 1);
  }
  return undefined;
}

function memberName(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= SPACE) at += 1; // no other control character is between tokens of valid JSON
  return at;
}

/** The position after the string that starts at `start`; searches from quote to quote. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(text, at);
      if (depth === 0) return at;
      continue;
    }
    const closes = char === CLOSING_BRACE || char === CLOSING_BRACKET;
    if (depth === 0 && (closes || char === COMMA)) return at;
    if (closes) depth -= 1;
    else if (char === OPENING_BRACE || char === OPENING_BRACKET) depth += 1;
    at += 1;
    if (depth === 0 && closes) return at;
  }
  return at;
}
