/**
 * Properties of one unit (the first code point of a grapheme cluster): its class, its case-folded form and its base
 * letter.
 *
 * In: code points. Out: class numbers and code points. The tables are filled on first use of a code point and belong
 * to their creator. Classes, folds and base letters are as observed on codex app-server 0.94.0.
 */

/** Class of a unit, the input of the bonus table. */
export const UnitClass = {
  whitespace: 0,
  nonword: 1,
  delimiter: 2,
  lower: 3,
  upper: 4,
  letter: 5,
  number: 6,
} as const;

export type UnitClass = (typeof UnitClass)[keyof typeof UnitClass];

/** Number of classes; a bonus is at `previous * CLASS_COUNT + current`. */
export const CLASS_COUNT = 7;

/** How a term reads paths. */
export interface UnitReading {
  readonly ignoreCase: boolean;
  /** Whether `u` matches `ü` in a path. */
  readonly baseLetters: boolean;
}

const TABLE_SIZE = 0x10000;
const UNKNOWN_CLASS = 255;
const SLASH = 0x2f;

/** Targets of consecutive code points that differ from a decomposition to one ASCII character. */
const BASE_LETTER_RUNS =
  '00A1:! 00BA:0 00BF:? 00D0:D 00D8:O 00DF:s 00F0:d 00F8:o 0110:Dd 0126:Hh 0131:i 013F:LlLl 0149:nNn 0166:Tt ' +
  '0180:bBbbb 0186:OCcDDdd 018E:EeEFfG 0195:hII 0199:kl 019C:MNnO 01A4:PpRSs 01AA:ltTtT 01B2:VYyZz 01C3:! 01DD:e ' +
  '01E2:ÆæGg 01FC:ÆæOo 0220:Nd 0224:Zz 0234:lntj 023A:ACcLTsz 0243:BUVEeJjQqRrYyaaabccddeeeeeeejggGguhhhiiIlll ' +
  '026F:mmmnnNo 0279:rrrrrrrRRs 0287:ttu 028B:vvwyYzz 0297:c 0299:BeGHjkL 1E0B:e 1E23:g 1E25:g 1E27:g 1E29:g ' +
  '1E89:j 1E9A:aiff 2079:0 207B:- 208B:- 2094:e';

const inBaseLetterRange = (unit: number): boolean =>
  (unit >= 0xa0 && unit <= 0x29f) || (unit >= 0x1e00 && unit <= 0x1eff) || (unit >= 0x2070 && unit <= 0x209f);

const soleCodePoint = (text: string): number | undefined => {
  const first = text.codePointAt(0);
  return first !== undefined && String.fromCodePoint(first).length === text.length ? first : undefined;
};

/** Class of an ASCII unit; a vertical tab is a nonword character, not white space. */
function asciiClass(unit: number): UnitClass {
  if (unit >= 0x61 && unit <= 0x7a) return UnitClass.lower;
  if (unit >= 0x41 && unit <= 0x5a) return UnitClass.upper;
  if (unit >= 0x30 && unit <= 0x39) return UnitClass.number;
  if (unit === SLASH) return UnitClass.delimiter;
  const isSpace = unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0c || unit === 0x0d;
  return isSpace ? UnitClass.whitespace : UnitClass.nonword;
}

/** Simple case folding of one code point, decided by the regular expressions of the engine. */
function computeFold(unit: number): number {
  // Cherokee folds to its capitals.
  if (unit >= 0x13a0 && unit <= 0x13f5) return unit;
  if (unit >= 0x13f8 && unit <= 0x13fd) return unit - 8;
  if (unit >= 0xab70 && unit <= 0xabbf) return unit - 0xab70 + 0x13a0;
  if (unit >= 0xd800 && unit <= 0xdfff) return unit;
  const text = String.fromCodePoint(unit);
  const viaCapital = soleCodePoint(text.toUpperCase());
  const folded =
    soleCodePoint(text.toLowerCase()) === unit && viaCapital !== undefined
      ? soleCodePoint(String.fromCodePoint(viaCapital).toLowerCase())
      : soleCodePoint(text.toLowerCase());
  if (folded === undefined || folded === unit) return unit;
  const sameLetter = new RegExp(`^\\u{${folded.toString(16)}}$`, 'iu').test(text);
  return sameLetter ? folded : unit;
}

/** Lookup tables over code points. One instance serves a whole worker; it is not shared between threads. */
export class UnitTable {
  readonly #classes = new Uint8Array(TABLE_SIZE).fill(UNKNOWN_CLASS);
  /** 0 means "not computed yet". Only code point 0 folds to 0, and recomputing that is cheap. */
  readonly #folds = new Int32Array(TABLE_SIZE);
  readonly #baseLetters = new Int32Array(TABLE_SIZE);
  readonly #exceptions = new Map<number, number>();

  constructor() {
    for (const run of BASE_LETTER_RUNS.split(' ')) {
      const first = Number.parseInt(run.slice(0, 4), 16);
      [...run.slice(5)].forEach((target, offset) => {
        this.#exceptions.set(first + offset, target.charCodeAt(0));
      });
    }
  }

  /** Class of a unit as it is in the path, before any folding. */
  classOf(unit: number): number {
    if (unit >= TABLE_SIZE) return this.#computeClass(unit);
    const known = this.#classes[unit];
    if (known !== undefined && known !== UNKNOWN_CLASS) return known;
    const computed = this.#computeClass(unit);
    this.#classes[unit] = computed;
    return computed;
  }

  /** Simple case folding; a unit without one is returned unchanged. */
  fold(unit: number): number {
    if (unit >= TABLE_SIZE) return computeFold(unit);
    const known = this.#folds[unit];
    if (known !== undefined && known !== 0) return known;
    const computed = computeFold(unit);
    this.#folds[unit] = computed;
    return computed;
  }

  /** The base letter of a decorated one (`u` for `ü`); all others are returned unchanged. */
  baseLetter(unit: number): number {
    if (!inBaseLetterRange(unit)) return unit;
    const known = this.#baseLetters[unit];
    if (known !== undefined && known !== 0) return known;
    const computed = this.#exceptions.get(unit) ?? decomposed(unit);
    this.#baseLetters[unit] = computed;
    return computed;
  }

  /** A unit of a path as a term with this reading sees it. */
  read(unit: number, reading: UnitReading): number {
    const base = reading.baseLetters ? this.baseLetter(unit) : unit;
    return reading.ignoreCase ? this.fold(base) : base;
  }

  #computeClass(unit: number): UnitClass {
    if (unit < 0x80) return asciiClass(unit);
    const text = String.fromCodePoint(unit);
    if (/^\p{Lowercase}/u.test(text)) return UnitClass.lower;
    if (this.fold(unit) !== unit) return UnitClass.upper;
    if (/^\p{N}/u.test(text)) return UnitClass.number;
    if (/^\p{Alphabetic}/u.test(text)) return UnitClass.letter;
    if (/^\p{White_Space}/u.test(text)) return UnitClass.whitespace;
    return UnitClass.nonword;
  }
}

function decomposed(unit: number): number {
  const letters = String.fromCodePoint(unit).normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const code = letters.charCodeAt(0);
  return letters.length === 1 && code >= 0x20 && code < 0x7f ? code : unit;
}
