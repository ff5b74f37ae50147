/** Tokens to expressions. Throws Fault. */
import type { BinaryOperator, Expression } from './ast.ts';
import { parseBracketed } from './brackets.ts';
import type { Cursor } from './cursor.ts';
import { parseArguments, parseParameters } from './parameters.ts';

/** Binary operators, loosest first; those of one row bind from the left, except that comparisons do not chain. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['==', '!=', '<', '>', '<=', '>=', 'in', 'not in'],
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%'],
];

/** One expression, without bare commas. */
export function parseTest(cursor: Cursor): Expression {
  return cursor.nested(() => {
    if (cursor.is('lambda')) return parseLambda(cursor);
    const { start } = cursor.token.span;
    const then = parseOr(cursor);
    if (!cursor.take('if')) return then;
    const test = parseOr(cursor);
    cursor.expect('else');
    const otherwise = parseTest(cursor);
    return { kind: 'conditional', test, then, otherwise, span: cursor.spanFrom(start) };
  });
}

/** One expression, or several with commas between them: a tuple. */
export function parseTestList(cursor: Cursor): Expression {
  const { start } = cursor.token.span;
  const first = parseTest(cursor);
  if (!cursor.is(',')) return first;
  const items = [first];
  while (cursor.take(',')) {
    if (!startsExpression(cursor)) break;
    items.push(parseTest(cursor));
  }
  return { kind: 'tuple', items, span: cursor.spanFrom(start) };
}

/** The test of a comprehension's `if`, which a conditional expression would swallow. */
function parseOr(cursor: Cursor): Expression {
  return parseLogical(cursor, 'or', () => parseLogical(cursor, 'and', () => parseNot(cursor)));
}

/** What may stand before `in`: everything that binds tighter than a comparison. */
export const parseOperand = (cursor: Cursor): Expression => parseBinary(cursor, 1);

function startsExpression(cursor: Cursor): boolean {
  const { token } = cursor;
  switch (token.kind) {
    case 'name':
    case 'number':
    case 'string':
    case 'format':
      return true;
    case 'keyword':
      return token.text === 'not' || token.text === 'lambda';
    case 'symbol':
      return ['(', '[', '{', '+', '-', '~'].includes(token.text);
    case 'newline':
    case 'indent':
    case 'dedent':
    case 'end':
      return false;
  }
}

function parseLambda(cursor: Cursor): Expression {
  const { start } = cursor.expect('lambda');
  const { result } = cursor.scoped(() => {
    const params = parseParameters(cursor, { end: ':', typed: false, parseTest });
    cursor.expect(':');
    return { params, body: parseTest(cursor) };
  });
  return { kind: 'lambda', ...result, span: cursor.spanFrom(start) };
}

function parseLogical(cursor: Cursor, kind: 'and' | 'or', parseInner: () => Expression): Expression {
  const { start } = cursor.token.span;
  let left = parseInner();
  for (let length = 1; cursor.take(kind); length += 1) {
    cursor.checkChain(length);
    left = { kind, left, right: parseInner(), span: cursor.spanFrom(start) };
  }
  return left;
}

function parseNot(cursor: Cursor): Expression {
  const { start } = cursor.token.span;
  if (!cursor.take('not')) return parseBinary(cursor, 0);
  const operand = cursor.nested(() => parseNot(cursor));
  return { kind: 'unary', operator: 'not', operand, span: cursor.spanFrom(start) };
}

function parseBinary(cursor: Cursor, level: number): Expression {
  const operators = LEVELS[level];
  if (operators === undefined) return parseUnary(cursor);
  const { start } = cursor.token.span;
  let left = parseBinary(cursor, level + 1);
  for (let length = 1; ; length += 1) {
    const operator = takeOperator(cursor, operators);
    if (operator === undefined) return left;
    cursor.checkChain(length);
    const right = parseBinary(cursor, level + 1);
    left = { kind: 'binary', operator, left, right, span: cursor.spanFrom(start) };
    if (level === 0 && operators.some((other) => cursor.is(other))) {
      throw cursor.unexpected('comparisons do not chain: use `and`');
    }
  }
}

function takeOperator(cursor: Cursor, operators: readonly BinaryOperator[]): BinaryOperator | undefined {
  if (operators.includes('not in') && cursor.take('not')) {
    cursor.expect('in');
    return 'not in';
  }
  return operators.find((operator) => cursor.take(operator));
}

function parseUnary(cursor: Cursor): Expression {
  const { start } = cursor.token.span;
  const operator = (['+', '-', '~'] as const).find((sign) => cursor.take(sign));
  if (operator === undefined) return parsePostfix(cursor);
  const operand = cursor.nested(() => parseUnary(cursor));
  return { kind: 'unary', operator, operand, span: cursor.spanFrom(start) };
}

function parsePostfix(cursor: Cursor): Expression {
  const { start } = cursor.token.span;
  let object = parsePrimary(cursor);
  for (let length = 1; ; length += 1) {
    cursor.checkChain(length);
    if (cursor.take('.')) {
      const { name } = cursor.expectName();
      object = { kind: 'attribute', object, name, span: cursor.spanFrom(start) };
    } else if (cursor.take('(')) {
      const args = parseArguments(cursor, parseTest);
      object = { kind: 'call', callee: object, args, span: cursor.spanFrom(start) };
    } else if (cursor.take('[')) {
      object = parseSubscript(cursor, object, start);
    } else return object;
  }
}

function parseSubscript(cursor: Cursor, object: Expression, start: number): Expression {
  const bound = (): Expression | null => (cursor.is(':') || cursor.is(']') ? null : parseTest(cursor));
  const first = cursor.is(':') ? null : parseTestList(cursor);
  if (first !== null && cursor.take(']')) {
    return { kind: 'index', object, index: first, span: cursor.spanFrom(start) };
  }
  cursor.expect(':');
  const stop = bound();
  const step = cursor.take(':') ? bound() : null;
  cursor.expect(']');
  return { kind: 'slice', object, start: first, stop, step, span: cursor.spanFrom(start) };
}

function parsePrimary(cursor: Cursor): Expression {
  const { token } = cursor;
  const { span } = token;
  switch (token.kind) {
    case 'number':
    case 'string':
      cursor.next();
      return { kind: 'literal', value: token.value, span };
    case 'format':
      cursor.next();
      return {
        kind: 'format',
        parts: token.parts.map((part) =>
          typeof part === 'string'
            ? part
            : { name: { kind: 'name', name: part.name, span: part.span }, conversion: part.conversion },
        ),
        span,
      };
    case 'name':
      cursor.next();
      return { kind: 'name', name: token.text, span };
    case 'symbol':
    case 'keyword':
    case 'newline':
    case 'indent':
    case 'dedent':
    case 'end':
      if (cursor.is('(') || cursor.is('[') || cursor.is('{')) {
        return parseBracketed(cursor, { parseTest, parseTestList, parseOr, parseOperand });
      }
      throw cursor.unexpected('expected an expression');
  }
}
