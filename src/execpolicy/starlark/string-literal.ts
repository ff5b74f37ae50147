/** String literals: from the opening quote to the value. */
import { Fault, type Span } from './fault.ts';
import type { StringPart } from './tokens.ts';

export interface StringLiteral {
  /** Text and, in an f-string, names; neighbours are never both text. */
  readonly parts: readonly StringPart[];
  /** The offset behind the closing quote. */
  readonly end: number;
}

interface Style {
  readonly raw: boolean;
  readonly format: boolean;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['\n', ''],
]);

const HEX_LENGTH: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** `literal` is the whole of the literal's place up to here, prefix included; `open` is the offset of its quote. */
export function readString(source: string, literalStart: number, open: number, style: Style): StringLiteral {
  const one = source.charAt(open);
  const quote = source.startsWith(one.repeat(3), open) ? one.repeat(3) : one;
  const parts: StringPart[] = [];
  let text = '';
  let at = open + quote.length;
  while (!source.startsWith(quote, at)) {
    const char = source.charAt(at);
    if (char === '' || (char === '\n' && quote.length === 1)) {
      throw new Fault('unfinished string literal', { start: literalStart, end: at });
    }
    if (char === '\\') {
      const escaped = style.raw ? rawEscape(source, at) : readEscape(source, at);
      text += escaped.text;
      at = escaped.end;
    } else if (style.format && (char === '{' || char === '}')) {
      const field = readField(source, at);
      if (typeof field.part === 'string') text += field.part;
      else {
        parts.push(text, field.part);
        text = '';
      }
      at = field.end;
    } else {
      text += char;
      at += 1;
    }
  }
  return { parts: [...parts, text], end: at + quote.length };
}

/** In a raw string a backslash keeps a quote from ending it, and goes; before anything else it stays. */
function rawEscape(source: string, at: number): { text: string; end: number } {
  const next = source.charAt(at + 1);
  if (next === '"' || next === "'") return { text: next, end: at + 2 };
  const end = at + (next === '\\' ? 2 : 1);
  return { text: source.slice(at, end), end };
}

function readEscape(source: string, at: number): { text: string; end: number } {
  const letter = source.charAt(at + 1);
  const known = ESCAPES.get(letter);
  if (known !== undefined) return { text: known, end: at + 2 };
  const octal = /^[0-7]{1,3}/.exec(source.slice(at + 1, at + 4))?.[0];
  if (octal !== undefined) {
    return { text: String.fromCodePoint(Number.parseInt(octal, 8)), end: at + 1 + octal.length };
  }
  const length = HEX_LENGTH.get(letter);
  if (length === undefined) return { text: '\\', end: at + 1 };
  const end = at + 2 + length;
  const digits = source.slice(at + 2, end);
  const code = /^[0-9a-fA-F]+$/.test(digits) && digits.length === length ? Number.parseInt(digits, 16) : -1;
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw new Fault('invalid escape in string literal', { start: at, end: Math.min(end, source.length) });
  }
  return { text: String.fromCodePoint(code), end };
}

function readField(source: string, at: number): { part: StringPart; end: number } {
  const char = source.charAt(at);
  if (source.charAt(at + 1) === char) return { part: char, end: at + 2 };
  const match = /^\{([A-Za-z_]\w*)(?:!([rs]))?\}/.exec(source.slice(at, at + 200));
  const name = match?.[1];
  if (match === null || name === undefined) {
    const inside = /^[^}\n]{0,200}/.exec(source.slice(at + 1, at + 201))?.[0].length ?? 0;
    const span = { start: at + 1, end: at + 1 + inside };
    throw new Fault('only plain names may stand between the braces of an f-string', span);
  }
  const span: Span = { start: at + 1, end: at + 1 + name.length };
  return { part: { name, conversion: match[2] === 'r' ? 'r' : 's', span }, end: at + match[0].length };
}
