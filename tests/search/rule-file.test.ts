import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GlobProgram } from '../../src/search/glob-program.ts';
import { NameGlob } from '../../src/search/name-glob.ts';
import { RuleFile } from '../../src/search/rule-file.ts';
import { parseRule } from '../../src/search/rule-line.ts';
import { within } from '../support/processor-time.ts';

/** What the rules say of a path; that of a folder ends in a slash. */
function verdict(rules: string | RuleFile, path: string): string | undefined {
  const bare = path.replace(/\/$/, '');
  const slash = bare.lastIndexOf('/') + 1;
  const file = typeof rules === 'string' ? new RuleFile(rules) : rules;
  return file.verdict({ folder: bare.slice(0, slash), name: bare.slice(slash), isFolder: bare !== path });
}

const ignored = (rules: string, paths: readonly string[]): string[] =>
  paths.filter((path) => verdict(rules, path) === 'ignored');

test('`?` and classes stand for one character, however many bytes or halves it has', () => {
  assert.deepEqual(ignored('z?z', ['zaz', 'zéz', 'z日z', 'z😀z', 'zz', 'zaaz', 'z/z']), ['zaz', 'zéz', 'z日z', 'z😀z']);
  assert.deepEqual(ignored('/z?z', ['zéz', 'z😀z', 'a/zéz', 'z/z']), ['zéz', 'z😀z']);
  assert.deepEqual(ignored('z[é日-本😀]z', ['zéz', 'z日z', 'z😀z', 'zaz']), ['zéz', 'z日z', 'z😀z']);
  assert.deepEqual(ignored('z[!a]z', ['zéz', 'z😀z', 'zaz', 'zz']), ['zéz', 'z😀z']);
});

test('the last rule about an entry counts, however it is found', () => {
  const kinds = ['a.o', '*.o', '?.o', '/a.o', '{a,b}.o', '**/a.o', '[a-c].o', '*'];
  for (const kind of kinds) {
    for (const other of kinds) {
      assert.equal(verdict(`${kind}\n!${other}\n`, 'a.o'), 'kept', `${kind} ${other}`);
      assert.equal(verdict(`!${kind}\n${other}\n`, 'a.o'), 'ignored', `${kind} ${other}`);
      assert.equal(verdict(`${kind}\n!${other}/\n`, 'a.o'), 'ignored', `${kind} ${other}/`);
      assert.equal(verdict(`${kind}\n!${other}/\n`, 'a.o/'), 'kept', `${kind} ${other}/`);
    }
  }
});

const unit = fc.constantFrom(
  'a',
  'b',
  '*',
  '**',
  '?',
  '/',
  '[ab]',
  '[!a]',
  '{a,b}',
  '{',
  ',',
  '}',
  '\\',
  ' ',
  '-',
  'é',
);
const path = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', 'é', ' '), minLength: 1, maxLength: 6 });

test('a rule says the same of a path whether it is found by a name, by an ending or by trying', () => {
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 7 }), path, (line, asked) => {
      fc.pre(!asked.startsWith('/') && !asked.endsWith('/') && !asked.includes('//'));
      const rule = parseRule(line);
      const tokens = rule?.tokens ?? [];
      const program = new GlobProgram(rule?.byName === true ? [{ kind: 'folders' }, ...tokens] : tokens);
      const expected = rule !== undefined && !rule.foldersOnly && program.matches(asked);
      const wanted = expected ? (rule.negated ? 'kept' : 'ignored') : undefined;
      assert.equal(verdict(line, asked), wanted, JSON.stringify({ line, asked }));
    }),
    { numRuns: 20_000 },
  );
});

test('a pattern for names says what its program says', () => {
  const tokens = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a/]'), maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '😀'), maxLength: 8 });
  fc.assert(
    fc.property(tokens, name, (text, asked) => {
      const rule = parseRule(text);
      fc.pre(rule !== undefined);
      assert.equal(new NameGlob(rule.tokens).matches(asked), new GlobProgram(rule.tokens).matches(asked));
    }),
    { numRuns: 5_000 },
  );
});

