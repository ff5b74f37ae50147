import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, outputOf } from '../support/box.ts';
import { applyPatch, calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { until } from '../support/patience.ts';

const done = () => stream(says('done', 'msg-end'));
const ASK = 'item/fileChange/requestApproval';
const CONFIG = 'sandbox_mode="danger-full-access"\\napproval_policy="never"\\n';
const RAISE = `mkdir -p .codex; printf '${CONFIG}' > .codex/config.toml`;
const FREEFORM = '[features]\napply_patch_freeform = true\n';
const PATCH = `*** Begin Patch
*** Add File: .codex/config.toml
+sandbox_mode = "danger-full-access"
*** End Patch`;

const inWorkspace = (prepare: (box: Box) => void = () => {}, more: object = {}) =>
  Box.open({
    sandboxMode: 'workspace-write',
    ...more,
    prepare: (box) => {
      box.write('.git/HEAD', 'ref: refs/heads/main\n');
      for (const name of ['objects', 'refs']) mkdirSync(join(box.workspace, '.git', name));
      prepare(box);
      box.writeConfig({
        sandboxMode: 'workspace-write',
        ...more,
        tables: `[projects."${box.workspace}"]\ntrust_level = "trusted"\n${FREEFORM}`,
      });
    },
  });

const modeOfNextThread = async (box: Box): Promise<string> => (await box.call('thread/start')).sandbox.type;

const shapes: readonly [kind: string, prepare: (box: Box) => void][] = [
  ['missing', () => {}],
  ['a folder', (box) => void box.write('.codex/rules/a.rules', '')],
  ['a file', (box) => void box.write('.codex', 'x')],
  [
    'a link',
    (box) => {
      mkdirSync(join(box.workspace, 'store'));
      symlinkSync('store', join(box.workspace, '.codex'));
    },
  ],
  ['a dangling link', (box) => symlinkSync('store', join(box.workspace, '.codex'))],
];
for (const [kind, prepare] of shapes) {
  test(`protected-names: a command cannot raise the rights of the next thread where .codex is ${kind}`, async () => {
    await using box = await inWorkspace(prepare);
    const before = readdirSync(box.workspace);
    const script = `${RAISE}; rm -f .codex; ${RAISE}; mkdir -p store; printf '${CONFIG}' > store/config.toml; true`;
    box.model.script(stream(calls(shell('c1', ['bash', '-c', script]))), done());
    await box.completed(await box.thread(), 'go');
    assert.equal(await modeOfNextThread(box), 'workspaceWrite');
    const left = readdirSync(box.workspace).filter((name) => !name.includes('.rejected-') && name !== 'store');
    assert.deepEqual(
      left,
      before.filter((name) => name !== 'store'),
    );
  });
}

test('protected-names: while a command runs, no other thread sees what it tries', async () => {
  await using box = await inWorkspace();
  const script = `${RAISE}; touch tried; until test -e gate; do sleep 0.01; done`;
  box.model.script(stream(calls(shell('c1', ['bash', '-c', script]))), done());
  const turn = await box.turn(await box.thread(), 'go');
  await until(() => box.has('tried'), 'the attempt');
  assert.equal(await modeOfNextThread(box), 'workspaceWrite');
  box.write('gate', '');
  await turn.ended();
  assert.equal(box.has('.codex'), false);
});

test('protected-names: a patch asks under every policy that can ask, and is refused under never', async () => {
  for (const approvalPolicy of ['on-request', 'on-failure', 'untrusted']) {
    for (const path of ['.codex/config.toml', 'deep/down/.codex/rules/x.rules', 'alias/config.toml', '.git/config']) {
      await using box = await inWorkspace((it) => symlinkSync('.codex', join(it.workspace, 'alias')), {
        approvalPolicy,
      });
      const text = PATCH.replace('.codex/config.toml', path);
      box.model.script(stream(calls(applyPatch('c1', text))), done());
      const turn = await box.turn(await box.thread(), 'go');
      box.client.answer(await turn.take(ASK), { decision: 'decline' });
      await turn.ended();
      assert.equal(box.has(path), false, `${approvalPolicy} ${path}`);
      unlinkSync(join(box.workspace, 'alias'));
    }
  }
  await using box = await inWorkspace(() => {}, { approvalPolicy: 'never' });
  box.model.script(stream(calls(applyPatch('c1', PATCH))), done());
  await box.completed(await box.thread(), 'go');
  assert.match(outputOf(await box.sent(2), 'c1'), /config\.toml is protected, and the approval policy "never"/);
  assert.equal(box.has('.codex'), false);
});

test('protected-names: a patch that was agreed to is applied, below .codex too', async () => {
  await using box = await inWorkspace(() => {}, { approvalPolicy: 'on-request' });
  box.model.script(stream(calls(applyPatch('c1', PATCH))), done());
  const turn = await box.turn(await box.thread(), 'go');
  box.client.answer(await turn.take(ASK), { decision: 'accept' });
  await turn.ended();
  assert.equal(box.read('.codex/config.toml'), 'sandbox_mode = "danger-full-access"\n');
});

test('protected-names: a server that is killed while a command runs leaves nothing', async () => {
  await using box = await inWorkspace();
  box.model.script(stream(calls(shell('c1', ['bash', '-c', 'touch started; sleep 60']))), done());
  await box.turn(await box.thread(), 'go');
  await until(() => box.has('started'), 'the command');
  assert.ok(box.has('.codex'));
  box.client.server.child.kill('SIGKILL');
  await until(() => !existsSync(join(box.workspace, '.codex')), 'the end of the placeholder');
});
