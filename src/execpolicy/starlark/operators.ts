/** What operators do with values. Throws Fault. */
import type { BinaryOperator, UnaryOperator } from './ast.ts';
import { compare, isEqual, keyOf, searchCost, textCost } from './compare.ts';
import { Fault } from './fault.ts';
import { formatPercent } from './format.ts';
import { Dict, isTrue, List, type Machine, Range, Tuple, typeNameOf, type Value } from './values.ts';

/** Ints beyond this many bits are refused: no rule needs them, and they could cost any amount of time. */
const MAX_INT_BITS = 4096n;
const MAX_INT = 1n << MAX_INT_BITS;

export function applyUnary(operator: UnaryOperator, value: Value): Value {
  if (operator === 'not') return !isTrue(value);
  if (typeof value === 'bigint') {
    if (operator === '-') return -value;
    return operator === '~' ? ~value : value;
  }
  if (typeof value === 'number' && operator !== '~') return operator === '-' ? -value : value;
  throw new Fault(`Operation \`${operator}\` not supported for type \`${typeNameOf(value)}\``);
}

export function applyBinary(operator: BinaryOperator, left: Value, right: Value, machine: Machine): Value {
  switch (operator) {
    case '==':
      return isEqual(left, right, machine);
    case '!=':
      return !isEqual(left, right, machine);
    case '<':
      return compare(left, right, machine) < 0;
    case '>':
      return compare(left, right, machine) > 0;
    case '<=':
      return compare(left, right, machine) <= 0;
    case '>=':
      return compare(left, right, machine) >= 0;
    case 'in':
      return contains(right, left, machine);
    case 'not in':
      return !contains(right, left, machine);
    case '+':
    case '-':
    case '*':
    case '/':
    case '//':
    case '%':
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return combine(operator, left, right, machine) ?? unsupported(operator, left, right);
  }
}

function unsupported(operator: string, left: Value, right: Value): never {
  throw new Fault(
    `Operation \`${operator}\` not supported for types \`${typeNameOf(left)}\` and \`${typeNameOf(right)}\``,
  );
}

type Arithmetic = Exclude<BinaryOperator, '==' | '!=' | '<' | '>' | '<=' | '>=' | 'in' | 'not in'>;

/** undefined when these types do not go together. */
function combine(operator: Arithmetic, left: Value, right: Value, machine: Machine): Value | undefined {
  if (typeof left === 'bigint' && typeof right === 'bigint') return combineInts(operator, left, right);
  if (isNumber(left) && isNumber(right)) return combineFloats(operator, Number(left), Number(right));
  switch (operator) {
    case '+':
      return concatenate(left, right, machine);
    case '*':
      if (typeof left === 'bigint') return repeat(right, left, machine);
      return typeof right === 'bigint' ? repeat(left, right, machine) : undefined;
    case '%':
      return typeof left === 'string' ? formatPercent(left, right, machine) : undefined;
    case '|':
      return left instanceof Dict && right instanceof Dict ? union(left, right, machine) : undefined;
    case '-':
    case '/':
    case '//':
    case '&':
    case '^':
    case '<<':
    case '>>':
      return undefined;
  }
}

const isNumber = (value: Value): value is bigint | number => typeof value === 'bigint' || typeof value === 'number';

function combineInts(operator: Arithmetic, left: bigint, right: bigint): Value {
  switch (operator) {
    case '+':
      return checkedInt(left + right);
    case '-':
      return checkedInt(left - right);
    case '*':
      return checkedInt(left * right);
    case '/':
      return divide(Number(left), Number(right));
    case '//':
      return floorDivide(left, right);
    case '%':
      return left - floorDivide(left, right) * right;
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '<<':
    case '>>':
      if (right < 0n) throw new Fault('shift by a negative number');
      if (operator === '>>') return left >> right;
      return right > MAX_INT_BITS ? checkedInt(left * MAX_INT) : checkedInt(left << right);
  }
}

/** The int, unless it is too large. */
export function checkedInt(value: bigint): bigint {
  if (value >= MAX_INT || value <= -MAX_INT) throw new Fault('int too large');
  return value;
}

function floorDivide(left: bigint, right: bigint): bigint {
  if (right === 0n) throw new Fault('division by zero');
  const quotient = left / right;
  return left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient;
}

function divide(left: number, right: number): number {
  if (right === 0) throw new Fault('division by zero');
  return left / right;
}

function combineFloats(operator: Arithmetic, left: number, right: number): Value | undefined {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return divide(left, right);
    case '//':
      return Math.floor(divide(left, right));
    case '%':
      return left - Math.floor(divide(left, right)) * right;
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return undefined;
  }
}

function concatenate(left: Value, right: Value, machine: Machine): Value | undefined {
  if (typeof left === 'string' && typeof right === 'string') {
    machine.spend(textCost(left.length + right.length));
    return left + right;
  }
  if (left instanceof List && right instanceof List) return new List(joined(left, right, machine));
  if (left instanceof Tuple && right instanceof Tuple) return new Tuple(joined(left, right, machine));
  return undefined;
}

function joined(left: List | Tuple, right: List | Tuple, machine: Machine): Value[] {
  machine.spend(left.items.length + right.items.length);
  return [...left.items, ...right.items];
}

function repeat(value: Value, times: bigint, machine: Machine): Value | undefined {
  if (typeof value !== 'string' && !(value instanceof List || value instanceof Tuple)) return undefined;
  const count = times > 0n ? Number(times) : 0;
  if (typeof value === 'string') {
    machine.spend(textCost(value.length * count));
    return value === '' ? '' : value.repeat(count);
  }
  machine.spend(value.items.length * count);
  const items = value.items.length === 0 ? [] : Array.from({ length: count }, () => value.items).flat();
  return value instanceof List ? new List(items) : new Tuple(items);
}

function union(left: Dict, right: Dict, machine: Machine): Dict {
  machine.spend(left.entries.size + right.entries.size);
  return new Dict(new Map([...left.entries, ...right.entries]));
}

function contains(container: Value, item: Value, machine: Machine): boolean {
  if (typeof container === 'string') {
    if (typeof item !== 'string') return unsupported('in', item, container);
    machine.spend(searchCost(container, item));
    return container.includes(item);
  }
  if (container instanceof Dict) return container.entries.has(keyOf(item, machine));
  if (container instanceof Range) {
    if (typeof item !== 'bigint') return false;
    const steps = (Number(item) - container.start) / container.step;
    return Number.isInteger(steps) && steps >= 0 && steps < container.length;
  }
  if (!(container instanceof List || container instanceof Tuple)) return unsupported('in', item, container);
  return container.items.some((other) => isEqual(item, other, machine));
}
