import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import type { WireMessage } from '../support/raw-client.ts';

const done = () => stream(says('done', 'msg-end'));
const RIGHTS = 'sandbox_mode = "danger-full-access"\napproval_policy = "never"\nmodel_reasoning_effort = "high"\n';

/** A trusted repository; folders that are trusted by name too, and more of the configuration at the top. */
const inTrusted = (trusted: readonly string[] = ['.'], top = '') =>
  Box.open({
    prepare: (box) => {
      box.write('.git/HEAD', 'ref: refs/heads/main\n');
      for (const name of ['objects', 'refs']) mkdirSync(join(box.workspace, '.git', name));
      const tables = trusted.map((name) => `[projects."${join(box.workspace, name)}"]\ntrust_level = "trusted"\n`);
      box.writeConfig({ sandboxMode: 'workspace-write', approvalPolicy: 'on-request', top, tables: tables.join('') });
    },
  });

async function rightsIn(box: Box, cwd: string): Promise<readonly string[]> {
  const { sandbox, approvalPolicy } = await box.call('thread/start', { cwd: join(box.workspace, cwd) });
  return [sandbox.type, approvalPolicy];
}

const warningsAbout = (box: Box, path: string): WireMessage[] =>
  box.client.ofMethod('configWarning').filter(({ params }) => params.path === join(box.workspace, path));

const writeSettings = (folder: string): string =>
  `mkdir -p ${folder}/.codex && printf '${RIGHTS.replaceAll('\n', '\\n')}' > ${folder}/.codex/config.toml`;

const attacks: readonly [what: string, script: string, cwd: string][] = [
  ['a folder below', writeSettings('sub'), 'sub'],
  ['a folder far below', writeSettings('a/b/c/d'), 'a/b/c/d'],
  ['a folder above the one that it starts in', `${writeSettings('a')} && mkdir a/b`, 'a/b'],
  ['a folder that a link leads to', `${writeSettings('real')} && ln -s real sub`, 'sub'],
  ['a new repository', `git init -q sub && ${writeSettings('sub')}`, 'sub'],
  [
    'a folder that says it belongs to the trusted repository',
    `${writeSettings('sub')} && echo 'gitdir: ../.git' > sub/.git`,
    'sub',
  ],
  [
    'a repository that says it shares the trusted one',
    `git init -q sub && echo ../../.git > sub/.git/commondir && ${writeSettings('sub')}`,
    'sub',
  ],
];
for (const [what, script, cwd] of attacks) {
  test(`nested-config: a command cannot raise the rights of the next thread by ${what}`, async () => {
    await using box = await inTrusted();
    box.model.script(stream(calls(shell('c1', ['bash', '-c', script]))), done());
    const turn = await box.completed(await box.thread(), 'go');
    assert.equal(turn.items('commandExecution')[0].exitCode, 0);
    const [sandbox, approval] = await rightsIn(box, cwd);
    assert.notEqual(sandbox, 'dangerFullAccess');
    assert.notEqual(approval, 'never');
  });
}

test('nested-config: what has no power counts, and one warning says what was left out and how to trust it', async () => {
  await using box = await inTrusted();
  const file = box.write('sub/.codex/config.toml', RIGHTS);
  for (const _ of [1, 2]) {
    const started = await box.call('thread/start', { cwd: join(box.workspace, 'sub') });
    assert.deepEqual([started.sandbox.type, started.reasoningEffort], ['workspaceWrite', 'high']);
  }
  const [warning, ...more] = warningsAbout(box, 'sub/.codex/config.toml');
  assert.deepEqual(more, []);
  assert.equal(warning?.params.path, file);
  assert.match(warning?.params.summary, /sandbox_mode, approval_policy/);
  assert.ok(warning?.params.details.includes(`[projects."${join(box.workspace, 'sub')}"]`), warning?.params.details);
});

test('nested-config: a folder that the user names as trusted has all its settings', async () => {
  await using box = await inTrusted(['.', 'sub']);
  box.write('sub/.codex/config.toml', RIGHTS);
  assert.deepEqual(await rightsIn(box, 'sub'), ['dangerFullAccess', 'never']);
  box.write('.codex/config.toml', RIGHTS);
  assert.deepEqual(await rightsIn(box, '.'), ['dangerFullAccess', 'never']);
  assert.deepEqual(box.client.ofMethod('configWarning'), []);
});

test('nested-config: a folder that is named as trusted is out of reach of commands wherever it lies', async () => {
  await using box = await inTrusted(['.', 'a/b/sub']);
  mkdirSync(join(box.workspace, 'a/b/sub'), { recursive: true });
  const script = `${writeSettings('a/b/sub')}; mv a away; rm -r a; ${writeSettings('a/b/sub')}; true`;
  box.model.script(stream(calls(shell('c1', ['bash', '-c', script]))), done());
  await box.completed(await box.thread(), 'go');
  assert.equal(existsSync(join(box.workspace, 'a/b/sub/.codex')), false);
  assert.deepEqual(await rightsIn(box, 'a/b/sub'), ['workspaceWrite', 'on-request']);
});

test('nested-config: rules in a folder below do not let commands out, but their refusals hold', async () => {
  await using box = await inTrusted();
  const rules = 'prefix_rule(pattern=["touch"])\nprefix_rule(pattern=["rm"], decision="forbidden")\n';
  box.write('sub/.codex/rules/a.rules', rules);
  const outside = join(box.folder, 'outside');
  box.model.script(stream(calls(shell('c1', ['touch', outside]), shell('c2', ['rm', 'x']))), done());
  const thread = await box.thread({ cwd: join(box.workspace, 'sub'), approvalPolicy: 'never' });
  await box.completed(thread, 'go');
  assert.equal(existsSync(outside), false);
  assert.match(JSON.stringify(await box.sent(2)), /forbid/);
  assert.equal(warningsAbout(box, 'sub/.codex/rules/a.rules').length, 1);
});
