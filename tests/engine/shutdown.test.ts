import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { calls, shell, streams } from '../support/model-events.ts';
import { hang, stream } from '../support/model-server.ts';
import { allGone, isAlive, pidIn } from '../support/processes.ts';

const SLEEPER = 'sleep 300 & echo $! > inner; echo $$ > outer; echo started; wait';

for (const how of ['EOF', 'SIGTERM'] as const) {
  test(`eof-exit: ${how} while a command runs: exit 0 no process left, the turn is stored`, async () => {
    await using box = await Box.open({ sandboxMode: 'danger-full-access' });
    box.model.script(stream(calls(shell('c1', ['bash', '-c', SLEEPER]))));
    const threadId = await box.thread();
    const turn = await box.turn(threadId, 'go');
    await turn.wait('item/commandExecution/outputDelta');
    const pids = [pidIn(box.read('inner')), pidIn(box.read('outer'))];
    assert.ok(pids.every(isAlive));
    if (how === 'EOF') box.client.endInput();
    else box.client.server.child.kill('SIGTERM');
    assert.deepEqual(await box.client.server.exit(), { code: 0, signal: null });
    await allGone(pids);
    const streamed = turn.items();
    await box.start();
    const [stored] = await box.turnsOf(threadId);
    assert.deepEqual([stored.id, stored.status], [turn.id, 'interrupted']);
    assert.deepEqual(stored.items, streamed);
  });

  test(`eof-exit: ${how} while a message streams`, async () => {
    await using box = await Box.open();
    box.model.script(hang(streams(['half']).slice(0, 3)));
    const threadId = await box.thread();
    const turn = await box.turn(threadId, 'go');
    await turn.wait('item/agentMessage/delta');
    if (how === 'EOF') box.client.endInput();
    else box.client.server.child.kill('SIGTERM');
    assert.deepEqual(await box.client.server.exit(), { code: 0, signal: null });
    assert.equal((await turn.ended()).status, 'interrupted');
    await box.start();
    const [stored] = await box.turnsOf(threadId);
    assert.deepEqual(stored.items.at(-1), { type: 'agentMessage', id: 'msg-1', text: 'half' });
  });
}

test('eof-exit: an open question does not hold the process', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted' });
  box.model.script(stream(calls(shell('c1', ['touch', 'x']))));
  const turn = await box.turn(await box.thread(), 'go');
  await turn.wait('item/commandExecution/requestApproval');
  box.client.endInput();
  assert.deepEqual(await box.client.server.exit(), { code: 0, signal: null });
  assert.equal(box.has('x'), false);
});

test('eof-exit: what was read before the end of the input is answered', async () => {
  await using box = await Box.open();
  const threadId = await box.thread();
  box.model.script(hang());
  const turn = box.client.start('turn/start', { threadId, input: [{ type: 'text', text: 'x' }] });
  const read = box.client.start('thread/loaded/list', {});
  box.client.endInput();
  assert.deepEqual((await box.client.reply(read)).result, { data: [threadId], nextCursor: null });
  assert.ok((await box.client.reply(turn)).result.turn.id);
  assert.equal((await box.client.server.exit()).code, 0);
});

test('kill-tree: a process that ignores the polite signal is gone all the same', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  const script = 'trap "" TERM INT HUP; echo $$ > outer; echo started; while :; do sleep 1; done';
  box.model.script(stream(calls(shell('c1', ['bash', '-c', script]))));
  const turn = await box.turn(await box.thread(), 'go');
  await turn.wait('item/commandExecution/outputDelta');
  const pid = pidIn(box.read('outer'));
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  assert.ok(isAlive(pid), 'the end waited for the process');
  await allGone([pid]);
});