const FEED_UNITS = 100_000;
const filled = (line: string): string => line.repeat(Math.ceil(FEED_UNITS / line.length)).slice(0, FEED_UNITS);
const lines = (line: string): string => filled(`${line}\n`);

/** A hundred kilobytes each of what costs most. */
const FEEDS: Readonly<Record<string, string>> = {
  'one line of stars': filled('*'),
  'one line of stars and letters': `${filled('*a')}b`,
  'lines of stars and letters': lines(`${'*a'.repeat(60)}b`),
  'lines of stars between long pieces': lines(`*${'a'.repeat(120)}b*`),
  'lines of stars and question marks': lines(`*${'a?'.repeat(60)}b*`),
  'lines of classes': lines(`*${'[!b]'.repeat(100)}b*`),
  'folders within folders': lines('**/a'.repeat(50)),
  'stars between slashes': lines(`${'*a*/'.repeat(20)}b`),
  'folders and stars': lines(`**/${'*a'.repeat(40)}/**/${'a*'.repeat(40)}b`),
  'braces in a row': lines(`${'{a,aa,*}'.repeat(20)}b`),
  'braces in braces': lines(`${'{a,'.repeat(40)}b${'}'.repeat(40)}c`),
  'open braces': filled('{'),
  'open classes': filled('['),
  'commas in braces': `{${filled('a,')}}b`,
  backslashes: filled('\\'),
  blanks: `a${filled(' ')}b`,
  'short rules with one ending': lines('?*a'),
  'names that differ': Array.from({ length: 15_000 }, (_, at) => `a${at}`).join('\n'),
};
const NAMES = ['a'.repeat(255), `${'a'.repeat(120)}b${'a'.repeat(134)}`, 'ab'.repeat(127), `${'a'.repeat(254)}b`];
/** Time of the processor. Some 50 ms are what it takes; a machine that is slow or busy may take forty times that. */
const MAX_MS = 2_000;

for (const [what, text] of Object.entries(FEEDS)) {
  test(`a file of rules that is ${what} is read and asked in a moment`, () => {
    within(MAX_MS, what, () => {
      const file = new RuleFile(text);
      for (const name of NAMES) file.verdict({ folder: 'a/a/a/', name, isFolder: false });
    });
  });
}

test('a path of 4 KB is held against the worst rules in a moment', () => {
  const file = new RuleFile(lines(`**/${'*a'.repeat(40)}/**/${'a*'.repeat(40)}b`));
  const folders = ['a/'.repeat(2_000), `${'a'.repeat(255)}/`.repeat(16)];
  within(4 * MAX_MS, 'a long path', () => {
    for (const folder of folders) file.verdict({ folder, name: 'ab'.repeat(100), isFolder: true });
  });
});

test('rules beyond what counts are left out and counted, and the others still hold', () => {
  const tooLong = new RuleFile(`${'x'.repeat(5_000)}\nkeep\n`);
  assert.equal(tooLong.skippedCount, 1);
  assert.equal(verdict(tooLong, 'keep'), 'ignored');
  const tooMany = new RuleFile(`${Array.from({ length: 70_000 }, (_, at) => `n${at}`).join('\n')}\n`);
  assert.equal(tooMany.skippedCount, 70_000 - 65_536);
  assert.equal(verdict(tooMany, 'n0'), 'ignored');
  const tooComplex = new RuleFile(`first?\n${Array.from({ length: 5_000 }, (_, at) => `?n${at}*`).join('\n')}\n*.o\n`);
  assert.ok(tooComplex.skippedCount > 0);
  for (const name of ['first1', 'a.o']) assert.equal(verdict(tooComplex, name), 'ignored', name);
  assert.equal(new RuleFile('# comment\n\n*.o\n[a-z]?\n').skippedCount, 0);
});
