/** Parameters of functions and arguments of calls. Throws Fault. */
import type { Argument, Expression, Parameter } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { Fault } from './fault.ts';

interface ParameterStyle {
  /** The symbol that ends the list; it is left for the caller. */
  readonly end: ')' | ':';
  readonly typed: boolean;
  readonly parseTest: (cursor: Cursor) => Expression;
}

/** Binds the names in the open scope. Annotations are read over. */
export function parseParameters(cursor: Cursor, style: ParameterStyle): Parameter[] {
  const params: Parameter[] = [];
  const order = new ParameterOrder();
  while (!cursor.is(style.end)) {
    const { span } = cursor.token;
    const param = parseParameter(cursor, style);
    if (!order.admits(param)) {
      throw new Fault('parameter in the wrong place or named twice', cursor.spanFrom(span.start));
    }
    params.push(param);
    if (!cursor.take(',')) break;
  }
  if (params.at(-1)?.kind === 'bare') throw cursor.unexpected('expected a named parameter behind `*`');
  return params;
}

function parseParameter(cursor: Cursor, { typed, parseTest }: ParameterStyle): Parameter {
  const kind = cursor.take('**') ? 'keywords' : cursor.take('*') ? 'rest' : 'plain';
  if (kind === 'rest' && cursor.is(',')) return { kind: 'bare', name: '*', fallback: null };
  const { name } = cursor.expectName();
  cursor.bind(name);
  if (typed && cursor.take(':')) parseTest(cursor);
  const fallback = kind === 'plain' && cursor.take('=') ? parseTest(cursor) : null;
  return { kind, name, fallback };
}

/** What came before, as far as it says what may follow. */
class ParameterOrder {
  readonly #names = new Set<string>();
  #isOver = false;
  #isNamedOnly = false;
  #hasFallback = false;

  admits({ kind, name, fallback }: Parameter): boolean {
    if (this.#isOver || this.#names.has(name)) return false;
    const isRest = kind === 'rest' || kind === 'bare';
    if (this.#isNamedOnly ? isRest : kind === 'plain' && fallback === null && this.#hasFallback) return false;
    this.#names.add(name);
    this.#isOver = kind === 'keywords';
    this.#isNamedOnly ||= isRest;
    this.#hasFallback ||= fallback !== null;
    return true;
  }
}

/** The arguments up to and with the closing bracket. */
export function parseArguments(cursor: Cursor, parseTest: (cursor: Cursor) => Expression): Argument[] {
  const args: Argument[] = [];
  const names = new Set<string>();
  let isPositional = true;
  while (!cursor.is(')')) {
    const { span } = cursor.token;
    const arg = parseArgument(cursor, parseTest);
    const isLate = arg.kind === 'positional' && !isPositional;
    const isTwice = arg.kind === 'named' && names.has(arg.name);
    if (isLate || isTwice || args.at(-1)?.kind === 'spread-named') {
      throw new Fault('argument in the wrong place or named twice', cursor.spanFrom(span.start));
    }
    args.push(arg);
    isPositional &&= arg.kind === 'positional';
    if (arg.kind === 'named') names.add(arg.name);
    if (!cursor.take(',')) break;
  }
  cursor.expect(')');
  return args;
}

function parseArgument(cursor: Cursor, parseTest: (cursor: Cursor) => Expression): Argument {
  if (cursor.take('**')) return { kind: 'spread-named', value: parseTest(cursor) };
  if (cursor.take('*')) return { kind: 'spread', value: parseTest(cursor) };
  if (!cursor.isKind('name') || !cursor.isFollowedBy('=')) return { kind: 'positional', value: parseTest(cursor) };
  const { name } = cursor.expectName();
  cursor.expect('=');
  return { kind: 'named', name, value: parseTest(cursor) };
}
