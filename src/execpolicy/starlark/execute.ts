/** Statements to effects. Throws Fault, always with a place. */
import type { FunctionDefinition, Statement, Target } from './ast.ts';
import { bindParameters } from './calls.ts';
import type { Environment } from './environment.ts';
import { assign, type Evaluator, evaluate, evaluateParameters } from './evaluate.ts';
import { Fault, placed } from './fault.ts';
import { readIndex, writeIndex } from './indexing.ts';
import { applyBinary } from './operators.ts';
import { Callable, Dict, isTrue, iterate, List, type Value } from './values.ts';

/** Why a block ended: it ran through, or a statement left it. */
type Completion = 'done' | 'break' | 'continue' | { readonly returned: Value };

export function execute(body: readonly Statement[], env: Environment, machine: Evaluator): Completion {
  for (const statement of body) {
    const outcome = executeOne(statement, env, machine);
    if (outcome !== 'done') return outcome;
  }
  return 'done';
}

function executeOne(statement: Statement, env: Environment, machine: Evaluator): Completion {
  try {
    machine.spend(1);
    return machine.deeper(() => executeHere(statement, env, machine));
  } catch (error) {
    throw placed(error, statement.span);
  }
}

function executeHere(statement: Statement, env: Environment, machine: Evaluator): Completion {
  switch (statement.kind) {
    case 'expression':
      evaluate(statement.value, env, machine);
      return 'done';
    case 'assign':
      assign(statement.target, evaluate(statement.value, env, machine), env, machine);
      return 'done';
    case 'augment':
      augment(statement, env, machine);
      return 'done';
    case 'return':
      return { returned: statement.value === null ? null : evaluate(statement.value, env, machine) };
    case 'break':
    case 'continue':
      return statement.kind;
    case 'pass':
      return 'done';
    case 'if': {
      const branch = statement.branches.find(({ test }) => isTrue(evaluate(test, env, machine)));
      return execute(branch?.body ?? statement.otherwise, env, machine);
    }
    case 'for':
      return executeFor(statement, env, machine);
    case 'def':
      env.write(statement.name, define(statement, env, machine));
      return 'done';
  }
}

type For = Extract<Statement, { kind: 'for' }>;

function executeFor({ target, iterable, body, span }: For, env: Environment, machine: Evaluator): Completion {
  const items = iterate(evaluate(iterable, env, machine), machine);
  try {
    for (const item of items) {
      assign(target, item, env, machine);
      const outcome = execute(body, env, machine);
      if (outcome === 'break') break;
      if (typeof outcome === 'object') return outcome;
    }
  } catch (error) {
    throw placed(error, span);
  }
  return 'done';
}

function define(definition: FunctionDefinition, env: Environment, machine: Evaluator): Callable {
  const params = evaluateParameters(definition.params, env, machine);
  return new Callable(definition.name, (args) => {
    const values = new Map<string, Value | undefined>(definition.locals.map((name) => [name, undefined]));
    for (const [name, value] of bindParameters(definition.name, params, args)) values.set(name, value);
    const outcome = execute(definition.body, env.inner(values), machine);
    return typeof outcome === 'object' ? outcome.returned : null;
  });
}

type Augment = Extract<Statement, { kind: 'augment' }>;

/** The target's parts are evaluated once. */
function augment(statement: Augment, env: Environment, machine: Evaluator): void {
  const { target, operator, value } = statement;
  const place = locationOf(target, env, machine);
  const before = place.read();
  const right = evaluate(value, env, machine);
  if (operator === '+' && before instanceof List) {
    const added = [...iterate(right, machine)];
    const items = before.edit();
    for (const item of added) items.push(item);
    place.write(before);
  } else if (operator === '|' && before instanceof Dict && right instanceof Dict) {
    machine.spend(right.entries.size);
    const entries = before.edit();
    for (const [key, entry] of right.entries) entries.set(key, entry);
    place.write(before);
  } else place.write(applyBinary(operator, before, right, machine));
}

interface Location {
  readonly read: () => Value;
  readonly write: (value: Value) => void;
}

function locationOf(target: Target, env: Environment, machine: Evaluator): Location {
  if (target.kind === 'name') {
    return { read: () => env.read(target.name), write: (value) => env.write(target.name, value) };
  }
  if (target.kind === 'targets') throw new Fault('several targets cannot be augmented', target.span);
  const object = evaluate(target.object, env, machine);
  const index = evaluate(target.index, env, machine);
  return {
    read: () => readIndex(object, index, machine),
    write: (value) => writeIndex(object, index, value, machine),
  };
}
