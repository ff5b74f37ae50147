/** Parses a search query: terms, their kinds, and how each reads paths. */
import { headOf } from '../base/well-formed.ts';
import type { UnitReading, UnitTable } from './unit-table.ts';
import { isPlainAscii, type UnitSplitter } from './units.ts';

/** How a term is matched. */
type TermKind = 'fuzzy' | 'substring' | 'prefix' | 'suffix' | 'whole';

/** One term of a query; a path matches if every term does. */
export interface Term extends UnitReading {
  readonly kind: TermKind;
  /** The path must *not* match; such a term adds no score and no indices. */
  readonly negated: boolean;
  /** How often the query contains it; each occurrence adds its score. */
  readonly count: number;
  /** Units to find, at least one. */
  readonly needle: Int32Array;
  readonly plainAscii: boolean;
  /** The same term with its letters composed, if it was written with separate combining marks. */
  readonly composed: Term | undefined;
  /** One bit per ASCII letter, `code & 31` of its lower-case form: a plain ASCII path must have all of them. */
  readonly letters: number;
}

/**
 * Maximum number of UTF-16 units of a term: twice what a path can have, for letters written in two parts. The
 * platform's segmenter takes time quadratic in the length of a text.
 */
const MAX_TERM_UNITS = 8_192;

const BACKSLASH = 0x5c;
const SPACE = 0x20;

/**
 * Splits a query at white space (a backslash before it keeps it) and parses each part. Parts with nothing to find
 * (`!`, `^`, `$`) are dropped. If the list is empty, every path matches.
 */
export function parseQuery(query: string, table: UnitTable, splitter: UnitSplitter): readonly Term[] {
  const counts = new Map<string, number>();
  for (const part of splitQuery(query)) counts.set(part, (counts.get(part) ?? 0) + 1);
  return [...counts].flatMap(([part, count]) => parseTerm(part, count, { table, splitter }) ?? []);
}

function splitQuery(query: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let escaped = false;
  for (const char of query) {
    if (!escaped && /\p{White_Space}/u.test(char)) {
      parts.push(part);
      part = '';
      continue;
    }
    escaped = char === '\\';
    part += char;
  }
  return [...parts, part];
}

interface Tables {
  readonly table: UnitTable;
  readonly splitter: UnitSplitter;
}

function parseTerm(part: string, count: number, { table, splitter }: Tables): Term | undefined {
  const parsed = parseOperators(headOf(part, MAX_TERM_UNITS));
  const composed = parsed.text.normalize();
  const other =
    composed === parsed.text ? undefined : termOf({ ...parsed, text: composed }, count, { table, splitter });
  return termOf(parsed, count, { table, splitter }, other);
}

function termOf(
  { kind, negated, text, dollar }: ParsedTerm,
  count: number,
  { table, splitter }: Tables,
  composed?: Term,
): Term | undefined {
  const plainAscii = isPlainAscii(text);
  const units = plainAscii ? asciiUnits(text) : otherUnits(text, splitter);
  if (dollar) units.push(0x24);
  if (units.length === 0) return undefined;
  return {
    kind,
    negated,
    count,
    needle: Int32Array.from(units),
    composed,
    plainAscii,
    ignoreCase: units.every((unit) => table.fold(unit) === unit),
    baseLetters: units.every((unit) => table.baseLetter(unit) === unit),
    letters: units.reduce((bits, unit) => bits | letterBit(table.fold(unit)), 0),
  };
}

/** Bit of an ASCII unit in a set of letters; the unit must be in lower case. */
export const letterBit = (unit: number): number => (unit < 0x80 ? 1 << (unit & 31) : 0);

interface ParsedTerm {
  readonly kind: TermKind;
  readonly negated: boolean;
  readonly text: string;
  /** Whether the text ended in an escaped dollar sign, which is removed from `text`. */
  readonly dollar: boolean;
}

function parseOperators(part: string): ParsedTerm {
  const negated = part.startsWith('!');
  let text = negated || part.startsWith('\\!') ? part.slice(1) : part;
  let kind: TermKind = 'fuzzy';
  if (text.startsWith('^')) kind = 'prefix';
  else if (text.startsWith("'")) kind = 'substring';
  if (kind !== 'fuzzy' || text.startsWith('\\^') || text.startsWith("\\'")) text = text.slice(1);

  const dollar = text.endsWith('\\$');
  if (dollar) {
    text = text.slice(0, -2);
  } else if (text.endsWith('$')) {
    kind = kind === 'fuzzy' ? 'suffix' : 'whole';
    text = text.slice(0, -1);
  }
  if (negated && kind === 'fuzzy') kind = 'substring';
  return { kind, negated, text, dollar };
}

function asciiUnits(text: string): number[] {
  return Array.from(text.replaceAll('\\ ', ' '), (char) => char.charCodeAt(0));
}

/**
 * In a non-ASCII term a backslash is never removed, and one before anything but a blank counts twice: observed on
 * codex app-server 0.94.0.
 */
function otherUnits(text: string, splitter: UnitSplitter): number[] {
  const units: number[] = [];
  splitter.split(text, (unit) => {
    if (units.at(-1) === BACKSLASH && unit !== SPACE) units.push(BACKSLASH);
    units.push(unit);
  });
  return units;
}
