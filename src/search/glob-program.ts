/**
 * Patterns as programs: whether one stands for a text is found in one pass over the text, with all the states that the pattern
 * can be in at once. So the time is at most the length of the text times that of the pattern, whatever either of them is.
 *
 * In: the pieces of a pattern, then texts. Out: yes or no. An instance owns the scratch space of its passes.
 */
import { classHas, SLASH, type Token } from './glob.ts';

/** What a state takes before the next one; those that take nothing are gone through at once. */
const TAKE_UNIT = 0;
const TAKE_ANY = 1;
const TAKE_ALL = 2;
const TAKE_CLASS = 3;
const FORK = 4;
const END = 5;

type ClassToken = Extract<Token, { kind: 'class' }>;

export class GlobProgram {
  readonly #kinds: number[] = [];
  /** The state that comes next; for a fork the first of the two. */
  readonly #next: number[] = [];
  /** Code point, number of a class, or the second state of a fork. */
  readonly #args: number[] = [];
  readonly #classes: ClassToken[] = [];
  readonly #start: number;
  #current = new Int32Array(0);
  #following = new Int32Array(0);
  #stack = new Int32Array(0);
  /** The pass and position at which a state was entered last. */
  #entered = new Float64Array(0);
  #clock = 0;

  constructor(tokens: readonly Token[]) {
    this.#start = this.#compile(tokens, this.#add(END, 0));
  }

  /** States; the time of a pass grows with them. */
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

  /** Adds a state, or those that it forks into, to a list of them; returns the length of the list. */
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

  /** Any number of what `kind` takes, and then what comes next. */
  #addLoop(kind: typeof TAKE_ANY | typeof TAKE_ALL, next: number): number {
    const fork = this.#add(FORK, 0, next);
    this.#next[fork] = this.#add(kind, fork);
    return fork;
  }

  /** Adds the states of some tokens, of which the last one leads to `next`; returns the first state. */
  #compile(tokens: readonly Token[], next: number): number {
    return tokens.reduceRight((after, token) => this.#compileOne(token, after), next);
  }

  #compileOne(token: Token, next: number): number {
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
