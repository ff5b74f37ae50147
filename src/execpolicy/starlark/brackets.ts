/** What stands in brackets: tuples, lists, dicts and comprehensions. Throws Fault. */
import type { Clause, Expression, Target } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { toTarget } from './targets.ts';

/** The parsers of what stands inside, given so that files do not import each other in a circle. */
export interface Inner {
  readonly parseTest: (cursor: Cursor) => Expression;
  readonly parseTestList: (cursor: Cursor) => Expression;
  readonly parseOr: (cursor: Cursor) => Expression;
  readonly parseOperand: (cursor: Cursor) => Expression;
}

export function parseBracketed(cursor: Cursor, inner: Inner): Expression {
  if (cursor.is('(')) return parseParenthesised(cursor, inner);
  return cursor.is('[') ? parseList(cursor, inner) : parseDict(cursor, inner);
}

function parseParenthesised(cursor: Cursor, inner: Inner): Expression {
  const { start } = cursor.expect('(');
  if (cursor.take(')')) return { kind: 'tuple', items: [], span: cursor.spanFrom(start) };
  const content = inner.parseTestList(cursor);
  cursor.expect(')');
  return { ...content, span: cursor.spanFrom(start) };
}

function parseList(cursor: Cursor, inner: Inner): Expression {
  const { start } = cursor.expect('[');
  const items: Expression[] = [];
  while (!cursor.is(']')) {
    const item = inner.parseTest(cursor);
    if (items.length === 0 && cursor.is('for'))
      return parseComprehension(cursor, inner, { start, key: null, value: item });
    items.push(item);
    if (!cursor.take(',')) break;
  }
  cursor.expect(']');
  return { kind: 'list', items, span: cursor.spanFrom(start) };
}

function parseDict(cursor: Cursor, inner: Inner): Expression {
  const { start } = cursor.expect('{');
  const entries: [Expression, Expression][] = [];
  while (!cursor.is('}')) {
    const key = inner.parseTest(cursor);
    cursor.expect(':');
    const value = inner.parseTest(cursor);
    if (entries.length === 0 && cursor.is('for')) return parseComprehension(cursor, inner, { start, key, value });
    entries.push([key, value]);
    if (!cursor.take(',')) break;
  }
  cursor.expect('}');
  return { kind: 'dict', entries, span: cursor.spanFrom(start) };
}

interface Head {
  readonly start: number;
  readonly key: Expression | null;
  readonly value: Expression;
}

function parseComprehension(cursor: Cursor, inner: Inner, { start, key, value }: Head): Expression {
  const { result: clauses, names } = cursor.scoped(() => {
    const found: Clause[] = [];
    while (cursor.is('for') || cursor.is('if')) {
      cursor.checkChain(found.length);
      found.push(cursor.nested(() => parseClause(cursor, inner)));
    }
    return found;
  });
  cursor.expect(key === null ? ']' : '}');
  return { kind: 'comprehension', key, value, clauses, locals: names, span: cursor.spanFrom(start) };
}

function parseClause(cursor: Cursor, inner: Inner): Clause {
  if (cursor.take('if')) return { kind: 'if', test: inner.parseOr(cursor) };
  cursor.expect('for');
  const target = parseLoopTarget(cursor, inner.parseOperand);
  cursor.expect('in');
  return { kind: 'for', target, iterable: inner.parseOr(cursor) };
}

/** `x` or `a, b` before `in`. */
export function parseLoopTarget(cursor: Cursor, parseOperand: (cursor: Cursor) => Expression): Target {
  const { start } = cursor.token.span;
  const first = parseOperand(cursor);
  if (!cursor.is(',')) return toTarget(cursor, first);
  const items = [first];
  while (cursor.take(',') && !cursor.is('in')) items.push(parseOperand(cursor));
  return toTarget(cursor, { kind: 'tuple', items, span: cursor.spanFrom(start) });
}
