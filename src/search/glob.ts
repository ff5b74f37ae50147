/**
 * Parses one pattern of a rule file.
 *
 * In: a pattern without the characters around it (`!`, a slash at either end). Out: its tokens. Pure. The language is
 * that of codex app-server 0.94.0, as observed: git's, plus `{a,b}`; a class may match a slash.
 */

/** Code points from the first to the last, inclusive. */
type CodePointRange = readonly [number, number];

/** A token of a pattern. `?` and `*` never match a slash. */
export type GlobToken =
  | { readonly kind: 'unit'; readonly unit: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly CodePointRange[] }
  /** Any number of folders, each followed by a slash. */
  | { readonly kind: 'folders' }
  /** A slash, then any number of folders. */
  | { readonly kind: 'slash-folders' }
  /** A slash and anything after it. */
  | { readonly kind: 'slash-all' }
  | { readonly kind: 'either'; readonly branches: readonly (readonly GlobToken[])[] };

export const SLASH = 0x2f;

const STAR: GlobToken = { kind: 'star' };
const ANY: GlobToken = { kind: 'any' };
const FOLDERS: GlobToken = { kind: 'folders' };
const SLASH_FOLDERS: GlobToken = { kind: 'slash-folders' };
const SLASH_ALL: GlobToken = { kind: 'slash-all' };

/**
 * Parses a pattern. Undefined if it is invalid: an unterminated class or brace, a reversed range, a `\` at the end.
 */
export function parseGlob(pattern: string): readonly GlobToken[] | undefined {
  return new Parser(pattern).run();
}

class Parser {
  readonly #chars: readonly string[];
  /** Tokens being read: those of the pattern, then one list per branch of each open brace. */
  readonly #open: GlobToken[][] = [[]];
  /** Index of the first branch of each open brace. */
  readonly #braces: number[] = [];
  #at = 0;

  constructor(pattern: string) {
    this.#chars = Array.from(pattern);
  }

  run(): readonly GlobToken[] | undefined {
    while (this.#at < this.#chars.length) {
      if (!this.#readNext()) return undefined;
    }
    return this.#braces.length === 0 ? this.#open[0] : undefined;
  }

  get #branch(): GlobToken[] {
    return this.#open.at(-1) ?? [];
  }

  /** Reads one token; returns false if the pattern is invalid. */
  #readNext(): boolean {
    const char = this.#chars[this.#at] ?? '';
    this.#at += 1;
    switch (char) {
      case '?':
        this.#branch.push(ANY);
        return true;
      case '*':
        this.#readStars();
        return true;
      case '[':
        return this.#readClass();
      case '{':
        this.#braces.push(this.#open.length);
        this.#open.push([]);
        return true;
      case '}':
        return this.#endBrace();
      case ',':
        if (this.#braces.length === 0) this.#pushUnit(char);
        else this.#open.push([]);
        return true;
      case '\\':
        return this.#pushUnit(this.#take());
      default:
        return this.#pushUnit(char);
    }
  }

  #take(): string | undefined {
    const char = this.#chars[this.#at];
    this.#at += 1;
    return char;
  }

  #pushUnit(char: string | undefined): boolean {
    const unit = char?.codePointAt(0);
    if (unit !== undefined) this.#branch.push({ kind: 'unit', unit });
    return unit !== undefined;
  }

  #pushStar(): void {
    if (this.#branch.at(-1)?.kind !== 'star') this.#branch.push(STAR);
  }

  #endBrace(): boolean {
    const start = this.#braces.pop();
    if (start === undefined) return false;
    const branches = this.#open.splice(start).filter((branch) => !isEmpty(branch));
    if (branches.length > 0) this.#branch.push({ kind: 'either', branches });
    return true;
  }

  /** Reads one star or two. Two match folders only if they are a whole component. */
  #readStars(): void {
    const before = this.#chars[this.#at - 2];
    if (this.#chars[this.#at] !== '*') {
      this.#pushStar();
      return;
    }
    this.#at += 1;
    const branch = this.#branch;
    const next = this.#chars[this.#at];
    if (branch.length === 0) {
      if (next !== undefined && next !== '/') {
        this.#pushStar();
        return;
      }
      branch.push(FOLDERS);
      this.#at += 1;
      return;
    }
    const endsBranch = next === undefined || (this.#braces.length > 0 && (next === ',' || next === '}'));
    if (before !== '/' || (!endsBranch && next !== '/')) {
      this.#pushStar();
      return;
    }
    if (next === '/') this.#at += 1;
    const replaced = branch.pop();
    const isKept = replaced?.kind === 'folders' || replaced?.kind === 'slash-all';
    branch.push(isKept ? replaced : endsBranch ? SLASH_ALL : SLASH_FOLDERS);
  }

  #readClass(): boolean {
    const first = this.#chars[this.#at];
    const negated = first === '!' || first === '^';
    if (negated) this.#at += 1;
    const ranges: [number, number][] = [];
    let inRange = false;
    for (let isFirst = true; ; isFirst = false) {
      const char = this.#take();
      if (char === undefined) return false;
      if (char === ']' && !isFirst) break;
      const unit = char.codePointAt(0) ?? 0;
      const last = ranges.at(-1);
      if (char === '-' && !isFirst && !inRange) {
        inRange = true;
      } else if (inRange && last !== undefined) {
        if (unit < last[0]) return false;
        last[1] = unit;
        inRange = false;
      } else {
        ranges.push([unit, unit]);
      }
    }
    if (inRange) ranges.push([0x2d, 0x2d]);
    this.#branch.push({ kind: 'class', negated, ranges });
    return true;
  }
}

/** An empty branch does not count. */
const isEmpty = (branch: readonly GlobToken[]): boolean => branch.length === 0;

/** Whether a class contains a code point. */
export function classHas({ negated, ranges }: Extract<GlobToken, { kind: 'class' }>, unit: number): boolean {
  for (const [first, last] of ranges) if (unit >= first && unit <= last) return !negated;
  return negated;
}

/** Whether the token only matches characters within one component of a path. */
export function staysInComponent(token: GlobToken): boolean {
  switch (token.kind) {
    case 'unit':
      return token.unit !== SLASH;
    case 'any':
    case 'star':
      return true;
    case 'class':
      return !classHas(token, SLASH);
    case 'either':
      return token.branches.every((branch) => branch.every(staysInComponent));
    case 'folders':
    case 'slash-folders':
    case 'slash-all':
      return false;
  }
}
