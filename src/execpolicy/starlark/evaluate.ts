/** Expressions to values. Throws Fault, always with a place. */
import type { Argument, CallExpression, Comprehension, Expression, Parameter, Target } from './ast.ts';
import { readAttribute } from './attributes.ts';
import { type BoundParameter, bindParameters } from './calls.ts';
import { keyOf } from './compare.ts';
import type { Environment } from './environment.ts';
import { Fault, placed } from './fault.ts';
import { readIndex, readSlice, writeIndex } from './indexing.ts';
import { applyBinary, applyUnary } from './operators.ts';
import { represent, show } from './text.ts';
import { Callable, Dict, type DictEntry, isTrue, iterate, List, type Machine, Tuple, type Value } from './values.ts';

/** The machine of one run, as the evaluator sees it. */
export interface Evaluator extends Machine {
  /** Runs `work` one level deeper. Throws Fault beyond the limit. */
  deeper<T>(work: () => T): T;
}

export function evaluate(expression: Expression, env: Environment, machine: Evaluator): Value {
  try {
    machine.spend(1);
    return machine.deeper(() => evaluateHere(expression, env, machine));
  } catch (error) {
    throw placed(error, expression.span);
  }
}

function evaluateHere(expression: Expression, env: Environment, machine: Evaluator): Value {
  const value = (inner: Expression): Value => evaluate(inner, env, machine);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'name':
      return env.read(expression.name);
    case 'format':
      return evaluateFormat(expression.parts, env, machine);
    case 'list':
      return new List(expression.items.map(value));
    case 'tuple':
      return new Tuple(expression.items.map(value));
    case 'dict':
      return evaluateDict(expression.entries, env, machine);
    case 'comprehension':
      return evaluateComprehension(expression, env, machine);
    case 'unary':
      return applyUnary(expression.operator, value(expression.operand));
    case 'binary':
      return applyBinary(expression.operator, value(expression.left), value(expression.right), machine);
    case 'and': {
      const left = value(expression.left);
      return isTrue(left) ? value(expression.right) : left;
    }
    case 'or': {
      const left = value(expression.left);
      return isTrue(left) ? left : value(expression.right);
    }
    case 'conditional':
      return isTrue(value(expression.test)) ? value(expression.then) : value(expression.otherwise);
    case 'call':
      return evaluateCall(expression, env, machine);
    case 'attribute':
      return readAttribute(value(expression.object), expression.name);
    case 'index':
      return readIndex(value(expression.object), value(expression.index), machine);
    case 'slice': {
      const bound = (part: Expression | null): Value => (part === null ? null : value(part));
      const object = value(expression.object);
      const bounds = { start: bound(expression.start), stop: bound(expression.stop), step: bound(expression.step) };
      return readSlice(object, bounds, machine);
    }
    case 'lambda': {
      const params = evaluateParameters(expression.params, env, machine);
      return new Callable('lambda', (args) =>
        evaluate(expression.body, env.inner(bindParameters('lambda', params, args)), machine),
      );
    }
  }
}

type FormatParts = Extract<Expression, { kind: 'format' }>['parts'];

function evaluateFormat(parts: FormatParts, env: Environment, machine: Evaluator): string {
  const text = (part: FormatParts[number]): string => {
    if (typeof part === 'string') return part;
    const shown = evaluate(part.name, env, machine);
    return part.conversion === 'r' ? represent(shown, machine) : show(shown, machine);
  };
  return parts.map(text).join('');
}

/** Parameters with their default values, which are computed once, where the function is defined. */
export function evaluateParameters(
  params: readonly Parameter[],
  env: Environment,
  machine: Evaluator,
): BoundParameter[] {
  return params.map(({ kind, name, fallback }) => ({
    kind,
    name,
    fallback: fallback === null ? undefined : evaluate(fallback, env, machine),
  }));
}

function evaluateDict(
  entries: readonly (readonly [Expression, Expression])[],
  env: Environment,
  machine: Evaluator,
): Dict {
  const result = new Map<string, DictEntry>();
  for (const [keyExpression, valueExpression] of entries) {
    const key = evaluate(keyExpression, env, machine);
    const text = keyText(key, keyExpression, machine);
    if (result.has(text)) throw new Fault('key given twice', keyExpression.span);
    result.set(text, { key, value: evaluate(valueExpression, env, machine) });
  }
  return new Dict(result);
}

function keyText(key: Value, at: Expression, machine: Evaluator): string {
  try {
    return keyOf(key, machine);
  } catch (error) {
    throw placed(error, at.span);
  }
}

function evaluateCall({ callee, args }: CallExpression, env: Environment, machine: Evaluator): Value {
  const target = evaluate(callee, env, machine);
  const positional: Value[] = [];
  const named = new Map<string, Value>();
  for (const arg of args) addArgument(arg, { positional, named }, env, machine);
  return machine.call(target, { positional, named });
}

function addArgument(
  arg: Argument,
  into: { readonly positional: Value[]; readonly named: Map<string, Value> },
  env: Environment,
  machine: Evaluator,
): void {
  const value = evaluate(arg.value, env, machine);
  switch (arg.kind) {
    case 'positional':
      into.positional.push(value);
      return;
    case 'spread':
      for (const item of iterate(value, machine)) into.positional.push(item);
      return;
    case 'named':
      into.named.set(arg.name, value);
      return;
    case 'spread-named':
      if (!(value instanceof Dict)) throw new Fault('only a dict can be spread with `**`', arg.value.span);
      for (const entry of value.entries.values()) {
        machine.spend(1);
        if (typeof entry.key !== 'string') throw new Fault('names of arguments must be strings', arg.value.span);
        if (into.named.has(entry.key)) throw new Fault(`argument \`${entry.key}\` given twice`, arg.value.span);
        into.named.set(entry.key, entry.value);
      }
  }
}

function evaluateComprehension(comprehension: Comprehension, env: Environment, machine: Evaluator): Value {
  const { key, value, clauses, locals } = comprehension;
  const inner = env.inner(new Map(locals.map((name) => [name, undefined])));
  const items: Value[] = [];
  const entries = new Map<string, DictEntry>();
  const runFrom = (at: number): void => {
    const clause = clauses[at];
    if (clause === undefined) {
      if (key === null) items.push(evaluate(value, inner, machine));
      else {
        const shown = evaluate(key, inner, machine);
        entries.set(keyText(shown, key, machine), { key: shown, value: evaluate(value, inner, machine) });
      }
    } else if (clause.kind === 'if') {
      if (isTrue(evaluate(clause.test, inner, machine))) runFrom(at + 1);
    } else {
      // The first iterable belongs to the outer scope: its names may be those that the loop binds.
      const iterable = evaluate(clause.iterable, at === 0 ? env : inner, machine);
      for (const item of iterate(iterable, machine)) {
        assign(clause.target, item, inner, machine);
        runFrom(at + 1);
      }
    }
  };
  runFrom(0);
  return key === null ? new List(items) : new Dict(entries);
}

export function assign(target: Target, value: Value, env: Environment, machine: Evaluator): void {
  try {
    if (target.kind === 'name') env.write(target.name, value);
    else if (target.kind === 'index') {
      const object = evaluate(target.object, env, machine);
      writeIndex(object, evaluate(target.index, env, machine), value, machine);
    } else {
      const values = [...iterate(value, machine)];
      const wanted = target.items.length;
      if (values.length !== wanted) throw new Fault(`${values.length} values for ${wanted} names`);
      for (const [index, item] of target.items.entries()) assign(item, values[index] ?? null, env, machine);
    }
  } catch (error) {
    throw placed(error, target.span);
  }
}
