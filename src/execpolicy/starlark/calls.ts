/** Arguments of a call to parameters of a function. Throws Fault. */
import { Fault } from './fault.ts';
import { type CallArguments, Dict, Tuple, type Value } from './values.ts';

export interface BoundParameter {
  readonly kind: 'plain' | 'rest' | 'bare' | 'keywords';
  readonly name: string;
  /** undefined when the caller has to give a value. */
  readonly fallback: Value | undefined;
}

export function bindParameters(
  name: string,
  params: readonly BoundParameter[],
  { positional, named }: CallArguments,
): Map<string, Value | undefined> {
  const bound = new Map<string, Value | undefined>();
  const left = new Map(named);
  const rest = [...positional];
  let namedOnly = false;
  for (const param of params) {
    if (param.kind === 'plain') bound.set(param.name, plainValue(name, param, namedOnly ? [] : rest, left));
    else if (param.kind === 'rest') bound.set(param.name, new Tuple(rest.splice(0)));
    else if (param.kind === 'keywords') bound.set(param.name, takeNamed(left));
    namedOnly ||= param.kind !== 'plain';
  }
  if (rest.length > 0) throw new Fault(`Found ${rest.length} extra positional argument(s) for call to ${name}`);
  checkNoneLeft(name, left);
  return bound;
}

function plainValue(callee: string, param: BoundParameter, rest: Value[], left: Map<string, Value>): Value {
  const given = left.get(param.name);
  const next = rest.shift();
  if (given !== undefined && next !== undefined) throw new Fault(`Argument \`${param.name}\` occurs more than once`);
  left.delete(param.name);
  const value = [next, given, param.fallback].find((candidate) => candidate !== undefined);
  if (value === undefined) throw new Fault(`Missing parameter \`${param.name}\` for call to \`${callee}\``);
  return value;
}

function takeNamed(left: Map<string, Value>): Dict {
  const entries = new Map([...left].map(([key, value]) => [`s${key}`, { key, value }]));
  left.clear();
  return new Dict(entries);
}

function checkNoneLeft(callee: string, left: ReadonlyMap<string, Value>): void {
  if (left.size === 0) return;
  const names = [...left.keys()].map((key) => `\`${key}\``).join(', ');
  throw new Fault(`Found ${names} extra named parameter(s) for call to ${callee}`);
}

/** A native's arguments: which names they have, how many must be given, whether they may be named. */
export interface Signature {
  readonly name: string;
  readonly params: readonly string[];
  readonly required: number;
  readonly named?: readonly string[];
}

/** The given values in the order of `params` and then `named`; undefined for what was left out. */
export function takeArguments(signature: Signature, { positional, named }: CallArguments): (Value | undefined)[] {
  const { name, params, required } = signature;
  if (positional.length > params.length) {
    throw new Fault(`Found ${positional.length - params.length} extra positional argument(s) for call to ${name}`);
  }
  const left = new Map(named);
  const values = [...params, ...(signature.named ?? [])].map((param, index) => {
    const given = left.get(param);
    left.delete(param);
    const direct = index < params.length ? positional[index] : undefined;
    if (given !== undefined && direct !== undefined) throw new Fault(`Argument \`${param}\` occurs more than once`);
    const value = direct === undefined ? given : direct;
    if (value === undefined && index < required)
      throw new Fault(`Missing parameter \`${param}\` for call to \`${name}\``);
    return value;
  });
  checkNoneLeft(name, left);
  return values;
}
