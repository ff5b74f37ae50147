/** `object.name`: the methods of strings, lists and dicts. */
import { DICT_METHODS } from './dict-methods.ts';
import { Fault } from './fault.ts';
import { LIST_METHODS } from './list-methods.ts';
import { STRING_METHODS } from './string-methods.ts';
import { type CallArguments, Callable, Dict, List, type Machine, typeNameOf, type Value } from './values.ts';

type Bound = (args: CallArguments, machine: Machine) => Value;

function methodOf(value: Value, name: string): Bound | undefined {
  if (typeof value === 'string') {
    const method = STRING_METHODS.get(name);
    return method && ((args, machine) => method(value, args, machine));
  }
  if (value instanceof List) {
    const method = LIST_METHODS.get(name);
    return method && ((args, machine) => method(value, args, machine));
  }
  if (value instanceof Dict) {
    const method = DICT_METHODS.get(name);
    return method && ((args, machine) => method(value, args, machine));
  }
  return undefined;
}

export function attributeNames(value: Value): string[] {
  if (typeof value === 'string') return [...STRING_METHODS.keys()];
  if (value instanceof List) return [...LIST_METHODS.keys()];
  return value instanceof Dict ? [...DICT_METHODS.keys()] : [];
}

/** Throws Fault when the value has no such method. */
export function readAttribute(value: Value, name: string): Callable {
  const method = methodOf(value, name);
  if (method === undefined) throw new Fault(`Object of type \`${typeNameOf(value)}\` has no attribute \`${name}\``);
  return new Callable(name, method);
}
