/**
 * The values of the language. None is null, an int is a bigint, a float a number. Lists and dicts can change, but not
 * while something iterates over them.
 */
import { Fault } from './fault.ts';

export type Value = null | boolean | bigint | number | string | List | Tuple | Dict | Range | Callable;

/** What a callable needs of the running interpreter. */
export interface Machine {
  /** Takes work from the budget of the run; throws Fault when it is used up. One unit is about one node or one item. */
  spend(units: number): void;
  call(callee: Value, args: CallArguments): Value;
}

export interface CallArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** Counts the iterations under way. */
class Lock {
  #held = 0;

  hold(): void {
    this.#held += 1;
  }

  release(): void {
    this.#held -= 1;
  }

  check(): void {
    if (this.#held > 0) throw new Fault('cannot be changed while it is iterated over');
  }
}

export class List {
  readonly lock = new Lock();
  readonly #items: Value[];

  /** Owns `items` from now on. */
  constructor(items: Value[]) {
    this.#items = items;
  }

  get items(): readonly Value[] {
    return this.#items;
  }

  /** The items, to be changed. */
  edit(): Value[] {
    this.lock.check();
    return this.#items;
  }
}

export interface DictEntry {
  readonly key: Value;
  readonly value: Value;
}

/** Entries by the text of their key (see `keyOf`), in the order of insertion. */
export class Dict {
  readonly lock = new Lock();
  readonly #entries: Map<string, DictEntry>;

  constructor(entries: Map<string, DictEntry> = new Map()) {
    this.#entries = entries;
  }

  get entries(): ReadonlyMap<string, DictEntry> {
    return this.#entries;
  }

  edit(): Map<string, DictEntry> {
    this.lock.check();
    return this.#entries;
  }
}

export class Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;

  /** Safe integers; `step` is not 0. */
  constructor(start: number, stop: number, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }

  at(index: number): bigint {
    return BigInt(this.start + index * this.step);
  }
}

export class Callable {
  readonly name: string;
  readonly invoke: (args: CallArguments, machine: Machine) => Value;

  constructor(name: string, invoke: (args: CallArguments, machine: Machine) => Value) {
    this.name = name;
    this.invoke = invoke;
  }
}

export function typeNameOf(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'string';
  if (value instanceof List) return 'list';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Dict) return 'dict';
  return value instanceof Range ? 'range' : 'function';
}

export function isTrue(value: Value): boolean {
  if (value instanceof List || value instanceof Tuple) return value.items.length > 0;
  if (value instanceof Dict) return value.entries.size > 0;
  if (value instanceof Range) return value.length > 0;
  return value instanceof Callable || Boolean(value);
}

/** The characters of a string: positions count these, not UTF-16 units. */
export const charsOf = (text: string): string[] => [...text];

/** Walks over what can be iterated; a list or dict is locked meanwhile. Throws Fault for anything else. */
export function* iterate(value: Value, machine: Machine): Generator<Value, void> {
  if (value instanceof Range) {
    for (let index = 0; index < value.length; index += 1) {
      machine.spend(1);
      yield value.at(index);
    }
    return;
  }
  if (!(value instanceof List || value instanceof Tuple || value instanceof Dict)) {
    throw new Fault(`a ${typeNameOf(value)} cannot be iterated over`);
  }
  const lock = value instanceof Tuple ? null : value.lock;
  lock?.hold();
  try {
    for (const item of value instanceof Dict ? keysOf(value) : value.items) {
      machine.spend(1);
      yield item;
    }
  } finally {
    lock?.release();
  }
}

function* keysOf(dict: Dict): Generator<Value, void> {
  for (const { key } of dict.entries.values()) yield key;
}
