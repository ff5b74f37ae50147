/**
 * Rejects plain ASCII paths that cannot match a query with operators, by their bytes. Only the remaining ones are
 * decoded.
 *
 * In: the bytes of a folder, then those of names in it. Out: whether a path may match, and its maximum score.
 */
import { bonusOf } from './candidate.ts';
import { MATCH_SCORE, MIN_CONSECUTIVE_BONUS } from './exact.ts';
import type { Term } from './query.ts';
import { CLASS_COUNT, type UnitTable } from './unit-table.ts';

const BEST_BONUS = 9;
const FIRST_PRINTABLE = 0x21;

export class ByteFilter {
  /** The maximum score of any plain ASCII path. */
  readonly maxScore: number;
  readonly #pieces: readonly Piece[];
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #length = 0;

  constructor(terms: readonly Term[], table: UnitTable) {
    const wanted = terms.filter(({ negated }) => !negated);
    this.maxScore = wanted.reduce((sum, term) => sum + term.count * maxScoreOf(term, table), 0);
    this.#pieces = wanted
      .filter(({ kind, plainAscii }) => kind !== 'fuzzy' && plainAscii)
      .map((term) => new Piece(term));
  }

  /** Sets the folder of the following names. */
  enter(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = end - start;
    for (const piece of this.#pieces) piece.enter(bytes, start, end);
  }

  /** Whether the name with these bytes may match below the folder. */
  mayMatch(start: number, end: number): boolean {
    for (const piece of this.#pieces) if (!this.#mayHold(piece, start, end)) return false;
    return true;
  }

  #mayHold(piece: Piece, nameStart: number, nameEnd: number): boolean {
    const folderLength = this.#length;
    const shift = nameStart - folderLength;
    const length = nameEnd - shift;
    const last = length - piece.length;
    if (piece.kind === 'substring') {
      if (piece.inFolder) return true;
      for (let at = Math.max(0, folderLength - piece.length + 1); at <= last; at++) {
        if (this.#matchesAt(piece, at, shift)) return true;
      }
      return false;
    }
    // The matcher decides about white space at the ends of a path, which may not count.
    if (piece.kind !== 'suffix') {
      if (this.#byteAt(0, shift) >= FIRST_PRINTABLE && !this.#matchesAt(piece, 0, shift)) return false;
    }
    if (piece.kind === 'prefix' || this.#byteAt(length - 1, shift) < FIRST_PRINTABLE) return true;
    return this.#matchesAt(piece, last, shift);
  }

  #matchesAt(piece: Piece, at: number, shift: number): boolean {
    if (at < 0) return false;
    for (let unit = 0; unit < piece.length; unit++) {
      if (!piece.has(unit, this.#byteAt(at + unit, shift))) return false;
    }
    return true;
  }

  /** A byte of the path: of the folder, or of the name after it. */
  #byteAt(at: number, shift: number): number {
    return this.#bytes[at < this.#length ? this.#start + at : shift + at] ?? 0;
  }
}

/** A term that must occur in a path as one piece. */
class Piece {
  readonly kind: Term['kind'];
  readonly length: number;
  /** Whether the folder contains it, and so every path in the folder. */
  inFolder = false;
  readonly #needle: Int32Array;
  readonly #ignoreCase: boolean;

  constructor({ kind, needle, ignoreCase }: Term) {
    this.kind = kind;
    this.length = needle.length;
    this.#needle = needle;
    this.#ignoreCase = ignoreCase;
  }

  enter(bytes: Uint8Array, start: number, end: number): void {
    this.inFolder = false;
    if (this.kind !== 'substring') return;
    for (let at = start; at <= end - this.length && !this.inFolder; at++) {
      let unit = 0;
      while (unit < this.length && this.has(unit, bytes[at + unit] ?? 0)) unit += 1;
      this.inFolder = unit === this.length;
    }
  }

  has(unit: number, byte: number): boolean {
    const wanted = this.#needle[unit];
    if (byte === wanted) return true;
    return this.#ignoreCase && byte >= 0x41 && byte <= 0x5a && byte + 0x20 === wanted;
  }
}

/** The maximum score of a term. A term of one piece determines most of its bonuses itself. */
function maxScoreOf({ kind, needle, ignoreCase }: Term, table: UnitTable): number {
  const first = needle[0] ?? 0;
  if (kind === 'fuzzy') return MATCH_SCORE + 2 * BEST_BONUS + (needle.length - 1) * (MATCH_SCORE + BEST_BONUS);
  const classesOf = (unit: number): number[] => {
    const isLetter = ignoreCase && unit >= 0x61 && unit <= 0x7a;
    return isLetter ? [table.classOf(unit), table.classOf(unit - 0x20)] : [table.classOf(unit)];
  };
  const anyClass = Array.from({ length: CLASS_COUNT }, (_, index) => index);
  const between = (before: readonly number[], after: readonly number[]): number =>
    Math.max(...before.flatMap((previous) => after.map((current) => bonusOf(previous, current))));
  let carried = between(anyClass, classesOf(first));
  let maxScore = MATCH_SCORE + 2 * carried;
  for (let at = 1; at < needle.length; at++) {
    const bonus = between(classesOf(needle[at - 1] ?? 0), classesOf(needle[at] ?? 0));
    carried = Math.max(carried, bonus);
    maxScore += MATCH_SCORE + Math.max(carried, MIN_CONSECUTIVE_BONUS);
  }
  return maxScore;
}
