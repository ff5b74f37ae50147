/** What is wrong with a rules file, inside the interpreter and for its caller. */
import { AppError } from '../../base/errors.ts';

/** A piece of the source: offsets in UTF-16 units, `end` behind the last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Lines and columns count from 1, columns in characters; `end` is the place behind the last character. */
export interface SourceRange {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** A fault on its way out. Whoever raises it without a place leaves it to the innermost expression to add one. */
export class Fault extends Error {
  span: Span | null;

  constructor(message: string, span: Span | null = null) {
    super(message);
    this.name = 'Fault';
    this.span = span;
  }
}

/** The only error that running a source throws; code `starlark-error`. */
export class StarlarkError extends AppError {
  readonly range: SourceRange;

  constructor(message: string, range: SourceRange, options?: { readonly cause?: unknown }) {
    super('starlark-error', message, options);
    this.range = range;
  }
}

export function rangeOf(source: string, span: Span): SourceRange {
  return { start: placeOf(source, span.start), end: placeOf(source, span.end) };
}

function placeOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: [...before.slice(lineStart)].length + 1 };
}

/** Places a fault that has no place yet; for `catch`. */
export function placed(error: unknown, span: Span): unknown {
  if (error instanceof Fault && error.span === null) error.span = span;
  return error;
}
