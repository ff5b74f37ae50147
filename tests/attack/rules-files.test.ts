/** Rules files come with a repository, before anybody trusts it: what they may cost is bounded, one by one and together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadExecPolicy } from '../../src/execpolicy/load.ts';
import { parseRules } from '../../src/execpolicy/prefix-rule.ts';
import { Home } from '../execpolicy/home.ts';
import { resolvedWithin, within } from '../support/processor-time.ts';

const LIMIT_MS = 10_000;

const numbered = (count: number, of: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => of(at)).join('');

/** Each costs a minute, or all memory, where something of it is paid for once and used many times. */
const COSTLY: Readonly<Record<string, string>> = {
  'a pattern of shared lists': 'p = ["a"] * 1000\nq = [p] * 1000\nfor i in range(1000000):\n  prefix_rule(q)\n',
  'many rules of one list': 'p = ["a"] * 100000\nfor i in range(1000000):\n  prefix_rule([p])\n',
  'shared examples': 'm = [["a"] * 10000] * 10000\nprefix_rule(["a"], match = m)\n',
  'long examples': 'm = ["a " * 10000] * 1000\nfor i in range(10000):\n  prefix_rule(["a"], match = m)\n',
  'examples against alternatives':
    'p = [["a%d" % i for i in range(1000)] for j in range(500)]\nprefix_rule(p, match = [["a999"] * 500] * 1000)\n',
  'long reasons': 'r = " " * 100000\nfor i in range(1000000):\n  prefix_rule(["a"], justification = r + "x")\n',
  'text of texts': 'x = ["é" * 1000] * 1000\nfor i in range(1000):\n  y = repr(x)\n',
};

test('what is used many times is paid for many times', () => {
  for (const [name, source] of Object.entries(COSTLY)) {
    assert.throws(() => within(LIMIT_MS, name, () => parseRules(source)), { code: 'starlark-error' }, name);
  }
});

const LONG: Readonly<Record<string, string>> = {
  parameters: `def f(${numbered(30_000, (at) => `p${at},`)}):\n  pass\n`,
  arguments: `def f(*a):\n  pass\nf(${'1,'.repeat(100_000)})\n`,
  'named arguments': `def f(**a):\n  pass\nf(${numbered(20_000, (at) => `n${at}=1,`)})\n`,
  'statements of a line': `${'x=1;'.repeat(130_000)}\n`,
  names: numbered(30_000, (at) => `v${at}=1\n`),
};

test('a long list of anything is read in time', () => {
  for (const [name, source] of Object.entries(LONG))
    assert.deepEqual(
      within(LIMIT_MS, name, () => parseRules(source)),
      [],
      name,
    );
});

test('as many rules as a file may make are loaded', async () => {
  await using home = await Home.make();
  await home.write('rules/a.rules', 'for i in range(150000):\n  prefix_rule(["a"])\n');
  const { policy, problems } = await loadExecPolicy([{ folder: home.root, mayAllow: true }]);
  assert.deepEqual(problems, []);
  assert.equal(policy.matches(['a']).length, 150_000);
});

const LEFT_OUT = /\/rules: it holds more than rules may cost/;

test('the files of all folders together are bounded, and those of the user come first', async () => {
  await using home = await Home.make();
  const costly = 'for i in range(1000000):\n  for j in range(1000000):\n    pass\n';
  await home.write('user/rules/a.rules', 'prefix_rule(["a"])\n');
  const names = Array.from({ length: 200 }, (_, at) => `${at}`.padStart(4, '0'));
  await Promise.all(names.map((name) => home.write(`project/rules/${name}.rules`, costly)));
  const folders = ['user', 'project', 'project/below'].map((name) => ({ folder: home.path(name), mayAllow: true }));
  await home.write('project/below/rules/z.rules', 'prefix_rule(["z"])\n');
  const { policy, problems } = await resolvedWithin(2 * LIMIT_MS, 'all files', () => loadExecPolicy(folders));
  assert.deepEqual(policy.allowedPrefixes(), [['a']]);
  // A warning for each of them would be another flood.
  assert.ok(problems.length < 10, String(problems.length));
  assert.match(problems.at(-1)?.details ?? '', LEFT_OUT);
});

test('a folder of thousands of files is not read to its end', async () => {
  await using home = await Home.make();
  const names = Array.from({ length: 2_000 }, (_, at) => `${at}.rules`);
  await home.write('rules/a.rules', '');
  await Promise.all(names.map((name) => home.write(`rules/${name}`, '')));
  const { problems } = await loadExecPolicy([{ folder: home.root, mayAllow: true }]);
  assert.equal(problems.length, 1);
  assert.match(problems[0]?.details ?? '', LEFT_OUT);
});
