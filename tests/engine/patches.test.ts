import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, type BoxOptions, outputOf, textOf } from '../support/box.ts';
import { applyPatch, calls, functionCall, says, shell, shellCommand } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const FREEFORM = '[features]\napply_patch_freeform = true\n';
const OPEN: BoxOptions = { tables: FREEFORM, sandboxMode: 'workspace-write' };
const done = () => stream(says('done', 'msg-end'));
const add = (name: string, text = name): string => `*** Begin Patch\n*** Add File: ${name}\n+${text}\n*** End Patch`;

test('a patch shows its files, its summary and the diff of the turn, and is applied inside the sandbox', async () => {
  await using box = await Box.open({ ...OPEN, prepare: (it) => void it.write('old.txt', 'a\nb\nc\n') });
  const patch = `*** Begin Patch
*** Add File: dir/new.txt
+hello
*** Update File: old.txt
@@
 a
-b
+B
 c
*** End Patch`;
  box.model.script(stream(calls(applyPatch('c1', patch))), done());
  const turn = await box.completed(await box.thread(), 'go');
  const changes = [
    { path: join(box.workspace, 'dir/new.txt'), kind: { type: 'add' }, diff: 'hello\n' },
    {
      path: join(box.workspace, 'old.txt'),
      kind: { type: 'update', move_path: null },
      diff: '@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n',
    },
  ];
  assert.deepEqual(await turn.startOf('fileChange'), { type: 'fileChange', id: 'c1', changes, status: 'inProgress' });
  assert.deepEqual(turn.items('fileChange'), [{ type: 'fileChange', id: 'c1', changes, status: 'completed' }]);
  const summary = 'Success. Updated the following files:\nA dir/new.txt\nM old.txt\n';
  assert.equal(
    turn
      .all('item/fileChange/outputDelta')
      .map(({ delta }) => delta)
      .join(''),
    summary,
  );
  assert.ok(outputOf(await box.sent(2), 'c1').includes('A dir/new.txt'));
  assert.deepEqual([box.read('dir/new.txt'), box.read('old.txt')], ['hello\n', 'a\nB\nc\n']);
  const diffs = turn.all('turn/diff/updated').map(({ diff }) => diff);
  assert.equal(diffs.length, 3);
  assert.equal(new Set(diffs).size, 1);
  assert.match(diffs[0], /^diff --git a\/\/[\s\S]*\+hello[\s\S]*-b\n\+B\n/);
});

test('what items and diffs show of a patch is what it does to the bytes on disk', async () => {
  const before = '\ufeffusing A;\r\n\tint x = 1;  \r\n// \u201cend\u201d';
  await using box = await Box.open({ ...OPEN, prepare: (it) => void it.write('a.cs', before) });
  const patch = `*** Begin Patch
*** Update File: a.cs
@@
 using A;
+using B;
     int x = 1;
 // "end"
+// more
*** End Patch`;
  box.model.script(stream(calls(applyPatch('c1', patch))), done());
  const turn = await box.completed(await box.thread(), 'go');
  assert.equal(box.read('a.cs'), '\ufeffusing A;\r\nusing B;\r\n\tint x = 1;  \r\n// \u201cend\u201d\r\n// more');
  const diff = turn.items('fileChange')[0].changes[0].diff;
  const end = '\\ No newline at end of file';
  assert.equal(
    diff,
    `@@ -1,3 +1,5 @@\n \ufeffusing A;\r\n+using B;\r\n \tint x = 1;  \r\n-// \u201cend\u201d\n${end}\n` +
      `+// \u201cend\u201d\r\n+// more\n${end}\n`,
  );
  assert.ok(turn.all('turn/diff/updated').every((update) => update.diff.endsWith(diff)));
});

