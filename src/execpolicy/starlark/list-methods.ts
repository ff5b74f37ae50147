/** Methods of lists. They throw Fault. */
import { takeArguments } from './calls.ts';
import { isEqual } from './compare.ts';
import { Fault } from './fault.ts';
import { toNumber } from './indexing.ts';
import { type CallArguments, iterate, type List, type Machine, type Value } from './values.ts';

type Method = (list: List, args: CallArguments, machine: Machine) => Value;
type Body = (list: List, values: readonly (Value | undefined)[], machine: Machine) => Value | undefined;

/** A body that gives nothing back gives None. */
const method = (name: string, params: readonly string[], required: number, body: Body): [string, Method] => [
  name,
  (list, args, machine) => body(list, takeArguments({ name, params, required }, args), machine) ?? null,
];

function indexOf(list: List, item: Value, bounds: readonly (Value | undefined)[], machine: Machine): number {
  const [from = 0n, to = BigInt(list.items.length)] = bounds.map((bound) => bound ?? undefined);
  const length = list.items.length;
  const clamp = (value: Value): number => {
    const at = toNumber(value);
    return Math.min(length, Math.max(0, at < 0 ? at + length : at));
  };
  const start = clamp(from);
  const found = list.items.slice(start, clamp(to)).findIndex((other) => isEqual(item, other, machine));
  if (found === -1) throw new Fault('the list does not hold this value');
  return start + found;
}

export const LIST_METHODS: ReadonlyMap<string, Method> = new Map([
  method('append', ['x'], 1, (list, [item = null]) => {
    list.edit().push(item);
    return undefined;
  }),
  method('clear', [], 0, (list) => {
    list.edit().splice(0);
    return undefined;
  }),
  method('extend', ['x'], 1, (list, [items = null], machine) => {
    const added = [...iterate(items, machine)];
    const target = list.edit();
    for (const item of added) target.push(item);
    return undefined;
  }),
  method('index', ['x', 'start', 'end'], 1, (list, [item = null, ...bounds], machine) =>
    BigInt(indexOf(list, item, bounds, machine)),
  ),
  method('insert', ['index', 'x'], 2, (list, [index = null, item = null], machine) => {
    machine.spend(list.items.length);
    list.edit().splice(toNumber(index), 0, item);
    return undefined;
  }),
  method('pop', ['index'], 0, (list, [index = -1n], machine) => {
    machine.spend(list.items.length);
    const at = toNumber(index);
    const position = at < 0 ? at + list.items.length : at;
    if (position < 0 || position >= list.items.length) throw new Fault(`Index \`${at}\` is out of bound`);
    return list.edit().splice(position, 1)[0];
  }),
  method('remove', ['x'], 1, (list, [item = null], machine) => {
    const at = indexOf(list, item, [], machine);
    list.edit().splice(at, 1);
    return undefined;
  }),
]);
