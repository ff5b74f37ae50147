import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandsOf, parseScript } from '../../src/command-analysis/words.ts';

const words = (script: string): string[][] | null => commandsOf(['bash', '-lc', script]);

const ACCEPTED: readonly (readonly [script: string, commands: string[][]])[] = [
  ['ls -la', [['ls', '-la']]],
  ['a && b || c; d | e', [['a'], ['b'], ['c'], ['d'], ['e']]],
  ['a\nb\n\n', [['a'], ['b']]],
  ['\na', [['a']]],
  ['a &&\n\n b', [['a'], ['b']]],
  ['a;', [['a']]],
  ['a ;\n b', [['a'], ['b']]],
  ['a\r\nb', [['a'], ['b']]],
  [`a "b c" 'd e' f"g"'h'`, [['a', 'b c', 'd e', 'fgh']]],
  [`a "" ''`, [['a', '', '']]],
  ['a "b\\"c" d\\ e', [['a', 'b\\"c', 'd\\ e']]],
  ['a "\\$x" "\\`y"', [['a', '\\$x', '\\`y']]],
  ['a *.ts ?x [y] ~/z {b,c} !d e=f', [['a', '*.ts', '?x', '[y]', '~/z', '{b,c}', '!d', 'e=f']]],
  ['a b#c', [['a', 'b#c']]],
  ['a \\\n b', [['a', 'b']]],
  ['a -ex\\\nec', [['a', '-exec']]],
  ['a if then [ {', [['a', 'if', 'then', '[', '{']]],
  ['1a', [['1a']]],
  ['a/b=c', [['a/b=c']]],
  ['a\u00a0b', [['a\u00a0b']]],
];

for (const [script, commands] of ACCEPTED) {
  test(`only words: ${JSON.stringify(script)}`, () => assert.deepEqual(words(script), commands));
}

const REJECTED = [
  '',
  '  ',
  'ls && ',
  'ls |',
  '&& ls',
  '; ls',
  'a;;b',
  'a ; ; b',
  'a\n;b',
  'a && && b',
  'a && ; b',
  'a &',
  'a & b',
  'a |& b',
  'a > b',
  'a 2>&1',
  'a < b',
  'a << EOF\nx\nEOF',
  'a <<< b',
  '(a)',
  'a (b)',
  '{ a; }',
  '! a',
  'a $b',
  'a "$b"',
  'a "b$"',
  'a $(b)',
  'a `b`',
  'a "`b`"',
  "a $'b'",
  'a # b',
  '# b\na',
  'a=b c',
  'a=b',
  'a+=b',
  'a[1]=b',
  'export a',
  'declare a',
  'local a',
  'readonly a',
  'typeset a',
  'unset a',
  '[ -f a ]',
  '[[ -f a ]]',
  'if a; then b; fi',
  'for a in b; do c; done',
  'while a; do b; done',
  'case a in esac',
  'function a',
  'a() { b; }',
  '"a" b',
  "'a' b",
  'a"b"',
  '12 a',
  "a 'b",
  'a "b',
  'a \\',
  'a {1..3}',
  'a == b',
  'a\vb',
  'a\fb',
  'a\rb',
];

for (const script of REJECTED) {
  test(`not only words: ${JSON.stringify(script)}`, () => assert.equal(words(script), null));
}

test('only a shell with exactly one flag and one script is looked into', () => {
  assert.deepEqual(commandsOf(['/bin/zsh', '-c', 'a b']), [['a', 'b']]);
  assert.deepEqual(commandsOf(['sh', '-lc', 'a b']), [['a', 'b']]);
  for (const argv of [
    ['bash', '-lc', 'a', 'b'],
    ['bash', '-l', '-c', 'a'],
    ['fish', '-c', 'a'],
    ['bash', 'a'],
    ['a', 'b'],
  ]) {
    assert.deepEqual(commandsOf(argv), [argv]);
  }
});

test('the cooked reading of an accepted word is what bash makes of it', () => {
  const piece = fc.constantFrom(
    'a',
    'b c',
    '\\e',
    '\\ ',
    '\\\\',
    '"x y"',
    "'x\\y'",
    '"x\\"y"',
    '"x\\y"',
    '""',
    '=',
    '\\\n',
    '"p\\\nq"',
    'é',
  );
  const script = fc
    .array(piece, { minLength: 1, maxLength: 6 })
    .map((pieces) => `printf '%s\\n' -- x${pieces.join('')}`);
  const samples = fc.sample(script, { numRuns: 200, seed: 7 }).filter((text) => parseScript(text) !== null);
  assert.ok(samples.length > 100);
  // One shell for all of them: each script's output ends with a line of its own.
  const run = spawnSync('bash', ['-c', samples.map((text) => `${text}; echo ///`).join('\n')], { encoding: 'utf8' });
  const printed = run.stdout.split('///\n');
  samples.forEach((text, at) => {
    const cooked = parseScript(text)?.[0]
      ?.slice(2)
      .map((word) => word.cooked);
    assert.equal(`${cooked?.join('\n')}\n`, printed[at], JSON.stringify(text));
  });
});

test('any text is either words or not', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const commands = parseScript(text);
      assert.ok(commands === null || commands.every((command) => command.length > 0));
    }),
  );
});