test('every form in which a model may call the patch tool is a file change', async () => {
  await using box = await Box.open({ ...OPEN, prepare: (it) => void it.write('sub/other.txt', '') });
  box.model.script(
    stream(
      calls(
        functionCall('c1', 'apply_patch', { input: add('a.txt') }),
        shell('c2', ['apply_patch', add('b.txt')]),
        shell('c3', ['bash', '-lc', `apply_patch <<'EOF'\n${add('c.txt')}\nEOF\n`]),
        shellCommand('c4', `mkdir_not=1 true`),
        shellCommand('c5', `cd sub && apply_patch <<'EOF'\n${add('d.txt')}\nEOF\n`),
      ),
    ),
    done(),
  );
  const turn = await box.completed(await box.thread(), 'go');
  assert.deepEqual(
    turn.items('fileChange').map(({ id, status }) => [id, status]),
    [
      ['c1', 'completed'],
      ['c2', 'completed'],
      ['c3', 'completed'],
      ['c5', 'completed'],
    ],
  );
  for (const name of ['a.txt', 'b.txt', 'c.txt', 'sub/d.txt']) assert.ok(box.has(name), name);
  const warnings = (await box.sent(2)).filter((item) => item.role === 'user' && textOf(item).startsWith('Warning: '));
  assert.equal(warnings.length, 3);
});

test('a patch that does not fit is answered without an item', async () => {
  await using box = await Box.open({ ...OPEN, prepare: (it) => void it.write('old.txt', 'a\n') });
  const update = '*** Begin Patch\n*** Update File: old.txt\n@@\n-zzz\n+y\n*** End Patch';
  box.model.script(
    stream(
      calls(
        applyPatch('c1', update),
        applyPatch('c2', 'nonsense'),
        applyPatch('c3', '*** Begin Patch\n*** End Patch'),
        applyPatch('c4', '*** Begin Patch\n*** Delete File: none.txt\n*** End Patch'),
        shell('c5', [add('x.txt')]),
      ),
    ),
    done(),
  );
  const turn = await box.completed(await box.thread(), 'go');
  const input = await box.sent(2);
  assert.match(
    outputOf(input, 'c1'),
    /^apply_patch verification failed: Failed to find expected lines in .*old\.txt:\nzzz$/,
  );
  assert.match(outputOf(input, 'c2'), /^apply_patch verification failed: invalid patch: /);
  assert.equal(outputOf(input, 'c3'), 'patch rejected: empty patch');
  assert.match(outputOf(input, 'c4'), /^apply_patch verification failed: Failed to read .*none\.txt: No such file/);
  assert.match(outputOf(input, 'c5'), /^apply_patch verification failed: /);
  assert.deepEqual(turn.items('fileChange'), []);
  assert.deepEqual(turn.items('commandExecution'), []);
  assert.deepEqual(turn.all('turn/diff/updated'), []);
});

test('never: a patch that policy refuses has no item, and the model reads the true reason', async () => {
  const tables = `${FREEFORM}[sandbox_workspace_write]\nexclude_slash_tmp = true\nexclude_tmpdir_env_var = true\n`;
  const outside = '/outside-of-all/x';
  const patches = [add('a.txt'), add('.git/hooks/x'), add(outside), add('b.txt')];
  const outputs = async (sandboxMode: 'read-only' | 'workspace-write'): Promise<readonly string[]> => {
    await using box = await Box.open({
      tables,
      sandboxMode,
      prepare: (it) => {
        it.write('.git/HEAD', 'ref: refs/heads/main\n');
      },
    });
    box.model.script(stream(calls(...patches.map((patch, at) => applyPatch(`c${at}`, patch)))), done());
    const turn = await box.completed(await box.thread(), 'go');
    const isOpen = sandboxMode === 'workspace-write';
    assert.equal(turn.items('fileChange').length, isOpen ? 2 : 0);
    assert.deepEqual([box.has('a.txt'), box.has('.git/hooks/x')], [isOpen, false]);
    const input = await box.sent(2);
    return patches.map((_, at) => outputOf(input, `c${at}`));
  };
  for (const output of await outputs('read-only')) {
    assert.match(output, /^patch rejected: the sandbox is read-only, /);
    assert.doesNotMatch(output, /outside/);
  }
  const [, inside, far] = await outputs('workspace-write');
  assert.match(inside ?? '', /^patch rejected: \S+\/\.git\/hooks\/x is protected, /);
  assert.match(far ?? '', /^patch rejected: \/outside-of-all\/x is outside of the folders that may be changed, /);
});

