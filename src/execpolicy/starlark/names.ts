/** Whether every name in a module means something, also in functions that are never called. */
import type { Expression, Module, NameExpression, Parameter, Statement, Target } from './ast.ts';
import { Fault } from './fault.ts';

/** Trees deeper than this are refused, as walking them could exhaust the stack. */
const MAX_DEPTH = 700;

/** Throws Fault for the first name that nothing binds. `known` are the names the host offers. */
export function checkNames(module: Module, known: Iterable<string>): void {
  new NameCheck([new Set([...known, ...module.globals])], 0).block(module.body);
}

class NameCheck {
  readonly #scopes: readonly ReadonlySet<string>[];
  #depth: number;

  constructor(scopes: readonly ReadonlySet<string>[], depth: number) {
    this.#scopes = scopes;
    this.#depth = depth;
  }

  block(statements: readonly Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #inner(names: readonly string[]): NameCheck {
    return new NameCheck([...this.#scopes, new Set(names)], this.#depth);
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case 'expression':
        this.#expression(statement.value);
        break;
      case 'assign':
      case 'augment':
        this.#expression(statement.value);
        this.#target(statement.target);
        break;
      case 'return':
        this.#all([statement.value]);
        break;
      case 'if':
        for (const { test, body } of statement.branches) {
          this.#expression(test);
          this.block(body);
        }
        this.block(statement.otherwise);
        break;
      case 'for':
        this.#expression(statement.iterable);
        this.#target(statement.target);
        this.block(statement.body);
        break;
      case 'def':
        this.#fallbacks(statement.params);
        this.#inner(statement.locals).block(statement.body);
        break;
      case 'break':
      case 'continue':
      case 'pass':
        break;
    }
  }

  #fallbacks(params: readonly Parameter[]): void {
    for (const { fallback } of params) if (fallback !== null) this.#expression(fallback);
  }

  #target(target: Target): void {
    if (target.kind === 'targets') for (const item of target.items) this.#target(item);
    else this.#expression(target);
  }

  #expression(expression: Expression): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new Fault('nested too deeply', expression.span);
    this.#visit(expression);
    this.#depth -= 1;
  }

  #all(expressions: readonly (Expression | null)[]): void {
    for (const expression of expressions) if (expression !== null) this.#expression(expression);
  }

  #visit(expression: Expression): void {
    if (expression.kind === 'name') this.#name(expression);
    else if (expression.kind === 'lambda') {
      this.#fallbacks(expression.params);
      this.#inner(expression.params.map(({ name }) => name)).#expression(expression.body);
    } else if (expression.kind === 'comprehension') this.#inner(expression.locals).#comprehension(expression);
    else this.#all(partsOf(expression));
  }

  #name({ name, span }: NameExpression): void {
    if (!this.#scopes.some((scope) => scope.has(name))) throw new Fault(`Variable \`${name}\` not found`, span);
  }

  #comprehension({ key, value, clauses }: Extract<Expression, { kind: 'comprehension' }>): void {
    for (const clause of clauses) {
      this.#expression(clause.kind === 'if' ? clause.test : clause.iterable);
      if (clause.kind === 'for') this.#target(clause.target);
    }
    this.#all([key, value]);
  }
}

type Plain = Exclude<Expression, { kind: 'name' | 'lambda' | 'comprehension' }>;

/** The expressions directly inside; null stands for one that was left out. */
function partsOf(expression: Plain): readonly (Expression | null)[] {
  switch (expression.kind) {
    case 'literal':
      return [];
    case 'format':
      return expression.parts.map((part) => (typeof part === 'string' ? null : part.name));
    case 'list':
    case 'tuple':
      return expression.items;
    case 'dict':
      return expression.entries.flat();
    case 'unary':
      return [expression.operand];
    case 'binary':
    case 'and':
    case 'or':
      return [expression.left, expression.right];
    case 'conditional':
      return [expression.test, expression.then, expression.otherwise];
    case 'call':
      return [expression.callee, ...expression.args.map((arg) => arg.value)];
    case 'attribute':
      return [expression.object];
    case 'index':
      return [expression.object, expression.index];
    case 'slice':
      return [expression.object, expression.start, expression.stop, expression.step];
  }
}
