import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRules } from '../../src/execpolicy/prefix-rule.ts';
import { type SourceRange, StarlarkError } from '../../src/execpolicy/starlark/fault.ts';
import { runStarlark } from '../../src/execpolicy/starlark/run.ts';
import { within } from '../support/processor-time.ts';
import expressions from './fixtures/expressions.json' with { type: 'json' };
import files from './fixtures/files.json' with { type: 'json' };

const rangeText = ({ start, end }: SourceRange): string => `${start.line}:${start.column}-${end.line}:${end.column}`;

function faultOf(source: string): StarlarkError {
  try {
    parseRules(source);
  } catch (error) {
    assert.ok(error instanceof StarlarkError, String(error));
    return error;
  }
  return assert.fail(`no fault in ${source.slice(0, 200)}`);
}

/** What `repr` makes of an expression. */
const shown = (expression: string, setup = ''): string =>
  faultOf(`${setup}\nfail(repr(${expression}))\n`).message.replace(/^fail: /, '');

test('expressions have the values that codex app-server 0.94.0 gives them', () => {
  for (const { setup, expression, shown: wanted } of expressions.values) {
    assert.equal(shown(expression, setup), wanted, `${setup}\n${expression}`);
  }
});

test('faulty expressions are placed where codex app-server 0.94.0 places them', () => {
  for (const { setup, expression, range } of expressions.faults) {
    const lead = setup === '' ? '' : `${setup}\n`;
    assert.equal(rangeText(faultOf(`${lead}fail(repr(${expression}))\n`).range), range, `${setup}\n${expression}`);
  }
});

test('files are accepted and refused, with the place, as by codex app-server 0.94.0', () => {
  for (const { name, source, range } of files) {
    if (range === null) parseRules(source);
    else assert.equal(rangeText(faultOf(source).range), range, name);
  }
});

test('the columns of a fault count characters', () => {
  assert.equal(rangeText(faultOf('x = "😀é" + nope\n').range), '1:12-1:16');
});

test('names that nothing binds are faults even where they are never reached', () => {
  assert.match(faultOf('def f():\n  return foo()\n').message, /Variable `foo` not found/);
  assert.match(faultOf('x = [y for y in []]\nz = lambda: w\n').message, /Variable `w` not found/);
  assert.match(faultOf('print("x")\n').message, /Variable `print` not found/);
});

test('a comprehension keeps its names to itself', () => {
  assert.equal(shown('([x for x in [1]], x)', 'x = 5'), '([1], 5)');
  assert.equal(shown('[x for x in x]', 'x = [1, 2]'), '[1, 2]');
});

test('nothing is imported and nothing of the host is in reach', () => {
  for (const source of ['load("a.star", "b")', 'x = open', 'x = "".constructor', 'x = {}.__proto__', 'x = [].length']) {
    faultOf(`${source}\n`);
  }
});