test('a patch over a file that exists shows what goes, and says so', async () => {
  await using box = await Box.open({ ...OPEN, prepare: (it) => void it.write('a.txt', 'precious\n') });
  box.model.script(stream(calls(applyPatch('c1', add('a.txt', 'new')))), done());
  const turn = await box.completed(await box.thread(), 'go');
  const [item] = turn.items('fileChange');
  assert.deepEqual(item.changes, [
    {
      path: join(box.workspace, 'a.txt'),
      kind: { type: 'update', move_path: null },
      diff: '@@ -1 +1 @@\n-precious\n+new\n',
    },
  ]);
  assert.match(outputOf(await box.sent(2), 'c1'), /a\.txt existed before: its old content was overwritten\./);
  assert.equal(box.read('a.txt'), 'new\n');
});

test('a file that changed while the patch was asked about is left alone', async () => {
  for (const sandboxMode of ['workspace-write', 'danger-full-access'] as const) {
    await using box = await Box.open({
      tables: FREEFORM,
      sandboxMode,
      approvalPolicy: 'untrusted',
      prepare: (it) => void it.write('a.txt', 'a\nb\n'),
    });
    const update = '*** Begin Patch\n*** Add File: n.txt\n+n\n*** Update File: a.txt\n@@\n-a\n+A\n*** End Patch';
    box.model.script(stream(calls(applyPatch('c1', update))), done());
    const turn = await box.turn(await box.thread(), 'go');
    const question = await turn.take('item/fileChange/requestApproval');
    box.write('a.txt', 'a\nb\nfrom the user\n');
    box.client.answer(question, { decision: 'accept' });
    assert.equal((await turn.ended()).status, 'completed');
    assert.equal(turn.items('fileChange')[0].status, 'failed');
    const output = outputOf(await box.sent(2), 'c1');
    assert.match(output, /Failed to change a\.txt: it has changed since the patch was checked/);
    assert.match(output, /No file was changed/);
    assert.deepEqual([box.read('a.txt'), box.has('n.txt')], ['a\nb\nfrom the user\n', false]);
  }
});

test('pipes, devices and folders are no files of a patch, and nothing waits for them', async () => {
  await using box = await Box.open({ ...OPEN, sandboxMode: 'danger-full-access' });
  mkdirSync(join(box.workspace, 'folder'));
  assert.equal(spawnSync('mkfifo', [join(box.workspace, 'pipe')]).status, 0);
  const update = (name: string) => `*** Begin Patch\n*** Update File: ${name}\n@@\n-a\n+b\n*** End Patch`;
  const remove = (name: string) => `*** Begin Patch\n*** Delete File: ${name}\n*** End Patch`;
  const names = ['pipe', '/dev/zero', 'folder'];
  const patches = names.flatMap((name) => [add(name), update(name), remove(name)]);
  box.model.script(stream(calls(...patches.map((patch, at) => applyPatch(`c${at}`, patch)))), done());
  await box.completed(await box.thread(), 'go');
  const input = await box.sent(2);
  for (const at of patches.keys()) {
    const output = outputOf(input, `c${at}`);
    assert.match(
      output,
      /^apply_patch verification failed: Failed to .* is a (named pipe|device|folder), not a regular/,
    );
  }
});

