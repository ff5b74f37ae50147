/**
 * Patterns for names: `*`, `?`, classes and literal characters, nothing that spans folders.
 *
 * In: the tokens of a pattern, then names. Out: whether they match. A star matches as little as possible, and only
 * the last one is extended, so the time is at most the length of the name times that of the longest part between two
 * stars. Immutable.
 */
import { classHas, type GlobToken, SLASH } from './glob.ts';

// Codes of tokens that are not code points.
const ANY = -1;
const STAR = -2;
const CLASS = -3;

export class NameGlob {
  readonly #tokens: readonly GlobToken[];
  /** The code point of each token, or one of the codes above. */
  readonly #codes: Int32Array;
  /** Minimum length of a name. */
  readonly #least: number;
  readonly #head: string;
  readonly #tail: string;

  constructor(tokens: readonly GlobToken[]) {
    this.#tokens = tokens;
    this.#codes = Int32Array.from(tokens, codeOf);
    this.#least = tokens.filter(({ kind }) => kind !== 'star').length;
    this.#head = literalPrefixOf(tokens);
    this.#tail = literalTextOf(tokens.slice(tokens.findLastIndex(({ kind }) => kind !== 'unit') + 1));
  }

  /** Number of tokens; the time of a match grows with it. */
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

/** The literal prefix that a text needs to match. */
export function literalPrefixOf(tokens: readonly GlobToken[]): string {
  const end = tokens.findIndex(({ kind }) => kind !== 'unit');
  return literalTextOf(end === -1 ? tokens : tokens.slice(0, end));
}

/** The text of the literal characters; other tokens are left out. */
export const literalTextOf = (tokens: readonly GlobToken[]): string =>
  tokens.map((token) => (token.kind === 'unit' ? String.fromCodePoint(token.unit) : '')).join('');

function codeOf(token: GlobToken): number {
  if (token.kind === 'unit') return token.unit;
  if (token.kind === 'star') return STAR;
  return token.kind === 'any' ? ANY : CLASS;
}

const lengthOf = (unit: number): number => (unit > 0xffff ? 2 : 1);
