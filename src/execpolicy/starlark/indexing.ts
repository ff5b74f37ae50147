/** `object[index]` and `object[start:stop:step]`. Throws Fault. */
import { keyOf } from './compare.ts';
import { Fault } from './fault.ts';
import { represent } from './text.ts';
import { charsOf, Dict, List, type Machine, Range, Tuple, typeNameOf, type Value } from './values.ts';

/** The int as a number; far-off ones become infinite. */
export function toNumber(value: Value): number {
  if (typeof value !== 'bigint') throw new Fault(`expected an int, got a ${typeNameOf(value)}`);
  return Number(value);
}

function position(index: Value, length: number): number {
  const at = toNumber(index);
  const fromStart = at < 0 ? at + length : at;
  if (fromStart < 0 || fromStart >= length) throw new Fault(`Index \`${at}\` is out of bound`);
  return fromStart;
}

export function readIndex(object: Value, index: Value, machine: Machine): Value {
  if (object instanceof Dict) {
    const entry = object.entries.get(keyOf(index, machine));
    if (entry === undefined) throw new Fault(`Key \`${represent(index, machine)}\` was not found`);
    return entry.value;
  }
  if (object instanceof Range) return object.at(position(index, object.length));
  if (typeof object === 'string') {
    machine.spend(object.length);
    const chars = charsOf(object);
    return chars[position(index, chars.length)] ?? null;
  }
  if (!(object instanceof List || object instanceof Tuple))
    throw new Fault(`a ${typeNameOf(object)} cannot be indexed`);
  return object.items[position(index, object.items.length)] ?? null;
}

export function writeIndex(object: Value, index: Value, value: Value, machine: Machine): void {
  if (object instanceof Dict) {
    object.edit().set(keyOf(index, machine), { key: index, value });
  } else if (object instanceof List) {
    const items = object.edit();
    items[position(index, items.length)] = value;
  } else throw new Fault(`the items of a ${typeNameOf(object)} cannot be set`);
}

interface Bounds {
  readonly start: Value;
  readonly stop: Value;
  readonly step: Value;
}

export function readSlice(object: Value, bounds: Bounds, machine: Machine): Value {
  if (typeof object === 'string') {
    machine.spend(object.length);
    const chars = charsOf(object);
    return positions(bounds, chars.length, machine)
      .map((at) => chars[at] ?? '')
      .join('');
  }
  if (object instanceof Range) return sliceRange(object, bounds);
  if (!(object instanceof List || object instanceof Tuple)) throw new Fault(`a ${typeNameOf(object)} cannot be sliced`);
  const items = positions(bounds, object.items.length, machine).map((at) => object.items[at] ?? null);
  return object instanceof List ? new List(items) : new Tuple(items);
}

function limits({ start, stop, step }: Bounds, length: number): Range {
  const by = step === null ? 1 : toNumber(step);
  if (by === 0) throw new Fault('the step of a slice cannot be 0');
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
  const clamp = (value: Value, otherwise: number): number => {
    if (value === null) return otherwise;
    const at = toNumber(value);
    return Math.min(high, Math.max(low, at < 0 ? at + length : at));
  };
  const [first, last] = by > 0 ? [low, high] : [high, low];
  const clampedStep = Math.max(-length - 1, Math.min(length + 1, by));
  return new Range(clamp(start, first), clamp(stop, last), clampedStep);
}

function positions(bounds: Bounds, length: number, machine: Machine): number[] {
  const range = limits(bounds, length);
  machine.spend(range.length);
  return Array.from({ length: range.length }, (_, index) => range.start + index * range.step);
}

function sliceRange(range: Range, bounds: Bounds): Range {
  const { start, stop, step } = limits(bounds, range.length);
  return new Range(range.start + start * range.step, range.start + stop * range.step, range.step * step);
}
