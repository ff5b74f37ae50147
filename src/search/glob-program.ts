/**
 * Patterns as programs (a simulated NFA): one pass over the text decides whether it matches, with all possible states
 * of the pattern at once. The time is at most the length of the text times that of the pattern, for any input.
 *
 * In: the tokens of a pattern, then texts. Out: whether they match. An instance owns the scratch space of its passes.
 */
import { classHas, type GlobToken, SLASH } from './glob.ts';

/** What a state consumes before the next one. States that consume nothing are expanded at once. */
const TAKE_UNIT = 0;
const TAKE_ANY = 1;
const TAKE_ALL = 2;
const TAKE_CLASS = 3;
const FORK = 4;
const END = 5;

type ClassToken = Extract<GlobToken, { kind: 'class' }>;

export class GlobProgram {
  readonly #kinds: number[] = [];
  /** The next state; for a fork, the first of its two. */
  readonly #next: number[] = [];
  /** Code point, index of a class, or second state of a fork. */
  readonly #args: number[] = [];
  readonly #classes: ClassToken[] = [];
  readonly #start: number;
  #current = new Int32Array(0);
  #following = new Int32Array(0);
  #stack = new Int32Array(0);
  /** The pass and position at which a state was last entered. */
  #entered = new Float64Array(0);
  #clock = 0;

  constructor(tokens: readonly GlobToken[]) {
    this.#start = this.#compile(tokens, this.#add(END, 0));
  }

  /** Number of states; the time of a pass grows with it. */
  get size(): number {
    return this.#kinds.length;
  }

  matches(text: string): boolean {
    if (this.#entered.length === 0) this.#makeRoom();
    this.#clock += 1;
    let count = this.#enter(this.#start, this.#current, 0);
    for (let at = 0; at < text.length && count > 0; at++) {
      const unit = text.codePointAt(at) ?? 0;
      if (unit > 0xffff) at += 1;
      this.#clock += 1;
      count = this.#step(unit, count);
    }
    for (let index = 0; index < count; index++) if (this.#kinds[this.#current[index] ?? 0] === END) return true;
    return false;
  }

  #step(unit: number, count: number): number {
    const from = this.#current;
    const to = this.#following;
    let entered = 0;
    for (let index = 0; index < count; index++) {
      const state = from[index] ?? 0;
      if (this.#takes(state, unit)) entered = this.#enter(this.#next[state] ?? 0, to, entered);
    }
    this.#current = to;
    this.#following = from;
    return entered;
  }

  #takes(state: number, unit: number): boolean {
    switch (this.#kinds[state]) {
      case TAKE_UNIT:
        return this.#args[state] === unit;
      case TAKE_ANY:
        return unit !== SLASH;
      case TAKE_ALL:
        return true;
      case TAKE_CLASS: {
        const wanted = this.#classes[this.#args[state] ?? 0];
        return wanted !== undefined && classHas(wanted, unit);
      }
      default:
        return false;
    }
  }

  /** Adds a state, or the states it forks into, to a list; returns the length of the list. */
  #enter(state: number, list: Int32Array, length: number): number {
    const stack = this.#stack;
    let count = length;
    let waiting = 1;
    stack[0] = state;
    while (waiting > 0) {
      waiting -= 1;
      const next = stack[waiting] ?? 0;
      if (this.#entered[next] === this.#clock) continue;
      this.#entered[next] = this.#clock;
      if (this.#kinds[next] === FORK) {
        stack[waiting] = this.#args[next] ?? 0;
        stack[waiting + 1] = this.#next[next] ?? 0;
        waiting += 2;
      } else {
        list[count] = next;
        count += 1;
      }
    }
    return count;
  }

  #makeRoom(): void {
    this.#current = new Int32Array(this.size);
    this.#following = new Int32Array(this.size);
    this.#stack = new Int32Array(2 * this.size + 2);
    this.#entered = new Float64Array(this.size);
  }

  #add(kind: number, next: number, arg = 0): number {
    this.#kinds.push(kind);
    this.#next.push(next);
    this.#args.push(arg);
    return this.#kinds.length - 1;
  }

  /** Adds any number of what `kind` consumes, followed by `next`. */
  #addLoop(kind: typeof TAKE_ANY | typeof TAKE_ALL, next: number): number {
    const fork = this.#add(FORK, 0, next);
    this.#next[fork] = this.#add(kind, fork);
    return fork;
  }

  /** Adds the states of tokens; the last one leads to `next`. Returns the first state. */
  #compile(tokens: readonly GlobToken[], next: number): number {
    return tokens.reduceRight((after, token) => this.#compileOne(token, after), next);
  }

  #compileOne(token: GlobToken, next: number): number {
    switch (token.kind) {
      case 'unit':
        return this.#add(TAKE_UNIT, next, token.unit);
      case 'any':
        return this.#add(TAKE_ANY, next);
      case 'star':
        return this.#addLoop(TAKE_ANY, next);
      case 'class':
        this.#classes.push(token);
        return this.#add(TAKE_CLASS, next, this.#classes.length - 1);
      case 'folders':
        return this.#compileFolders(next);
      case 'slash-folders':
        return this.#add(TAKE_UNIT, this.#compileFolders(next), SLASH);
      case 'slash-all':
        return this.#add(TAKE_UNIT, this.#addLoop(TAKE_ALL, next), SLASH);
      case 'either':
        return token.branches
          .map((branch) => this.#compile(branch, next))
          .reduceRight((others, branch) => this.#add(FORK, branch, others));
    }
  }

  #compileFolders(next: number): number {
    const slash = this.#add(TAKE_UNIT, next, SLASH);
    return this.#add(FORK, next, this.#addLoop(TAKE_ALL, slash));
  }
}
