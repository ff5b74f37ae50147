/**
 * Where lines of a patch stand in a file. Models retype what they have read, so lines are compared in levels, from strict
 * to lenient, each over the whole range before the next.
 *
 * Owns an index of the file for each level, made on first use. Its work is bounded: a search goes from one appearance of
 * its rarest line to the next, and all searches of one patch share a number of steps.
 */
import { BYTE_ORDER_MARK, type FileLines } from './file-lines.ts';
import { trim, trimEnd } from './white-space.ts';

/** About a tenth of a second. A patch of real work needs a few thousand steps. */
const MOST_STEPS = 30_000_000;

/** Putting the marks of a letter in order takes time quadratic in their number; no sentence is that long. */
const LONGEST_COMPOSED = 500;

/** The file has too many places that are almost right. */
export class SearchTooLong extends Error {}

const fold = (line: string): string =>
  trim(line)
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u2018-\u201b]/g, "'")
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, ' ');

const compose = (line: string): string => {
  const folded = fold(line);
  return folded.length > LONGEST_COMPOSED ? folded : folded.normalize('NFC');
};

const withoutMark = (line: string): string => (line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line);

/** How both sides are spelled for a comparison. `raw` compares what codex app-server 0.94.0 takes for a line. */
interface Level {
  readonly raw: boolean;
  readonly spell: (line: string) => string;
}

/** The first, and those from `trimEnd` to `fold`: codex app-server 0.94.0. */
const LEVELS: readonly Level[] = [
  { raw: true, spell: (line) => line },
  { raw: false, spell: withoutMark },
  { raw: false, spell: (line) => trimEnd(withoutMark(line)) },
  { raw: false, spell: (line) => trim(withoutMark(line)) },
  { raw: false, spell: (line) => fold(withoutMark(line)) },
  { raw: false, spell: (line) => compose(withoutMark(line)) },
];

interface Index {
  /** A number for each spelling, -1 for none. */
  readonly idOf: (line: string) => number;
  /** By line of the file. */
  readonly ids: Int32Array;
  /** By spelling: the lines that have it, in order. */
  readonly places: readonly (readonly number[])[];
}

export class LineSearch {
  readonly #file: FileLines;
  readonly #indexes = new Map<Level, Index>();
  #stepsLeft = MOST_STEPS;

  constructor(file: FileLines) {
    this.#file = file;
  }

  /** The first line at or after `from` where all the wanted lines stand, at least one of them. Throws `SearchTooLong`. */
  find(wanted: readonly string[], from: number): number | undefined {
    for (const level of LEVELS) {
      const index = this.#indexes.get(level) ?? this.#makeIndex(level);
      const found = this.#findIn(index, wanted, from);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #findIn({ idOf, ids, places }: Index, wanted: readonly string[], from: number): number | undefined {
    const wantedIds: number[] = [];
    let rarest = 0;
    let candidates: readonly number[] | undefined;
    for (const line of wanted) {
      this.#spend(1);
      const id = idOf(line);
      const standing = places[id];
      if (standing === undefined) return undefined;
      if (candidates === undefined || standing.length < candidates.length) {
        candidates = standing;
        rarest = wantedIds.length;
      }
      wantedIds.push(id);
    }
    if (candidates === undefined) return undefined;
    for (let at = firstAtLeast(candidates, from + rarest); at < candidates.length; at += 1) {
      const start = (candidates[at] ?? 0) - rarest;
      if (start + wantedIds.length > ids.length) return undefined;
      if (this.#standAt(ids, wantedIds, start)) return start;
    }
    return undefined;
  }

  #standAt(ids: Int32Array, wanted: readonly number[], start: number): boolean {
    let equal = 0;
    while (equal < wanted.length && ids[start + equal] === wanted[equal]) equal += 1;
    this.#spend(equal + 1);
    return equal === wanted.length;
  }

  #spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw new SearchTooLong();
  }

  #makeIndex(level: Level): Index {
    const { raw, spell } = level;
    const { lines, hasMark } = this.#file;
    const numbers = new Map<string, number>();
    const places: number[][] = [];
    const ids = new Int32Array(lines.length);
    for (const [at, { text, end }] of lines.entries()) {
      const mark = raw && hasMark && at === 0 ? BYTE_ORDER_MARK : '';
      const spelling = spell(raw ? mark + text + (end === '\r\n' ? '\r' : '') : text);
      const known = numbers.get(spelling);
      const id = known ?? places.length;
      ids[at] = id;
      if (known !== undefined) places[id]?.push(at);
      else {
        numbers.set(spelling, id);
        places.push([at]);
      }
    }
    const index: Index = { ids, places, idOf: (line) => numbers.get(spell(line)) ?? -1 };
    this.#indexes.set(level, index);
    return index;
  }
}

/** The first position in an ascending list whose value is not below `limit`. */
function firstAtLeast(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
