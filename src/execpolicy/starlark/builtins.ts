/** The functions every source may call. They throw Fault. */
import { attributeNames, readAttribute } from './attributes.ts';
import { type Signature, takeArguments } from './calls.ts';
import { compare, textCost } from './compare.ts';
import { dictOf } from './dict-methods.ts';
import { Fault } from './fault.ts';
import { toNumber } from './indexing.ts';
import { parseFloatText, parseIntText } from './numbers.ts';
import { represent, show } from './text.ts';
import {
  Callable,
  charsOf,
  Dict,
  isTrue,
  iterate,
  List,
  type Machine,
  Range,
  Tuple,
  typeNameOf,
  type Value,
} from './values.ts';

type Body = (args: readonly (Value | undefined)[], machine: Machine) => Value;

const native = (signature: Signature, body: Body): Callable =>
  new Callable(signature.name, (args, machine) => body(takeArguments(signature, args), machine));

/** A native with one required argument. */
const unary = (name: string, body: (value: Value, machine: Machine) => Value): Callable =>
  native({ name, params: ['x'], required: 1 }, ([value = null], machine) => body(value, machine));

const listOf = (value: Value, machine: Machine): Value[] => [...iterate(value, machine)];

function lengthOf(value: Value, machine: Machine): number {
  if (typeof value === 'string') {
    machine.spend(textCost(value.length));
    return charsOf(value).length;
  }
  if (value instanceof List || value instanceof Tuple) return value.items.length;
  if (value instanceof Dict) return value.entries.size;
  if (value instanceof Range) return value.length;
  throw new Fault(`Operation \`len()\` not supported on type \`${typeNameOf(value)}\``);
}

/** `key` and `reverse` are given by name. */
function sorted(items: readonly Value[], key: Value | undefined, machine: Machine): { value: Value; rank: Value }[] {
  return items.map((value) => ({
    value,
    rank: key === undefined || key === null ? value : machine.call(key, { positional: [value], named: new Map() }),
  }));
}

function extreme(name: 'min' | 'max'): Callable {
  const sign = name === 'min' ? -1 : 1;
  return new Callable(name, ({ positional, named }, machine) => {
    const [key] = takeArguments({ name, params: [], required: 0, named: ['key'] }, { positional: [], named });
    const [first = null] = positional;
    const ranked = sorted(positional.length === 1 ? listOf(first, machine) : positional, key, machine);
    const [start] = ranked;
    if (start === undefined) throw new Fault(`\`${name}\` of nothing`);
    return ranked.reduce((best, item) => (compare(item.rank, best.rank, machine) * sign > 0 ? item : best), start)
      .value;
  });
}

function rangeFrom(first: Value, second: Value | undefined, third: Value | undefined): Range {
  const [start, stop] = second === undefined ? [0, toNumber(first)] : [toNumber(first), toNumber(second)];
  const step = third === undefined ? 1 : toNumber(third);
  if (step === 0) throw new Fault('the step of a range cannot be 0');
  if (![start, stop, step].every((value) => Math.abs(value) < 2 ** 31)) throw new Fault('range too large');
  return new Range(start, stop, step);
}

function absolute(value: Value): Value {
  if (typeof value === 'bigint') return value < 0n ? -value : value;
  if (typeof value === 'number') return Math.abs(value);
  throw new Fault(`a ${typeNameOf(value)} is no number`);
}

