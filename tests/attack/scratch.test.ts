/** What the server keeps and writes for itself is out of reach of commands, and goes where it was meant to go. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { standInFor } from '../../src/base/lock-folder.ts';
import { isWithin } from '../../src/base/paths.ts';
import { applyPlan } from '../../src/patch/apply.ts';
import { patchDisk } from '../../src/patch/disk.ts';
import { HeldParents } from '../../src/patch/held-parents.ts';
import { parsePatch } from '../../src/patch/parse.ts';
import { verifyPatch } from '../../src/patch/verify.ts';
import { scratch } from '../exec/support/commands.ts';
import { put } from '../exec/support/protected.ts';
import { Box, outputOf } from '../support/box.ts';
import { applyPatch, calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const onLinux = { skip: process.platform === 'linux' ? false : 'folders can be held open on Linux only' };

/** Puts a link in the place of a folder. */
function exchange(folder: string, target: string): void {
  renameSync(folder, `${folder}.old`);
  symlinkSync(target, folder);
}

const PATCHES: Readonly<Record<string, readonly string[]>> = {
  'a file that is added': ['*** Add File: ws/new', '+x'],
  'a file that is added in a new folder': ['*** Add File: ws/deep/er/new', '+x'],
  'a file that is changed': ['*** Update File: ws/same', '-same', '+changed'],
  'a file that is removed': ['*** Delete File: ws/same'],
  'a file that is moved': ['*** Update File: ws/same', '*** Move to: ws/moved', '-same', '+changed'],
  'a link that is replaced': ['*** Delete File: ws/link', '*** Add File: ws/link', '+x'],
};

for (const [what, lines] of Object.entries(PATCHES)) {
  test(`scratch: ${what} stays so when a folder of its path is exchanged after the check`, onLinux, async () => {
    using box = scratch();
    put(box.path, 'ws/same = same', 'ws/link -> same', 'user/same = same', 'user/link -> same');
    const parsed = parsePatch(['*** Begin Patch', ...lines, '*** End Patch'].join('\n'));
    assert.ok(parsed.ok);
    const verified = await verifyPatch(parsed.sections, { cwd: box.path, disk: patchDisk, names: 'as-written' });
    assert.ok(verified.ok);
    exchange(join(box.path, 'ws'), 'user');
    const applied = await applyPlan(verified.plan);
    assert.ok(!applied.ok);
    assert.match(applied.message, /No file was changed/);
    assert.deepEqual(readdirSync(join(box.path, 'user')).sort(), ['link', 'same']);
    assert.equal(readFileSync(join(box.path, 'user/same'), 'utf8'), 'same\n');
  });
}

test('scratch: once a patch has begun, its files are in the folders that it began with', onLinux, async () => {
  using box = scratch();
  put(box.path, 'ws/', 'user/');
  using parents = new HeldParents();
  const ws = join(box.path, 'ws');
  const file = parents.at(join(ws, 'new'));
  exchange(ws, 'user');
  writeFileSync(file, 'text');
  await parents.make(join(ws, 'deep/er/new'));
  writeFileSync(parents.at(join(ws, 'deep/er/new')), 'text');
  assert.deepEqual(readdirSync(join(box.path, 'user')), []);
  assert.deepEqual(readdirSync(`${ws}.old`, { recursive: true }).sort(), ['deep', 'deep/er', 'deep/er/new', 'new']);
});

test('scratch: a command that somebody is asked about does not run in another folder', onLinux, async () => {
  await using box = await Box.open({ approvalPolicy: 'on-request', sandboxMode: 'workspace-write' });
  const [ws, user] = [join(box.workspace, 'ws'), join(box.folder, 'user')];
  mkdirSync(ws);
  const escalated = { workdir: ws, sandbox_permissions: 'require_escalated', justification: 'May I?' };
  box.model.script(stream(calls(shell('c1', ['sh', '-c', 'touch made; rm -f kept'], escalated))), stream(says('done')));
  writeFileSync(join(user, 'kept'), '');
  const turn = await box.turn(await box.thread(), 'go');
  const question = await turn.take('item/commandExecution/requestApproval');
  exchange(ws, user);
  box.client.answer(question, { decision: 'accept' });
  await turn.ended();
  assert.deepEqual([readdirSync(user), readdirSync(`${ws}.old`)], [['kept'], []]);
  assert.match(outputOf(await box.sent(2), 'c1'), /is not the folder that was asked about any more/);
});

test('scratch: what is accepted for a session is not accepted for what a link leads to later', onLinux, async () => {
  await using box = await Box.open({ approvalPolicy: 'on-request', sandboxMode: 'workspace-write' });
  const [ws, user] = [join(box.workspace, 'ws'), join(box.folder, 'user')];
  mkdirSync(ws);
  const escalated = { workdir: ws, sandbox_permissions: 'require_escalated', justification: 'May I?' };
  const thread = await box.thread();
  const answers = ['acceptForSession', null, 'decline'];
  for (const decision of answers) {
    if (decision === 'decline') exchange(ws, user);
    box.model.script(stream(calls(shell('c1', ['touch', 'made'], escalated))), stream(says('done')));
    const turn = await box.turn(thread, 'go');
    if (decision !== null) {
      box.client.answer(await turn.take('item/commandExecution/requestApproval'), { decision });
    }
    await turn.ended();
  }
  assert.deepEqual([readdirSync(user), readdirSync(`${ws}.old`)], [[], ['made']]);
});

test('scratch: a patch that somebody is asked about is not applied in another folder', onLinux, async () => {
  await using box = await Box.open({
    approvalPolicy: 'untrusted',
    sandboxMode: 'danger-full-access',
    tables: '[features]\napply_patch_freeform = true\n',
  });
  const [ws, user] = [join(box.workspace, 'ws'), join(box.folder, 'user')];
  mkdirSync(ws);
  const patch = '*** Begin Patch\n*** Add File: ws/made\n+text\n*** End Patch';
  box.model.script(stream(calls(applyPatch('p1', patch))), stream(says('done')));
  const turn = await box.turn(await box.thread(), 'go');
  const question = await turn.take('item/fileChange/requestApproval');
  exchange(ws, user);
  box.client.answer(question, { decision: 'accept' });
  await turn.ended();
  assert.equal(turn.items('fileChange')[0].status, 'failed');
  assert.deepEqual(readdirSync(user), []);
});

test('scratch: locks for folders that cannot be written to are where no command writes', onLinux, async () => {
  using box = scratch();
  const lock = await standInFor(join(box.path, 'auth.json.lock'));
  assert.ok(lock !== null);
  for (const folder of ['/tmp', tmpdir()]) assert.ok(!isWithin(lock, folder), lock);
});
