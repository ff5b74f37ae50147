/**
 * A small interpreter of Starlark, enough for rules. In: a source text and the functions it may call. Out: whatever those
 * functions collect. It reads no file, knows no clock, and gives up on a source that works too long, recurses too deep
 * or grows too large. All state belongs to one run.
 */
import { BUILTINS } from './builtins.ts';
import { Environment } from './environment.ts';
import type { Evaluator } from './evaluate.ts';
import { execute } from './execute.ts';
import { Fault, rangeOf, StarlarkError } from './fault.ts';
import { checkNames } from './names.ts';
import { parseModule } from './statements.ts';
import { type CallArguments, Callable, typeNameOf, type Value } from './values.ts';

/** Longest source, in UTF-16 units. */
export const MAX_SOURCE_LENGTH = 1_000_000;
/** Work that one source may cost: about a second at worst. */
const MAX_UNITS = 2_000_000;
/** Functions calling functions. Observed on codex app-server 0.94.0. */
const MAX_CALLS = 50;
/** Statements and expressions inside each other, over all calls. */
const MAX_DEPTH = 900;

/** What several sources may cost together: units of work, about a microsecond each. */
export class WorkBudget {
  #left: number;

  constructor(units: number) {
    this.#left = units;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  spend(units: number): void {
    this.#left -= units;
  }
}

/** Runs the source from top to bottom. Throws StarlarkError, and nothing else, for any text. */
export function runStarlark(source: string, functions: readonly Callable[], budget?: WorkBudget): void {
  const globals = new Map<string, Value>([...BUILTINS, ...functions].map((callable) => [callable.name, callable]));
  try {
    budget?.spend(source.length);
    if (source.length > MAX_SOURCE_LENGTH) throw new Fault('larger than a rules file may be');
    const module = parseModule(source);
    checkNames(module, ['None', 'True', 'False', ...globals.keys()]);
    const constants = new Environment(
      new Map<string, Value>([...globals, ['None', null], ['True', true], ['False', false]]),
      null,
    );
    execute(module.body, constants.inner(new Map(module.globals.map((name) => [name, undefined]))), new Run(budget));
  } catch (error) {
    if (error instanceof Fault) {
      throw new StarlarkError(error.message, rangeOf(source, error.span ?? { start: 0, end: 0 }), { cause: error });
    }
    // The limits leave room to spare on an ordinary stack; this one must have been nearly full already.
    if (!(error instanceof RangeError)) throw error;
    throw new StarlarkError('nested too deeply', rangeOf(source, { start: 0, end: 0 }), { cause: error });
  }
}

class Run implements Evaluator {
  readonly #budget: WorkBudget | undefined;
  #unitsLeft = MAX_UNITS;
  #calls = 0;
  #depth = 0;

  constructor(budget: WorkBudget | undefined) {
    this.#budget = budget;
  }

  spend(units: number): void {
    this.#unitsLeft -= units;
    this.#budget?.spend(units);
    if (!(this.#unitsLeft >= 0)) throw new Fault('more work than a rules file may cost');
  }

  deeper<T>(work: () => T): T {
    if (this.#depth >= MAX_DEPTH) throw new Fault('nested too deeply');
    this.#depth += 1;
    const result = work();
    this.#depth -= 1;
    return result;
  }

  call(callee: Value, args: CallArguments): Value {
    if (!(callee instanceof Callable)) throw new Fault(`a ${typeNameOf(callee)} cannot be called`);
    this.spend(1 + args.positional.length + args.named.size);
    if (this.#calls >= MAX_CALLS) throw new Fault('Starlark call stack overflow');
    this.#calls += 1;
    const result = callee.invoke(args, this);
    this.#calls -= 1;
    return result;
  }
}
