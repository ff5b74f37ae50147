/**
 * No regular expression of the product takes more than linear time: a static analysis of each, and a run of each on long
 * texts that are made of its own pieces. Expressions that are put together at run time are listed one by one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';
import { analyse } from 'scslre';
import { filesBelow, readProjectFile } from './support/project.ts';
import { type PatternLiteral, readSource } from './support/source-text.ts';

interface Found extends PatternLiteral {
  readonly file: string;
}

const files = [...filesBelow('src'), ...filesBelow('workers')].filter((file) => file.endsWith('.ts'));
const sources = files.map((file) => ({ file, ...readSource(readProjectFile(file)) }));
const literals: readonly Found[] = sources.flatMap(({ file, patterns }) =>
  patterns.map((pattern) => ({ ...pattern, file })),
);

/** What the analysis reports and the engine does not do, with why. */
const REASONED: ReadonlyMap<string, string> = new Map([
  ['(?:[ \\t\\n]|#[^\\n]*)*', 'nothing follows that could fail, so nothing is tried again'],
]);

/** Expressions put together at run time: the file, and why they are linear. */
const COMPOSED: ReadonlyMap<string, string> = new Map([
  ['src/config/edit/render.ts', 'one class of characters'],
  ['src/patch/intercept.ts', 'anchored; its parts share no first character'],
  ['src/search/unit-table.ts', 'one character'],
]);

const parser = new RegExpParser();
const hasUnicode = (flags: string) => ({ unicode: flags.includes('u'), unicodeSets: flags.includes('v') });

function treeOf({ source, flags }: PatternLiteral): AST.Pattern {
  return parser.parsePattern(source, 0, source.length, hasUnicode(flags));
}

const placeOf = ({ file, line, source, flags }: Found): string => `${file}:${line} /${source}/${flags}`;

const checked = literals.filter(({ source }) => !REASONED.has(source));

/** How the expression can take more than linear time, as far as analysis can tell. */
function reportsOn(literal: PatternLiteral): string[] {
  const { reports } = analyse({ pattern: treeOf(literal), flags: parser.parseFlags(literal.flags) });
  // A sticky expression is tried at one place only.
  return reports.filter(({ type }) => type !== 'Move' || !literal.flags.includes('y')).map(({ type }) => type);
}

test('linear-patterns: the search for regular expressions finds them', () => {
  assert.ok(literals.length > 150, `only ${literals.length} found`);
  for (const { source, flags } of literals) new RegExp(source, flags);
});

test('linear-patterns: no regular expression can backtrack more than linearly, as far as analysis can tell', () => {
  const slow = checked.flatMap((literal) => reportsOn(literal).map((type) => `${placeOf(literal)}: ${type}`));
  assert.deepEqual(slow, []);
});

test('linear-patterns: what is put together at run time is listed', () => {
  const composing = sources.filter(({ code }) => /\bRegExp\(/.test(code)).map(({ file }) => file);
  assert.deepEqual(composing, [...COMPOSED.keys()].sort());
});

const LENGTH = 25_000;
/** Twenty times what the slowest takes, a third of what anything quadratic takes. */
const LIMIT_MS = 80;
const CANDIDATES = ['a', '0', ' ', '/', '.', '-', '\n', '\t', '"', "'", '{', '(', '[', '=', 'Z', '\\', '\u00e9', '\0'];

/** One character for each place of the expression that takes characters, in order; of every alternative. */
function piecesOf(literal: PatternLiteral): string[] {
  const pieces: string[] = [];
  const flags = literal.flags.replaceAll(/[gy]/g, '');
  const add = (node: { readonly raw: string }): void => {
    const fits = new RegExp(`^(?:${node.raw})$`, flags);
    const piece = CANDIDATES.find((candidate) => fits.test(candidate));
    if (piece !== undefined) pieces.push(piece);
  };
  visitRegExpAST(treeOf(literal), {
    onCharacterEnter: ({ value, parent }) => {
      if (parent.type !== 'CharacterClass' && parent.type !== 'CharacterClassRange')
        pieces.push(String.fromCodePoint(value));
    },
    onCharacterClassEnter: add,
    onCharacterSetEnter: (node) => {
      if (node.parent.type !== 'CharacterClass') add(node);
    },
  });
  return pieces;
}

/** Every few neighbouring pieces again and again, behind all that comes before them and before something unfit. */
function* worstTexts(literal: PatternLiteral): Generator<string> {
  const pieces = piecesOf(literal).slice(0, 40);
  for (let start = 0; start < pieces.length; start += 1) {
    for (let end = start + 1; end <= Math.min(pieces.length, start + 3); end += 1) {
      const pump = pieces.slice(start, end).join('');
      yield `${pieces.slice(0, start).join('')}${pump.repeat(Math.ceil(LENGTH / pump.length))}\n\0`;
    }
  }
}

/** Of the processor, in milliseconds, and the best of a few tries: others use this machine too. */
function timeOf({ source, flags }: PatternLiteral, text: string): number {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && bestMs > LIMIT_MS; attempt += 1) {
    const expression = new RegExp(source, flags);
    const before = process.cpuUsage();
    if (flags.includes('g')) text.replace(expression, '');
    else expression.exec(text);
    bestMs = Math.min(bestMs, process.cpuUsage(before).user / 1000);
  }
  return bestMs;
}

/** The beginning of a text that takes too long. */
function slowTextFor(literal: PatternLiteral): string | undefined {
  for (const text of worstTexts(literal)) if (timeOf(literal, text) > LIMIT_MS) return text.slice(0, 20);
  return undefined;
}

test('linear-patterns: every regular expression is quick on long texts made of its own pieces', () => {
  const slow = checked.flatMap((literal) => {
    const text = slowTextFor(literal);
    return text === undefined ? [] : [`${placeOf(literal)}: ${JSON.stringify(text)}`];
  });
  assert.deepEqual(slow, []);
});

const literal = ({ source, flags }: RegExp): PatternLiteral => ({ source, flags, line: 1 });

test('linear-patterns: the checks find what is slow', () => {
  for (const slow of [/(?:a+)+b/, /\s+$/, /^a*a*b/]) {
    assert.notDeepEqual(reportsOn(literal(slow)), [], String(slow));
  }
  for (const slow of [/\s+$/, /\[\$[^\]\n]+\]\(/g, /\{[^}]*,[^}]*\}/]) {
    assert.notEqual(slowTextFor(literal(slow)), undefined, String(slow));
  }
});
