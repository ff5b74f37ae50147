/** Equality, order, and the keys of dicts. */
import { Fault } from './fault.ts';
import { Callable, Dict, List, type Machine, Range, Tuple, typeNameOf, type Value } from './values.ts';

/** As deep as values may nest where they are compared or shown. */
export const MAX_VALUE_DEPTH = 100;

/** Units of work for a text of this length. */
export const textCost = (length: number): number => Math.ceil(length / 8);

const isNumber = (value: Value): value is bigint | number => typeof value === 'bigint' || typeof value === 'number';

function checkDepth(depth: number): void {
  if (depth > MAX_VALUE_DEPTH) throw new Fault('value nested too deeply');
}

export function isEqual(a: Value, b: Value, machine: Machine, depth = 0): boolean {
  checkDepth(depth);
  machine.spend(1);
  if (typeof a === 'string' && typeof b === 'string') {
    machine.spend(textCost(Math.min(a.length, b.length)));
    return a === b;
  }
  // biome-ignore lint/suspicious/noDoubleEquals: an int and a float of the same value are equal
  if (isNumber(a) && isNumber(b)) return a == b;
  if ((a instanceof List && b instanceof List) || (a instanceof Tuple && b instanceof Tuple)) {
    const others = b.items;
    return (
      a.items.length === others.length &&
      a.items.every((item, index) => isEqual(item, others[index] ?? null, machine, depth + 1))
    );
  }
  if (a instanceof Dict && b instanceof Dict) return isEqualDict(a, b, machine, depth);
  if (a instanceof Range && b instanceof Range) return isEqualRange(a, b);
  return a === b;
}

function isEqualDict(a: Dict, b: Dict, machine: Machine, depth: number): boolean {
  if (a.entries.size !== b.entries.size) return false;
  for (const [key, { value }] of a.entries) {
    const other = b.entries.get(key);
    if (other === undefined || !isEqual(value, other.value, machine, depth + 1)) return false;
  }
  return true;
}

function isEqualRange(a: Range, b: Range): boolean {
  if (a.length !== b.length) return false;
  return a.length === 0 || (a.start === b.start && (a.length === 1 || a.step === b.step));
}

/** Negative, zero or positive. Throws Fault for values that have no order. */
export function compare(a: Value, b: Value, machine: Machine, depth = 0): number {
  checkDepth(depth);
  machine.spend(1);
  if (typeof a === 'string' && typeof b === 'string') {
    machine.spend(textCost(Math.min(a.length, b.length)));
    return compareText(a, b);
  }
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : Number(a > b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if ((a instanceof List && b instanceof List) || (a instanceof Tuple && b instanceof Tuple)) {
    const others = b.items;
    for (const [index, item] of a.items.entries()) {
      const other = others[index];
      if (other === undefined) return 1;
      const order = compare(item, other, machine, depth + 1);
      if (order !== 0) return order;
    }
    return a.items.length - others.length;
  }
  throw new Fault(`a ${typeNameOf(a)} and a ${typeNameOf(b)} have no order`);
}

/** By code points: UTF-16 units would put characters beyond U+FFFF before some others. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1);
}

/** A text that two keys share exactly when they are equal. Throws Fault for values that cannot be keys. */
export function keyOf(value: Value, machine: Machine, depth = 0): string {
  checkDepth(depth);
  machine.spend(1);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') {
    machine.spend(textCost(value.length));
    return `s${value}`;
  }
  if (isNumber(value)) return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
  if (value instanceof Tuple) {
    const keys = value.items.map((item) => keyOf(item, machine, depth + 1));
    const text = keys.map((key) => `${key.length}:${key}`).join('');
    machine.spend(textCost(text.length));
    return `t${text}`;
  }
  throw new Fault(`a ${value instanceof Callable ? 'function' : typeNameOf(value)} cannot be a key`);
}

/** Units for looking for one text in another, which at worst compares all of it at every place. */
export const searchCost = (text: string, wanted: string): number =>
  textCost(text.length) + textCost(text.length * Math.min(text.length, wanted.length)) / 4;
