/**
 * Reads one pattern of a file of rules.
 *
 * In: a pattern, without the signs around it (`!`, a slash at either end). Out: what it is made of. Pure. The language is that
 * of codex app-server 0.94.0, as observed: that of git, with `{a,b}` besides; a class may stand for a slash.
 */

/** Code points from the first to the last, both included. */
type Range = readonly [number, number];

/** A piece of a pattern. `?` and `*` never stand for a slash. */
export type Token =
  | { readonly kind: 'unit'; readonly unit: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly Range[] }
  /** Any number of folders, each with a slash behind it. */
  | { readonly kind: 'folders' }
  /** A slash, and then any number of folders. */
  | { readonly kind: 'slash-folders' }
  /** A slash and anything after it. */
  | { readonly kind: 'slash-all' }
  | { readonly kind: 'either'; readonly branches: readonly (readonly Token[])[] };

export const SLASH = 0x2f;

const STAR: Token = { kind: 'star' };
const ANY: Token = { kind: 'any' };
const FOLDERS: Token = { kind: 'folders' };
const SLASH_FOLDERS: Token = { kind: 'slash-folders' };
const SLASH_ALL: Token = { kind: 'slash-all' };

/** A pattern, or undefined when it is none: a class or a brace that does not end, a range the wrong way round, a `\` at the end. */
export function parseGlob(pattern: string): readonly Token[] | undefined {
  return new Parser(pattern).run();
}

class Parser {
  readonly #chars: readonly string[];
  /** What is being read: the pattern itself, and in braces one list for each branch so far. */
  readonly #open: Token[][] = [[]];
  /** Where the branches of each open brace begin. */
  readonly #braces: number[] = [];
  #at = 0;

  constructor(pattern: string) {
    this.#chars = Array.from(pattern);
  }

  run(): readonly Token[] | undefined {
    while (this.#at < this.#chars.length) {
      if (!this.#readNext()) return undefined;
    }
    return this.#braces.length === 0 ? this.#open[0] : undefined;
  }

  get #branch(): Token[] {
    return this.#open.at(-1) ?? [];
  }

  /** Reads one piece; false when the pattern is none. */
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

  /** One star, or two, which stand for folders only where a component begins and ends with them. */
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

/** A branch without anything in it is none. */
const isEmpty = (branch: readonly Token[]): boolean => branch.length === 0;

/** Whether a class stands for a code point. */
export function classHas({ negated, ranges }: Extract<Token, { kind: 'class' }>, unit: number): boolean {
  for (const [first, last] of ranges) if (unit >= first && unit <= last) return !negated;
  return negated;
}

/** Whether the token stands for one character, or any number of them, within one component of a path. */
export function staysInComponent(token: Token): boolean {
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
