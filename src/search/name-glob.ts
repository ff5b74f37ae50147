/**
 * Patterns for names: `*`, `?`, classes and plain characters, nothing that has to do with folders.
 *
 * In: the pieces of a pattern, then names. Out: yes or no. A star takes as little as it can, and only the last one is ever given
 * more, so that the time is at most the length of the name times that of the longest piece between two stars. Immutable.
 */
import { classHas, SLASH, type Token } from './glob.ts';

// Pieces that are no code points.
const ANY = -1;
const STAR = -2;
const CLASS = -3;

export class NameGlob {
  readonly #tokens: readonly Token[];
  /** The code point of each piece, or what else it is. */
  readonly #codes: Int32Array;
  /** Characters that a name must have at least. */
  readonly #least: number;
  readonly #head: string;
  readonly #tail: string;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#codes = Int32Array.from(tokens, codeOf);
    this.#least = tokens.filter(({ kind }) => kind !== 'star').length;
    this.#head = headOf(tokens);
    this.#tail = textOf(tokens.slice(tokens.findLastIndex(({ kind }) => kind !== 'unit') + 1));
  }

  /** Pieces; the time of a match grows with them. */
  get size(): number {
    return this.#tokens.length;
  }

  matches(name: string): boolean {
    if (name.length < this.#least || !name.startsWith(this.#head) || !name.endsWith(this.#tail)) return false;
    const codes = this.#codes;
    let index = 0;
    let at = 0;
    let afterStar = -1;
    let starEnd = 0;
    while (at < name.length) {
      const unit = name.codePointAt(at) ?? 0;
      if (codes[index] === STAR) {
        index += 1;
        afterStar = index;
        starEnd = at;
      } else if (index < codes.length && this.#takes(index, unit)) {
        index += 1;
        at += lengthOf(unit);
      } else {
        if (afterStar === -1) return false;
        starEnd += lengthOf(name.codePointAt(starEnd) ?? 0);
        at = starEnd;
        index = afterStar;
      }
    }
    while (codes[index] === STAR) index += 1;
    return index === codes.length;
  }

  #takes(index: number, unit: number): boolean {
    const code = this.#codes[index];
    if (code === unit) return true;
    if (code === ANY) return unit !== SLASH;
    const token = this.#tokens[index];
    return token?.kind === 'class' && classHas(token, unit);
  }
}

/** The characters that a text must begin with to match. */
export function headOf(tokens: readonly Token[]): string {
  const end = tokens.findIndex(({ kind }) => kind !== 'unit');
  return textOf(end === -1 ? tokens : tokens.slice(0, end));
}

/** The text of plain characters; other pieces are left out. */
export const textOf = (tokens: readonly Token[]): string =>
  tokens.map((token) => (token.kind === 'unit' ? String.fromCodePoint(token.unit) : '')).join('');

function codeOf(token: Token): number {
  if (token.kind === 'unit') return token.unit;
  if (token.kind === 'star') return STAR;
  return token.kind === 'any' ? ANY : CLASS;
}

const lengthOf = (unit: number): number => (unit > 0xffff ? 2 : 1);
