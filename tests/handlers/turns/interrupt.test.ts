import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, outputOf, textOf } from '../../support/box.ts';
import { calls, functionCall, message, says, shell, shellCommand, streams } from '../../support/model-events.ts';
import { delayed, gate, hang, status, stream } from '../../support/model-server.ts';
import { allGone, pidIn, processesWith } from '../../support/processes.ts';

const ABORTED = /^<turn_aborted>\n[\s\S]+\n<\/turn_aborted>$/;

test('interrupt-idle: an interrupt with nothing to interrupt is answered at once, whatever turn it names', async () => {
  await using box = await Box.open();
  const threadId = await box.thread();
  assert.deepEqual(await box.call('turn/interrupt', { threadId, turnId: 'anything' }), {});
  const unloaded = '01900000-0000-7000-8000-000000000000';
  const unknown = await box.error('turn/interrupt', { threadId: unloaded, turnId: 'x' });
  assert.deepEqual(unknown, { code: -32600, message: `thread not found: ${unloaded}` });
  assert.equal((await box.error('turn/interrupt', { threadId })).message, 'Invalid request: missing field `turnId`');
});

test('interrupt-idle: while a turn runs, naming another one is refused', async () => {
  await using box = await Box.open();
  box.model.script(hang());
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  await box.model.waitForRequest();
  const refused = await box.error('turn/interrupt', { threadId, turnId: 'another' });
  assert.equal(refused.code, -32600);
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
});

