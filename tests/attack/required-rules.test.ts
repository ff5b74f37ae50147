/** What an administrator asks about or forbids holds, whatever rules the user and the project have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadExecPolicy } from '../../src/execpolicy/load.ts';
import { sandbox } from '../config/sandbox.ts';

const RULES = `[rules]
prefix_rules = [
  { pattern = [{ token = "curl" }], decision = "forbidden", justification = "no network" },
  { pattern = [{ any_of = ["git", "hg"] }, { token = "push" }], decision = "prompt" },
]
`;

test('rules of requirements.toml stand beside those that allow, and the strictest counts', async () => {
  await using box = await sandbox({
    'etc/requirements.toml': RULES,
    'codex-home/rules/own.rules': 'prefix_rule(pattern=["curl"])\nprefix_rule(pattern=["git"])\n',
  });
  const { requirements, ruleFolders } = await box.load();
  const { policy, problems } = await loadExecPolicy(ruleFolders, requirements.rules);
  assert.deepEqual(problems, []);
  const decisions = (...argv: readonly string[]) => policy.matches(argv).map(({ decision }) => decision);
  assert.deepEqual(decisions('curl', 'x'), ['forbidden', 'allow']);
  assert.deepEqual(decisions('git', 'push', 'x'), ['prompt', 'allow']);
  assert.deepEqual(decisions('hg', 'push'), ['prompt']);
  assert.deepEqual(decisions('git', 'status'), ['allow']);
  assert.equal(policy.matches(['curl'])[0]?.justification, 'no network');
});

test('a rule of an administrator that cannot be read refuses every thread', async () => {
  const faults = [
    '[rules]\nprefix_rules = []',
    '[rules]\nprefix_rules = [{ pattern = [], decision = "forbidden" }]',
    '[rules]\nprefix_rules = [{ pattern = [{ token = "x" }], decision = "allow" }]',
    '[rules]\nprefix_rules = [{ pattern = [{ token = "x" }] }]',
    '[rules]\nprefix_rules = [{ pattern = [{}], decision = "forbidden" }]',
    '[rules]\nprefix_rules = [{ pattern = [{ token = "" }], decision = "forbidden" }]',
    '[rules]\nprefix_rules = [{ pattern = [{ any_of = [] }], decision = "forbidden" }]',
    '[rules]\nprefix_rules = [{ pattern = [{ token = "x", any_of = ["y"] }], decision = "forbidden" }]',
    '[rules]\nprefix_rules = [{ pattern = ["x"], decision = "forbidden" }]',
    '[rules]\nprefix_rules = "x"',
    '[rules]\n',
    'rules = 5',
  ];
  for (const text of faults) {
    await using box = await sandbox({ 'etc/requirements.toml': text });
    await assert.rejects(box.load(), /requirements/, text);
  }
});