test('a patch is asked about: accept applies, decline and an error do not, a garbled answer is a no', async () => {
  await using box = await Box.open({ ...OPEN, approvalPolicy: 'untrusted' });
  const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt'];
  box.model.script(...names.map((name, n) => stream(calls(applyPatch(`c${n}`, add(name))))), done());
  const turn = await box.turn(await box.thread(), 'go');
  const ask = async () => turn.take('item/fileChange/requestApproval');
  const first = await ask();
  assert.deepEqual(first.params, {
    threadId: turn.threadId,
    turnId: turn.id,
    itemId: 'c0',
    reason: null,
    grantRoot: null,
  });
  box.client.answer(first, { decision: 'accept' });
  box.client.answer(await ask(), { decision: 'decline' });
  box.client.answerError(await ask(), -32000, 'no user');
  box.client.answer(await ask(), { decision: 'approved' });
  box.client.answer(await ask(), { nothing: true });
  assert.equal((await turn.ended()).status, 'completed');
  assert.deepEqual(
    turn.items('fileChange').map(({ status }) => status),
    ['completed', 'declined', 'failed', 'declined', 'declined'],
  );
  assert.deepEqual(
    names.map((name) => box.has(name)),
    [true, false, false, false, false],
  );
  for (const n of [1, 2]) assert.equal(outputOf(await box.sent(6), `c${n}`), 'patch rejected by user');
  for (const n of [3, 4]) assert.match(outputOf(await box.sent(6), `c${n}`), /^patch rejected by user: .* no decision/);
});

test('acceptForSession covers every path of the patch, and only those', async () => {
  await using box = await Box.open({ ...OPEN, approvalPolicy: 'untrusted' });
  const update = '*** Begin Patch\n*** Update File: a.txt\n@@\n-a.txt\n+changed\n*** End Patch';
  box.model.script(
    stream(calls(applyPatch('c1', add('a.txt')))),
    stream(calls(applyPatch('c2', update))),
    stream(calls(applyPatch('c3', add('b.txt')))),
    done(),
  );
  const turn = await box.turn(await box.thread(), 'go');
  box.client.answer(await turn.take('item/fileChange/requestApproval'), { decision: 'acceptForSession' });
  const second = await turn.take('item/fileChange/requestApproval');
  assert.equal(second.params.itemId, 'c3');
  box.client.answer(second, { decision: 'decline' });
  await turn.ended();
  assert.equal(box.read('a.txt'), 'changed\n');
});

test('cancel on a patch ends the turn as interrupted, without another request', async () => {
  await using box = await Box.open({ ...OPEN, approvalPolicy: 'untrusted' });
  box.model.script(stream(calls(applyPatch('c1', add('a.txt')))), stream(says('next')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  box.client.answer(await turn.take('item/fileChange/requestApproval'), { decision: 'cancel' });
  assert.equal((await turn.ended()).status, 'interrupted');
  assert.deepEqual(
    turn.items('fileChange').map(({ status }) => status),
    ['declined'],
  );
  assert.equal(box.model.to().length, 1);
  await box.completed(threadId, 'next');
  assert.equal(outputOf(await box.sent(2), 'c1'), 'patch rejected by user');
});

test('on-request: a patch that leaves the sandbox by a link is asked about by the place that it leads to', async () => {
  await using box = await Box.open({
    ...OPEN,
    approvalPolicy: 'on-request',
    tables: `${FREEFORM}[sandbox_workspace_write]\nexclude_slash_tmp = true\nexclude_tmpdir_env_var = true\n`,
  });
  const outside = join(box.folder, 'outside');
  mkdirSync(outside);
  symlinkSync(outside, join(box.workspace, 'link'));
  box.model.script(stream(calls(applyPatch('c1', add('link/a.txt')))), done());
  const turn = await box.turn(await box.thread(), 'go');
  const question = await turn.take('item/fileChange/requestApproval');
  assert.ok(question.params.reason.endsWith(` leads to ${join(outside, 'a.txt')}`), question.params.reason);
  assert.ok(!existsSync(join(outside, 'a.txt')));
  box.client.answer(question, { decision: 'accept' });
  await turn.ended();
  assert.equal(turn.items('fileChange')[0].status, 'completed');
  assert.equal(readFileSync(join(outside, 'a.txt'), 'utf8'), 'link/a.txt\n');
});