test('an interrupt before the first byte ends the turn and the request upstream', async () => {
  await using box = await Box.open();
  box.model.script(delayed(60_000, stream(says('late'))), stream(says('next', 'msg-2')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  const request = await box.model.waitForRequest();
  const reply = await turn.interrupt();
  assert.deepEqual(reply.result, {});
  const ended = await turn.ended();
  assert.deepEqual(ended, { id: turn.id, items: [], status: 'interrupted', error: null });
  await request.closed;
  assert.equal(turn.all('codex/event/turn_aborted')[0].msg.reason, 'interrupted');
  assert.deepEqual(turn.all('codex/event/task_complete'), []);
  const completed = await turn.wait('turn/completed');
  assert.ok(box.client.messages.indexOf(reply) < box.client.messages.indexOf(completed));
  // The model learns of it with the next turn.
  await box.completed(threadId, 'next');
  const [, marker, next] = (await box.sent(2)).slice(-3);
  assert.equal(marker?.role, 'user');
  assert.match(textOf(marker), ABORTED);
  assert.equal(textOf(next), 'next');
});

test('item-lifecycle: an interrupt while streaming completes the open item with what had arrived', async () => {
  await using box = await Box.open();
  box.model.script(hang(streams(['half ', 'a th']).slice(0, 4)));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  await turn.wait('item/agentMessage/delta', ({ params }) => params.delta === 'a th');
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  assert.deepEqual(turn.items('agentMessage'), [{ type: 'agentMessage', id: 'msg-1', text: 'half a th' }]);
  const [stored] = await box.turnsOf(threadId);
  assert.deepEqual([stored.id, stored.status, stored.error], [turn.id, 'interrupted', null]);
  assert.deepEqual(stored.items, turn.items());
});

test('kill-tree: an interrupt in a command ends it with its output so far, and no process of its group survives', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  const script = 'sleep 300 & echo $! > inner; echo $$ > outer; echo started; wait';
  box.model.script(stream(calls(shell('c1', ['bash', '-c', script]))), stream(says('next')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  await turn.wait('item/commandExecution/outputDelta');
  const pids = [pidIn(box.read('inner')), pidIn(box.read('outer'))];
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  const [item] = turn.items('commandExecution');
  assert.equal(item.status, 'failed');
  assert.equal(item.aggregatedOutput, 'started\n');
  await allGone(pids);
  await box.completed(threadId, 'next');
  assert.match(outputOf(await box.sent(2), 'c1'), /^Wall time: \d+\.\d seconds\naborted by user$/);
  const [stored] = await box.turnsOf(threadId);
  assert.deepEqual(stored.items, turn.items());
});

test('kill-tree: the same inside the sandbox', async () => {
  await using box = await Box.open();
  const seconds = String(100_000 + process.pid); // nobody else sleeps for so long
  box.model.script(stream(calls(shellCommand('c1', `sleep ${seconds} & echo started; wait`))));
  const turn = await box.turn(await box.thread(), 'go');
  await turn.wait('item/commandExecution/outputDelta');
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  await allGone(processesWith(['sleep', seconds]));
});

test('an interrupt keeps the real outputs of the calls that had finished', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  box.model.script(
    stream(calls(shell('c1', ['echo', 'done']), shell('c2', ['sleep', '300']), functionCall('c3', 'nothing', {}))),
    stream(says('next')),
  );
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  await turn.wait('item/started', ({ params }) => params.item.id === 'c2');
  await turn.interrupt();
  await turn.ended();
  await box.completed(threadId, 'next');
  const input = await box.sent(2);
  assert.equal(JSON.parse(outputOf(input, 'c1')).output, 'done\n');
  assert.match(outputOf(input, 'c2'), /aborted by user$/);
  assert.equal(outputOf(input, 'c3'), 'unsupported call: nothing');
});

test('an interrupt in an approval counts as a refusal; a late answer is ignored', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted' });
  box.model.script(stream(calls(shell('c1', ['touch', 'x']))), stream(says('next')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  const question = await turn.wait('item/commandExecution/requestApproval');
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  const [item] = turn.items('commandExecution');
  assert.deepEqual(
    [item.status, item.aggregatedOutput, item.exitCode, item.durationMs],
    ['failed', 'exec command rejected by user', -1, 0],
  );
  box.client.answer(question, { decision: 'accept' });
  await box.completed(threadId, 'next');
  assert.equal(box.has('x'), false);
  assert.equal(outputOf(await box.sent(2), 'c1'), 'exec command rejected by user');
});

test('an interrupt in a patch approval ends the item, and the patch is not applied', async () => {
  await using box = await Box.open({
    approvalPolicy: 'untrusted',
    tables: '[features]\napply_patch_freeform = true\n',
  });
  const patch = '*** Begin Patch\n*** Add File: x\n+x\n*** End Patch';
  box.model.script(
    stream(
      calls({
        type: 'response.output_item.done',
        item: { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: patch },
      }),
    ),
    stream(says('next')),
  );
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  await turn.wait('item/fileChange/requestApproval');
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  assert.equal(turn.items('fileChange')[0].status, 'failed');
  assert.equal(box.has('x'), false);
  await box.completed(threadId, 'next');
  assert.equal(outputOf(await box.sent(2), 'c1'), 'patch rejected by user');
});

test('an interrupt in the back-off of a retry comes through at once', async () => {
  await using box = await Box.open({ provider: 'request_max_retries = 0\nstream_max_retries = 100\n' });
  for (let n = 0; n < 8; n += 1) box.model.script(status(502, 'no'));
  const turn = await box.turn(await box.thread(), 'go');
  // The delay doubles each time: by the fourth it is more than a second.
  await turn.wait('error', ({ params }) => params.error.message === 'Reconnecting... 4/100');
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  const told = turn.all('error').map(({ error }) => error.message);
  assert.ok(!told.includes('Reconnecting... 5/100'), 'the delay was waited for');
});

test('an interrupt during compaction ends the item, and what the user typed is kept', async () => {
  await using box = await Box.open({ top: 'model_auto_compact_token_limit = 100\n' });
  box.model.script(stream(says('big', 'msg-1', { input: 500, output: 1 })), hang(), stream(says('after', 'msg-3')));
  const threadId = await box.thread();
  await box.completed(threadId, 'one');
  const turn = await box.turn(threadId, 'two');
  await turn.wait('item/started', ({ params }) => params.item.type === 'contextCompaction');
  await box.model.waitForRequest(2);
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  const turns = await box.turnsOf(threadId);
  assert.equal(turns.length, 2);
  assert.deepEqual(turns[1].items, turn.items());
  assert.ok(turn.items('userMessage').some(({ content }) => content[0].text === 'two'));
});

test('turn/start right behind an interrupt starts a turn of its own', async () => {
  await using box = await Box.open();
  box.model.script(hang(), stream(says('second', 'msg-2')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'one');
  await box.model.waitForRequest();
  box.client.start('turn/interrupt', { threadId, turnId: turn.id });
  const second = await box.turn(threadId, 'two');
  assert.notEqual(second.id, turn.id);
  assert.equal((await turn.ended()).status, 'interrupted');
  assert.equal((await second.ended()).status, 'completed');
});

test('several interrupts of one turn are all answered', async () => {
  await using box = await Box.open();
  const held = gate();
  box.model.script(hang(message('msg-1', 'x'), held.wait));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'one');
  await held.reached;
  const ids = [1, 2, 3].map(() => box.client.start('turn/interrupt', { threadId, turnId: turn.id }));
  for (const id of ids) assert.deepEqual((await box.client.reply(id)).result, {});
  await turn.ended();
});
