/** Source text to a module. Throws Fault. */
import type { BinaryOperator, FunctionDefinition, Module, Statement } from './ast.ts';
import { parseLoopTarget } from './brackets.ts';
import { Cursor } from './cursor.ts';
import { parseOperand, parseTest, parseTestList } from './expressions.ts';
import { Fault } from './fault.ts';
import { tokenize } from './lexer.ts';
import { parseParameters } from './parameters.ts';
import { toTarget } from './targets.ts';

const AUGMENTED: ReadonlyMap<string, BinaryOperator> = new Map<string, BinaryOperator>([
  ['+=', '+'],
  ['-=', '-'],
  ['*=', '*'],
  ['/=', '/'],
  ['//=', '//'],
  ['%=', '%'],
  ['&=', '&'],
  ['|=', '|'],
  ['^=', '^'],
  ['<<=', '<<'],
  ['>>=', '>>'],
]);

/** What surrounds a statement: `return` and `break` are not allowed everywhere. */
interface Surroundings {
  readonly inFunction: boolean;
  readonly inLoop: boolean;
}

export function parseModule(source: string): Module {
  const cursor = new Cursor(tokenize(source));
  const { result: body, names } = cursor.scoped(() => {
    const statements: Statement[] = [];
    while (!cursor.isKind('end')) {
      if (cursor.isKind('newline')) cursor.next();
      else
        for (const statement of parseStatement(cursor, { inFunction: false, inLoop: false }))
          statements.push(statement);
    }
    return statements;
  });
  return { body, globals: names };
}

function parseStatement(cursor: Cursor, around: Surroundings): Statement[] {
  if (cursor.is('def')) return [cursor.nested(() => parseDef(cursor))];
  if (cursor.is('if')) return [cursor.nested(() => parseIf(cursor, around))];
  if (cursor.is('for')) return [cursor.nested(() => parseFor(cursor, around))];
  return parseSimpleLine(cursor, around);
}

function parseDef(cursor: Cursor): FunctionDefinition {
  const { start } = cursor.expect('def');
  const { name } = cursor.expectName();
  cursor.bind(name);
  const { result, names } = cursor.scoped(() => {
    cursor.expect('(');
    const params = parseParameters(cursor, { end: ')', typed: true, parseTest });
    cursor.expect(')');
    if (cursor.take('->')) parseTest(cursor);
    return { params, body: parseBlock(cursor, { inFunction: true, inLoop: false }) };
  });
  return { kind: 'def', name, ...result, locals: names, span: cursor.spanFrom(start) };
}

function parseIf(cursor: Cursor, around: Surroundings): Statement {
  const { start } = cursor.expect('if');
  const branches = [{ test: parseTest(cursor), body: parseBlock(cursor, around) }];
  while (cursor.take('elif')) branches.push({ test: parseTest(cursor), body: parseBlock(cursor, around) });
  const otherwise = cursor.take('else') ? parseBlock(cursor, around) : [];
  return { kind: 'if', branches, otherwise, span: cursor.spanFrom(start) };
}

function parseFor(cursor: Cursor, around: Surroundings): Statement {
  const { start } = cursor.expect('for');
  const target = parseLoopTarget(cursor, parseOperand);
  cursor.expect('in');
  const iterable = parseTestList(cursor);
  const body = parseBlock(cursor, { ...around, inLoop: true });
  return { kind: 'for', target, iterable, body, span: cursor.spanFrom(start) };
}

/** The colon and what it opens: an indented block or the rest of the line. */
function parseBlock(cursor: Cursor, around: Surroundings): Statement[] {
  cursor.expect(':');
  if (!cursor.isKind('newline')) return parseSimpleLine(cursor, around);
  cursor.next();
  cursor.expectKind('indent', 'an indented block');
  const body: Statement[] = [];
  while (!cursor.isKind('dedent') && !cursor.isKind('end')) {
    for (const statement of parseStatement(cursor, around)) body.push(statement);
  }
  cursor.expectKind('dedent', 'the end of the block');
  return body;
}

function parseSimpleLine(cursor: Cursor, around: Surroundings): Statement[] {
  const statements = [parseSimple(cursor, around)];
  while (cursor.take(';') && !cursor.isKind('newline')) statements.push(parseSimple(cursor, around));
  cursor.expectKind('newline', 'the end of the line');
  return statements;
}

function parseSimple(cursor: Cursor, { inFunction, inLoop }: Surroundings): Statement {
  const { span } = cursor.token;
  if (cursor.take('pass')) return { kind: 'pass', span };
  for (const kind of ['break', 'continue'] as const) {
    if (!cursor.take(kind)) continue;
    if (!inLoop) throw new Fault(`\`${kind}\` outside of a loop`, span);
    return { kind, span };
  }
  if (cursor.is('load')) throw new Fault('`load` is not available in rules', span);
  if (cursor.take('return')) {
    const value = cursor.isKind('newline') || cursor.is(';') ? null : parseTestList(cursor);
    if (!inFunction) throw new Fault('`return` outside of a function', cursor.spanFrom(span.start));
    return { kind: 'return', value, span: cursor.spanFrom(span.start) };
  }
  return parseAssignment(cursor);
}

function parseAssignment(cursor: Cursor): Statement {
  const { start } = cursor.token.span;
  const left = parseTestList(cursor);
  const { token } = cursor;
  const operator = token.kind === 'symbol' ? AUGMENTED.get(token.text) : undefined;
  if (operator !== undefined) {
    cursor.next();
    if (left.kind !== 'name' && left.kind !== 'index') throw new Fault('nothing can be assigned to this', left.span);
    const target = toTarget(cursor, left);
    return { kind: 'augment', target, operator, value: parseTestList(cursor), span: cursor.spanFrom(start) };
  }
  if (left.kind === 'name' && cursor.take(':')) {
    parseTest(cursor);
    if (!cursor.is('=')) throw cursor.unexpected('expected a value');
  }
  if (!cursor.take('=')) return { kind: 'expression', value: left, span: left.span };
  const target = toTarget(cursor, left);
  return { kind: 'assign', target, value: parseTestList(cursor), span: cursor.spanFrom(start) };
}
