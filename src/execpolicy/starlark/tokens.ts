/** What the lexer hands to the parser. */
import type { Span } from './fault.ts';

export type StringPart = string | { readonly name: string; readonly conversion: 's' | 'r'; readonly span: Span };

export type Token =
  | { readonly kind: 'name' | 'keyword' | 'symbol'; readonly text: string; readonly span: Span }
  | { readonly kind: 'number'; readonly value: bigint | number; readonly span: Span }
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'format'; readonly parts: readonly StringPart[]; readonly span: Span }
  | { readonly kind: 'newline' | 'indent' | 'dedent' | 'end'; readonly span: Span };

export const KEYWORDS: ReadonlySet<string> = new Set([
  'and',
  'break',
  'continue',
  'def',
  'elif',
  'else',
  'for',
  'if',
  'in',
  'lambda',
  'load',
  'not',
  'or',
  'pass',
  'return',
]);

/** Words of Python that Starlark keeps out. */
export const RESERVED: ReadonlySet<string> = new Set([
  'as',
  'assert',
  'async',
  'await',
  'class',
  'del',
  'except',
  'finally',
  'from',
  'global',
  'import',
  'is',
  'nonlocal',
  'raise',
  'try',
  'while',
  'with',
  'yield',
]);

/** A token in words, for messages. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'name':
    case 'keyword':
    case 'symbol':
      return `\`${token.text}\``;
    case 'number':
      return 'a number';
    case 'string':
    case 'format':
      return 'a string';
    case 'newline':
      return 'the end of the line';
    case 'indent':
      return 'an indented line';
    case 'dedent':
      return 'the end of the block';
    case 'end':
      return 'the end of the file';
  }
}