const COSTLY: Readonly<Record<string, string>> = {
  'a loop of loops': 'for i in range(1000000):\n  for j in range(1000000):\n    pass\n',
  'a string that doubles': 'x = "a"\nfor i in range(100):\n  x += x\n',
  'a list that doubles': 'x = [1]\nfor i in range(100):\n  x += x\n',
  'an int that squares': 'x = 3\nfor i in range(100):\n  x *= x\n',
  'a wide shift': 'x = 1 << 1000000000000\n',
  'a long repetition': 'x = "ab" * 1000000000\n',
  'a long list': 'x = [0] * 1000000000000\n',
  'a replacement that multiplies': 'x = ("a" * 100000).replace("a", "b" * 100000)\n',
  'a format that multiplies': 'x = ("%s" * 10000) % tuple(["a" * 100000] * 10000)\n',
  'a join that multiplies': 'x = ("a" * 100000).join(["b"] * 100000)\n',
  'a tree that shares its branches': 'x = []\nfor i in range(90):\n  x = [x, x]\ny = str(x)\n',
  'endless recursion': 'def f(n):\n  return f(n + 1)\nf(1)\n',
  'recursion through a builtin': 'def f(n):\n  return sorted([1], key = lambda x: f(n))\nf(1)\n',
  'a list inside itself': 'x = []\nx.append(x)\ny = str(x)\n',
  'brackets without end': `x = ${'['.repeat(100_000)}\n`,
  'signs without end': `x = ${'-'.repeat(100_000)}1\n`,
  'negations without end': `x = ${'not '.repeat(100_000)}1\n`,
  'a sum without end': `x = 1${' + 1'.repeat(100_000)}\n`,
  'a chain of calls': `x = ""${'.strip()'.repeat(100_000)}\n`,
  'long sums inside each other': `x = ${'('.repeat(90)}1${`${' + 1'.repeat(240)})`.repeat(90)}\n`,
  'blocks without end': Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}if True:\n`).join(''),
  'a number without end': `x = ${'9'.repeat(100_000)}\n`,
  'a file too large': '#'.repeat(1_000_001),
};

test('a source that works too long, recurses too deep or grows too large is given up', () => {
  for (const [name, source] of Object.entries(COSTLY)) {
    within(5_000, name, () => faultOf(source));
  }
});

test('recursion is 50 calls deep at most', () => {
  const source = (depth: number): string => `def f(n):\n  return 0 if n == 1 else f(n - 1)\nf(${depth})\n`;
  parseRules(source(50));
  assert.equal(rangeText(faultOf(source(51)).range), '2:27-2:35');
});

test('what is iterated over cannot be changed meanwhile, but afterwards', () => {
  faultOf('x = [1]\nfor i in x:\n  x.append(i)\n');
  faultOf('x = {"a": 1}\nfor i in x:\n  x["b"] = 1\n');
  assert.equal(shown('x', 'x = [1]\nfor i in x:\n  break\nx.append(2)'), '[1, 2]');
});

const PIECES = [
  ...'( ) [ ] { } , : ; . = == + - * / // % | & < > << ** ~ -> += \\ \n # " \' """ 0 1 9.5 0x1f x y f"{x}" r"\\" é \t \r\n'.split(
    ' ',
  ),
  ...[
    'def f(x):',
    'if x:',
    'elif',
    'else:',
    'for x in',
    'in',
    'not',
    'and',
    'or',
    'lambda x:',
    'return',
    'break',
    'pass',
  ],
  ...[
    'prefix_rule(',
    'pattern=["a"]',
    'decision="allow"',
    'match=',
    '"a b"',
    'range(9)',
    '.append(x)',
    '.format(',
    'x = 1',
  ],
  ...[
    '\n  ',
    '\n    ',
    '\n',
    ' ',
    '"%s" %',
    'None',
    'True',
    'sorted(',
    'key=',
    '*',
    '**',
    'x[',
    '[x for x in ',
    ' if ',
  ],
];

test('no text makes the interpreter throw anything but its own error, or hang', () => {
  const run = (source: string): void => {
    try {
      runStarlark(source, []);
      parseRules(source);
    } catch (error) {
      assert.ok(
        error instanceof StarlarkError,
        `${JSON.stringify(source)}: ${error instanceof Error ? error.stack : error}`,
      );
      assert.ok(error.range.start.line >= 1 && error.range.start.column >= 1);
      assert.ok(!(error.cause instanceof RangeError), JSON.stringify(source));
    }
  };
  const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((parts) => parts.join(''));
  const spaced = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((parts) => parts.join(' '));
  fc.assert(fc.property(fc.oneof(pieces, spaced, fc.string({ unit: 'binary' })), run), { numRuns: 3_000 });
});

test('any string survives being written as JSON and read', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 4 }), (words) => {
      const [rule] = parseRules(`prefix_rule(pattern=${JSON.stringify(words)})`);
      assert.deepEqual(
        rule?.pattern,
        words.map((word) => [word]),
      );
    }),
  );
});
