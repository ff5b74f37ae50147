import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExecPolicy, strictest } from '../../src/execpolicy/policy.ts';
import { parseRules } from '../../src/execpolicy/prefix-rule.ts';

const only = (source: string) => {
  const rules = parseRules(source);
  assert.equal(rules.length, 1);
  return rules[0];
};

test('a pattern alone allows', () => {
  assert.deepEqual(only('prefix_rule(["git", "status"])'), {
    pattern: [['git'], ['status']],
    decision: 'allow',
    justification: null,
  });
});

test('arguments are positional or named', () => {
  const rule = { pattern: [['a'], ['b', 'c']], decision: 'forbidden', justification: 'why' };
  assert.deepEqual(only('prefix_rule(["a", ["b", "c"]], "forbidden", ["a b"], [["a"]], "why")'), rule);
  assert.deepEqual(
    only(
      'prefix_rule(justification="why", not_match=["a"], match=["a c x"], decision="forbidden", pattern=["a", ["b", "c"]])',
    ),
    rule,
  );
});

test('rules come from loops, functions and comprehensions in the order they are made', () => {
  const rules = parseRules(
    [
      'def allow(tool, *subs):',
      '  for sub in subs:',
      '    prefix_rule(pattern = [tool, sub])',
      'allow("git", "log", "show")',
      '[prefix_rule(pattern = [t], decision = "prompt") for t in "curl wget".split()]',
    ].join('\n'),
  );
  assert.deepEqual(
    rules.map(({ pattern, decision }) => `${pattern.flat().join(' ')}: ${decision}`),
    ['git log: allow', 'git show: allow', 'curl: prompt', 'wget: prompt'],
  );
});

test('every wrong argument is an error', () => {
  const wrong: Readonly<Record<string, RegExp>> = {
    'prefix_rule()': /Missing parameter `pattern`/,
    'prefix_rule(["a"], "allow", [], [], "x", 1)': /1 extra positional/,
    'prefix_rule(["a"], colour = 1)': /`colour` extra named/,
    'prefix_rule(["a"], pattern = ["b"])': /`pattern` occurs more than once/,
    'prefix_rule([])': /pattern cannot be empty/,
    'prefix_rule([[]])': /alternatives cannot be empty/,
    'prefix_rule([1])': /a int, not a string or a list/,
    'prefix_rule([["a", 1]])': /`pattern` holds a int/,
    'prefix_rule("a b")': /`pattern` must be a list/,
    'prefix_rule(("a",))': /`pattern` must be a list/,
    'prefix_rule(["a"], "deny")': /invalid decision: deny/,
    'prefix_rule(["a"], None)': /`decision` holds a NoneType/,
    'prefix_rule(["a"], justification = " ")': /justification cannot be empty/,
    'prefix_rule(["a"], justification = 1)': /`justification` holds a int/,
    'prefix_rule(["a"], match = "a")': /`match` must be a list/,
    'prefix_rule(["a"], match = [1])': /`example` holds a int/,
    'prefix_rule(["a"], match = [""])': /no words/,
    'prefix_rule(["a"], match = [[]])': /no words/,
    "prefix_rule(['a'], match = [\"a 'b\"])": /invalid shell syntax/,
    'prefix_rule(["a"], match = ["a", "b c"])': /does not match its `match` example: b c/,
    'prefix_rule(["a"], not_match = ["a b"])': /matches its `not_match` example: a b/,
    'prefix_rule(["b"])\nprefix_rule(["a"], match = ["b"])': /does not match/,
  };
  for (const [source, message] of Object.entries(wrong)) {
    assert.throws(() => parseRules(source), { code: 'starlark-error', message }, source);
  }
});

test('examples are split as a shell splits them', () => {
  parseRules(String.raw`prefix_rule(["a", "b c", "d"], match = ["a 'b c' d", "a b\\ c \"d\" e"])`);
});

test('a rule fits by the first words, the program as written', () => {
  const policy = new ExecPolicy(parseRules('prefix_rule(["git", ["add", "rm"]], "prompt", justification = "why")'));
  assert.deepEqual(policy.matches(['git', 'rm', 'x']), [
    { prefix: ['git', 'rm'], decision: 'prompt', justification: 'why' },
  ]);
  for (const command of [['git'], ['git', 'commit'], ['/usr/bin/git', 'rm'], ['git', 'rmx'], []]) {
    assert.deepEqual(policy.matches(command), [], command.join(' '));
  }
});

test('the strictest decision counts', () => {
  assert.equal(strictest(['allow', 'forbidden', 'prompt']), 'forbidden');
  assert.equal(strictest(['prompt', 'allow']), 'prompt');
  assert.equal(strictest([]), null);
});

test('allowed prefixes are spelled out, alternatives multiplied, up to a hundred', () => {
  const policy = new ExecPolicy(parseRules('prefix_rule(["a", ["b", "c"]])\nprefix_rule(["d"], "prompt")'));
  assert.deepEqual(policy.allowing(['e']).allowedPrefixes(), [['a', 'b'], ['a', 'c'], ['e']]);
  const wide = new ExecPolicy(parseRules('prefix_rule([["a", "b"]] * 60)\nprefix_rule(["c"])'));
  assert.equal(wide.allowedPrefixes().length, 100);
});
