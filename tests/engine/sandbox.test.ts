import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, outputOf } from '../support/box.ts';
import { calls, says, shell, shellCommand } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const done = () => stream(says('done', 'msg-end'));
const ASK = 'item/commandExecution/requestApproval';
const TIGHT = '[sandbox_workspace_write]\nexclude_slash_tmp = true\nexclude_tmpdir_env_var = true\n';

test('sandbox-linux: a confined command writes only below its roots, and never into .git', async () => {
  await using box = await Box.open({
    sandboxMode: 'workspace-write',
    tables: TIGHT,
    prepare: (it) => void it.write('.git/HEAD', 'ref: refs/heads/main\n'),
  });
  const script =
    'touch inside; touch ../outside; touch .git/inside; touch /tmp/shardex-not-writable; cat ../home/config.toml | head -1';
  box.model.script(stream(calls(shell('c1', ['bash', '-c', script]))), done());
  const turn = await box.completed(await box.thread(), 'go');
  assert.deepEqual(
    ['inside', '../outside', '.git/inside', '/tmp/shardex-not-writable'].map((path) => box.has(path)),
    [true, false, false, false],
  );
  assert.match(turn.items('commandExecution')[0].aggregatedOutput, /^model = /);
});

test('sandbox-linux: a denied connection is a denial, and on-failure asks whether to go on without', async () => {
  const server = createServer((socket) => socket.end('reached\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as { port: number };
    await using box = await Box.open({ approvalPolicy: 'on-failure', sandboxMode: 'workspace-write' });
    const script = `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`;
    box.model.script(stream(calls(shell('c1', ['bash', '-c', script]))), done());
    const turn = await box.turn(await box.thread(), 'go');
    const question = await turn.take(ASK);
    assert.equal(question.params.reason, 'command failed; retry without sandbox?');
    box.client.answer(question, { decision: 'accept' });
    await turn.ended();
    const [item] = turn.items('commandExecution');
    assert.deepEqual([item.status, item.exitCode], ['completed', 0]);
    assert.equal(JSON.parse(outputOf(await box.sent(2), 'c1')).output, 'reached\n');
  } finally {
    server.close();
  }
});

test('on-failure: a denied write asks; declining ends the item as declined', async () => {
  await using box = await Box.open({ approvalPolicy: 'on-failure' });
  box.model.script(stream(calls(shell('c1', ['touch', 'x']))), done());
  const turn = await box.turn(await box.thread(), 'go');
  const question = await turn.take(ASK);
  assert.deepEqual(question.params.proposedExecpolicyAmendment, ['touch', 'x']);
  box.client.answer(question, { decision: 'decline' });
  await turn.ended();
  assert.equal(turn.items('commandExecution')[0].status, 'declined');
  assert.equal(outputOf(await box.sent(2), 'c1'), 'exec command rejected by user');
  assert.equal(box.has('x'), false);
});

test('untrusted: a command that was accepted and then denied is asked about again before it runs outside', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted' });
  box.model.script(stream(calls(shell('c1', ['touch', 'x']))), done());
  const turn = await box.turn(await box.thread(), 'go');
  box.client.answer(await turn.take(ASK), { decision: 'accept' });
  const again = await turn.take(ASK);
  assert.equal(again.params.reason, 'command failed; retry without sandbox?');
  assert.equal(box.has('x'), false);
  box.client.answer(again, { decision: 'accept' });
  await turn.ended();
  assert.equal(turn.items('commandExecution')[0].status, 'completed');
  assert.ok(box.has('x'));
  assert.equal(box.client.ofMethod(ASK).length, 2);
});

test('never and on-request: the model reads the output of the denied attempt', async () => {
  for (const approvalPolicy of ['never', 'on-request']) {
    await using box = await Box.open({ approvalPolicy });
    box.model.script(stream(calls(shell('c1', ['touch', 'x']))), done());
    const turn = await box.completed(await box.thread(), 'go');
    assert.equal(turn.items('commandExecution')[0].status, 'failed');
    assert.match(outputOf(await box.sent(2), 'c1'), /Read-only file system/);
  }
});

test('a rule that allows a command takes it out of the sandbox', async () => {
  await using box = await Box.open({
    prepare: (it) => void it.write(`${it.home}/rules/a.rules`, 'prefix_rule(pattern=["touch"], decision="allow")\n'),
  });
  box.model.script(stream(calls(shell('c1', ['touch', 'x']))), done());
  await box.completed(await box.thread(), 'go');
  assert.ok(box.has('x'));
});

test('sandbox-linux: without bubblewrap a confined command is refused with what to install; others run', async () => {
  await using box = await Box.open({ env: { SHARDEX_BWRAP: '/no/such/bwrap' } });
  box.model.script(
    stream(calls(shell('c1', ['true']))),
    done(),
    stream(calls(shell('c2', ['true']))),
    stream(says('x', 'm2')),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'go');
  const [item] = turn.items('commandExecution');
  assert.equal(item.status, 'failed');
  assert.match(outputOf(await box.sent(2), 'c1'), /bubblewrap/);
  const open = await box.completed(threadId, 'go', { sandboxPolicy: { type: 'dangerFullAccess' } });
  assert.equal(open.items('commandExecution')[0].status, 'completed');
});

test('the policy of a turn decides, not the one the thread was started with', async () => {
  await using box = await Box.open();
  const script = (name: string) => `touch ${name}; touch sub/${name}`;
  box.write('sub/here', '');
  box.model.script(stream(calls(shellCommand('c1', script('a')))), done());
  await box.completed(await box.thread(), 'go', {
    sandboxPolicy: {
      type: 'workspaceWrite',
      writableRoots: [join(box.workspace, 'sub')],
      excludeSlashTmp: true,
      excludeTmpdirEnvVar: true,
    },
    cwd: join(box.folder, 'user'),
  });
  assert.deepEqual([box.has('a'), box.has('../user/a')], [false, true]);
});
