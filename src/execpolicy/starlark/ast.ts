/** The tree of a source file. Plain data; every node that can fail knows its place. */
import type { Span } from './fault.ts';

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | 'in'
  | 'not in';

export type UnaryOperator = '+' | '-' | '~' | 'not';

export interface NameExpression {
  readonly kind: 'name';
  readonly name: string;
  readonly span: Span;
}

/** A name inside an f-string, shown as `str` or, with `!r`, as `repr` does. */
interface FormattedName {
  readonly name: NameExpression;
  readonly conversion: 's' | 'r';
}

export interface CallExpression {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Argument[];
  readonly span: Span;
}

export interface Comprehension {
  readonly kind: 'comprehension';
  /** For a list, `key` is null. */
  readonly key: Expression | null;
  readonly value: Expression;
  readonly clauses: readonly Clause[];
  /** Names that the clauses bind. */
  readonly locals: readonly string[];
  readonly span: Span;
}

export type Expression =
  | { readonly kind: 'literal'; readonly value: null | boolean | bigint | number | string; readonly span: Span }
  | { readonly kind: 'format'; readonly parts: readonly (string | FormattedName)[]; readonly span: Span }
  | NameExpression
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[]; readonly span: Span }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[]; readonly span: Span }
  | Comprehension
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression; readonly span: Span }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression; readonly span: Span }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
      readonly span: Span;
    }
  | CallExpression
  | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string; readonly span: Span }
  | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression; readonly span: Span }
  | {
      readonly kind: 'slice';
      readonly object: Expression;
      readonly start: Expression | null;
      readonly stop: Expression | null;
      readonly step: Expression | null;
      readonly span: Span;
    }
  | {
      readonly kind: 'lambda';
      readonly params: readonly Parameter[];
      readonly body: Expression;
      readonly span: Span;
    };

export type Argument =
  | { readonly kind: 'positional' | 'spread' | 'spread-named'; readonly value: Expression }
  | { readonly kind: 'named'; readonly name: string; readonly value: Expression };

/** `rest` is `*name`, `bare` a lone `*`, `keywords` is `**name`. */
export interface Parameter {
  readonly kind: 'plain' | 'rest' | 'bare' | 'keywords';
  readonly name: string;
  readonly fallback: Expression | null;
}

export type Clause =
  | { readonly kind: 'for'; readonly target: Target; readonly iterable: Expression }
  | { readonly kind: 'if'; readonly test: Expression };

export type Target =
  | NameExpression
  | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression; readonly span: Span }
  | { readonly kind: 'targets'; readonly items: readonly Target[]; readonly span: Span };

export interface FunctionDefinition {
  readonly kind: 'def';
  readonly name: string;
  readonly params: readonly Parameter[];
  readonly body: readonly Statement[];
  /** Names that the body binds, parameters included. */
  readonly locals: readonly string[];
  readonly span: Span;
}

export type Statement =
  | { readonly kind: 'expression'; readonly value: Expression; readonly span: Span }
  | { readonly kind: 'assign'; readonly target: Target; readonly value: Expression; readonly span: Span }
  | {
      readonly kind: 'augment';
      readonly target: Target;
      readonly operator: BinaryOperator;
      readonly value: Expression;
      readonly span: Span;
    }
  | { readonly kind: 'return'; readonly value: Expression | null; readonly span: Span }
  | { readonly kind: 'break' | 'continue' | 'pass'; readonly span: Span }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly test: Expression; readonly body: readonly Statement[] }[];
      readonly otherwise: readonly Statement[];
      readonly span: Span;
    }
  | {
      readonly kind: 'for';
      readonly target: Target;
      readonly iterable: Expression;
      readonly body: readonly Statement[];
      readonly span: Span;
    }
  | FunctionDefinition;

export interface Module {
  readonly body: readonly Statement[];
  /** Names that the file binds at its top. */
  readonly globals: readonly string[];
}
