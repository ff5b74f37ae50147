/**
 * TypeScript source, read as far as layout rules need it. In: a file's text. Out: its code and its comments apart, its
 * imports, its long functions. Relies on the formatter for one thing: where a function's closing brace stands.
 */

export interface ImportStatement {
  /** As written. */
  readonly specifier: string;
  /** `types` leaves nothing at run time; `later` is an `import()`. */
  readonly when: 'types' | 'start' | 'later';
  readonly line: number;
}

export interface SourceText {
  /** Comments, and what stands in quotes, are blank; every offset is as in the file. */
  readonly code: string;
  /** Only the comments, everything else blank. */
  readonly comments: string;
  /** The comment at the top, if there is one. */
  readonly head: string;
  readonly imports: readonly ImportStatement[];
  readonly patterns: readonly PatternLiteral[];
}

/** A regular expression as it is written between and behind its slashes. */
export interface PatternLiteral {
  readonly source: string;
  readonly flags: string;
  readonly line: number;
}

export interface FunctionSpan {
  readonly firstLine: string;
  readonly line: number;
  readonly lines: number;
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

/** A slash begins a regular expression where no value can have ended. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|await|throw))\s*$/;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const QUOTED = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;
const PLAIN = /[^'"`/{}]+/y;

export function readSource(text: string): SourceText {
  let code = '';
  let comments = '';
  /** For every open brace, whether it ends an insertion into a template. */
  const braces: boolean[] = [];
  const patterns: PatternLiteral[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const take = (piece: string, kind: 'code' | 'quoted' | 'comment'): void => {
    const inner = blank(piece.slice(1, -1));
    code += kind === 'code' ? piece : kind === 'comment' ? blank(piece) : piece[0] + inner + piece.at(-1);
    comments += kind === 'comment' ? piece : blank(piece);
    at += piece.length;
  };
  const template = (): void => {
    const piece = match(TEMPLATE_TEXT) ?? '';
    code += blank(piece);
    comments += blank(piece);
    at += piece.length;
    const inserts = text[at] === '$';
    take(inserts ? '${' : '`', 'code');
    if (inserts) braces.push(true);
  };
  const shebang = /^#!.*/.exec(text)?.[0];
  if (shebang !== undefined) take(shebang, 'comment');
  while (at < text.length) {
    const next = text[at] ?? '';
    const comment = next === '/' ? match(COMMENT) : undefined;
    const regex = next === '/' && BEFORE_REGEX.test(code.slice(-200)) ? match(REGEX) : undefined;
    const quoted = match(QUOTED);
    if (comment !== undefined) {
      take(comment, 'comment');
    } else if (regex !== undefined) {
      patterns.push({ ...patternIn(regex), line: code.split('\n').length });
      take(regex, 'quoted');
    } else if (quoted !== undefined) take(quoted, 'quoted');
    else if (next === '`') {
      take(next, 'code');
      template();
    } else if (next === '}' && braces.pop() === true) {
      take(next, 'code');
      template();
    } else {
      if (next === '{') braces.push(false);
      take(match(PLAIN) ?? next, 'code');
    }
  }
  const head = /^(?:#!.*\n)?\s*(\/\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n)+)/.exec(text)?.[1] ?? '';
  return { code, comments, head, imports: importsOf(text, code), patterns };
}

function patternIn(literal: string): { readonly source: string; readonly flags: string } {
  const end = literal.lastIndexOf('/');
  return { source: literal.slice(1, end), flags: literal.slice(end + 1) };
}

const STATEMENT = /^(import|export)\b(\s+type\b)?(?:[^;'"]*?\bfrom)?\s*(['"] *['"]);/gm;
const CALL = /\bimport\(\s*(['"] *['"])\s*\)/g;
const TYPE_CALL = /\btypeof\s*$/;

function importsOf(text: string, code: string): ImportStatement[] {
  const imports: ImportStatement[] = [];
  const add = (at: number, quoted: string, when: ImportStatement['when']): void => {
    const start = code.indexOf(quoted, at);
    const line = code.slice(0, at).split('\n').length;
    imports.push({ specifier: text.slice(start + 1, start + quoted.length - 1), when, line });
  };
  for (const { index, 2: type, 3: quoted } of code.matchAll(STATEMENT)) {
    if (quoted !== undefined) add(index, quoted, type === undefined ? 'start' : 'types');
  }
  for (const { index, 1: quoted } of code.matchAll(CALL)) {
    if (quoted !== undefined) add(index, quoted, TYPE_CALL.test(code.slice(0, index)) ? 'types' : 'later');
  }
  return imports;
}

/** Functions and methods that are declared at the start of a line. A test's body is not one. */
const OPENING =
  /^( *)(?:export )?(?:async |static |get |set )*(?:function\b|#?[\w$]+(?:<.*>)?\(|const \w+ = (?:async )?(?:\(|\w+ =>)).*\{$/;
const NOT_A_FUNCTION = /^ *(?:if|for|while|switch|catch|with|test|suite|describe|it|before|after)\b/;

export function functionsOf({ code }: SourceText): FunctionSpan[] {
  const lines = code.split('\n');
  return lines.flatMap((firstLine, index) => {
    const opening = OPENING.exec(firstLine);
    if (opening === null || NOT_A_FUNCTION.test(firstLine)) return [];
    const close = `${opening[1]}}`;
    const end = lines.findIndex((line, at) => at > index && line.startsWith(close));
    return [{ firstLine: firstLine.trim(), line: index + 1, lines: end - index + 1 }];
  });
}
