/** Reads a search query: terms, their kinds, and how each wants paths to be read. */
import { headOf } from '../base/well-formed.ts';
import type { Reading, UnitTable } from './unit-table.ts';
import { isPlainAscii, type UnitSplitter } from './units.ts';

/** How a term is looked for. */
type TermKind = 'fuzzy' | 'substring' | 'prefix' | 'suffix' | 'whole';

/** One term of a query; a path matches when every term does. */
export interface Term extends Reading {
  readonly kind: TermKind;
  /** The path must *not* match; such a term adds no score and no indices. */
  readonly negated: boolean;
  /** How often the query has it; each time counts. */
  readonly count: number;
  /** Units to find, at least one. */
  readonly needle: Int32Array;
  readonly plainAscii: boolean;
  /** The same term with its letters composed, if it was written with marks apart. */
  readonly composed: Term | undefined;
  /** One bit per ASCII letter, `code & 31` of its lower-case form: all must be present in a plain ASCII path. */
  readonly letters: number;
}

/**
 * UTF-16 units of a term that are looked at: twice what a path can have, for letters that are written in two parts. The platform
 * takes time quadratic in the length of a text for cutting it into letters.
 */
const MAX_TERM_UNITS = 8_192;

const BACKSLASH = 0x5c;
const SPACE = 0x20;

/**
 * Splits a query at white space (a backslash before it keeps it) and reads each part. Parts with nothing to find
 * (`!`, `^`, `$`) are dropped, so the list may be empty: then every path matches.
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
  const marks = readMarks(headOf(part, MAX_TERM_UNITS));
  const composed = marks.text.normalize();
  const other = composed === marks.text ? undefined : termOf({ ...marks, text: composed }, count, { table, splitter });
  return termOf(marks, count, { table, splitter }, other);
}

function termOf(
  { kind, negated, text, dollar }: Marks,
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

/** Bit of an ASCII unit in a set of letters; the unit must be in lower case already. */
export const letterBit = (unit: number): number => (unit < 0x80 ? 1 << (unit & 31) : 0);

interface Marks {
  readonly kind: TermKind;
  readonly negated: boolean;
  readonly text: string;
  /** Whether the text ended in an escaped dollar sign, which `text` no longer has. */
  readonly dollar: boolean;
}

function readMarks(part: string): Marks {
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
 * In a term with other than ASCII characters a backslash is never taken away, and one that stands before anything but
 * a blank counts twice: observed on codex app-server 0.94.0.
 */
function otherUnits(text: string, splitter: UnitSplitter): number[] {
  const units: number[] = [];
  splitter.split(text, (unit) => {
    if (units.at(-1) === BACKSLASH && unit !== SPACE) units.push(BACKSLASH);
    units.push(unit);
  });
  return units;
}