/** The hash of a string in the way of Java's `String.hashCode`. */
function hashOf(value: Value, machine: Machine): bigint {
  if (typeof value !== 'string') throw new Fault('only strings can be hashed');
  machine.spend(value.length);
  return BigInt([...value].reduce((hash, char) => (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0, 0));
}

function ordinal(value: Value): bigint {
  const chars = typeof value === 'string' && value.length <= 2 ? charsOf(value) : [];
  if (chars.length !== 1) throw new Fault('expected a string of one character');
  return BigInt(chars[0]?.codePointAt(0) ?? 0);
}

function character(value: Value): string {
  const code = toNumber(value);
  if (!(code >= 0 && code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) throw new Fault('no such character');
  return String.fromCodePoint(code);
}

function textArgument(value: Value | undefined): string {
  if (typeof value !== 'string') throw new Fault('expected a string');
  return value;
}

function zip(positional: readonly Value[], machine: Machine): List {
  const columns = positional.map((value) => listOf(value, machine));
  const length = columns.length === 0 ? 0 : Math.min(...columns.map((column) => column.length));
  machine.spend(length * columns.length);
  return new List(Array.from({ length }, (_, row) => new Tuple(columns.map((column) => column[row] ?? null))));
}

export const BUILTINS: readonly Callable[] = [
  unary('abs', absolute),
  unary('all', (value, machine) => listOf(value, machine).every(isTrue)),
  unary('any', (value, machine) => listOf(value, machine).some(isTrue)),
  native({ name: 'bool', params: ['x'], required: 0 }, ([value = false]) => isTrue(value)),
  unary('chr', character),
  new Callable('dict', (args, machine) => dictOf(args, machine)),
  unary('dir', (value) => new List([...attributeNames(value)].sort())),
  native({ name: 'enumerate', params: ['x', 'start'], required: 1 }, ([value = null, start = 0n], machine) => {
    const from = toNumber(start);
    return new List(listOf(value, machine).map((item, index) => new Tuple([BigInt(from + index), item])));
  }),
  new Callable('fail', ({ positional }, machine) => {
    throw new Fault(`fail: ${positional.map((value) => show(value, machine)).join(' ')}`);
  }),
  native({ name: 'float', params: ['x'], required: 0 }, ([value = 0.0]) => parseFloatText(value)),
  native({ name: 'getattr', params: ['x', 'name', 'default'], required: 2 }, ([value = null, name, otherwise]) => {
    const attribute = textArgument(name);
    if (otherwise !== undefined && !attributeNames(value).includes(attribute)) return otherwise;
    return readAttribute(value, attribute);
  }),
  native({ name: 'hasattr', params: ['x', 'name'], required: 2 }, ([value = null, name]) =>
    attributeNames(value).includes(textArgument(name)),
  ),
  unary('hash', hashOf),
  native({ name: 'int', params: ['x', 'base'], required: 0 }, ([value = 0n, base]) => parseIntText(value, base)),
  unary('len', (value, machine) => BigInt(lengthOf(value, machine))),
  native(
    { name: 'list', params: ['x'], required: 0 },
    ([value], machine) => new List(value === undefined ? [] : listOf(value, machine)),
  ),
  extreme('max'),
  extreme('min'),
  unary('ord', ordinal),
  native({ name: 'range', params: ['a', 'b', 'c'], required: 1 }, ([a = null, b, c]) => rangeFrom(a, b, c)),
  unary('repr', (value, machine) => represent(value, machine)),
  unary('reversed', (value, machine) => new List(listOf(value, machine).reverse())),
  native({ name: 'sorted', params: ['x'], required: 1, named: ['key', 'reverse'] }, (args, machine) => {
    const [value = null, key, reverse = false] = args;
    const sign = isTrue(reverse) ? -1 : 1;
    const ranked = sorted(listOf(value, machine), key, machine);
    return new List(ranked.sort((a, b) => sign * compare(a.rank, b.rank, machine)).map((item) => item.value));
  }),
  native({ name: 'str', params: ['x'], required: 0 }, ([value = ''], machine) => show(value, machine)),
  native(
    { name: 'tuple', params: ['x'], required: 0 },
    ([value], machine) => new Tuple(value === undefined ? [] : listOf(value, machine)),
  ),
  unary('type', typeNameOf),
  new Callable('zip', ({ positional, named }, machine) => {
    takeArguments({ name: 'zip', params: [], required: 0 }, { positional: [], named });
    return zip(positional, machine);
  }),
];
