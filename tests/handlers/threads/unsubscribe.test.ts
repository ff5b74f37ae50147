import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';
import { calls, says, shell } from '../../support/model-events.ts';
import { gate, stream } from '../../support/model-server.ts';

test('thread/unsubscribe stops the events of one thread; resuming it brings them back', async () => {
  await using box = await Box.open();
  const [threadId, other] = [await box.thread(), await box.thread()];
  assert.deepEqual(await box.call('thread/unsubscribe', { threadId: threadId.toUpperCase() }), {
    status: 'unsubscribed',
  });
  assert.deepEqual(await box.call('thread/unsubscribe', { threadId }), { status: 'notSubscribed' });
  const held = gate();
  box.model.script(stream(held.wait, says('unheard')), stream(says('heard', 'msg-2')), stream(says('again', 'msg-3')));
  const turn = await box.turn(threadId, 'first');
  await held.reached;
  held.open();
  await box.completed(other, 'beside it');
  let turns: { status: string }[] = [];
  while (turns[0]?.status !== 'completed') turns = await box.turnsOf(threadId);
  assert.deepEqual(turn.methods(), ['turn/started']);
  assert.deepEqual(turn.all('codex/event/task_started'), []);
  const { thread } = await box.call('thread/resume', { threadId });
  assert.deepEqual(thread.turns, turns);
  await box.completed(threadId, 'second');
  // What went unheard is in the turns, and is not told again.
  assert.deepEqual(turn.methods(), ['turn/started']);
  assert.deepEqual(await box.call('thread/unsubscribe', { threadId }), { status: 'unsubscribed' });
});

test('a question of a thread that nobody listens to waits for whoever resumes it', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted', sandboxMode: 'danger-full-access' });
  const held = gate();
  box.model.script(stream(held.wait, calls(shell('call-1', ['touch', 'asked.txt']))), stream(says('done')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  await held.reached;
  await box.call('thread/unsubscribe', { threadId });
  held.open();
  // The command is announced in the file only when it ends, so the request upstream is what can be waited for.
  await box.call('thread/resume', { threadId });
  const request = await box.client.takeMethod('item/commandExecution/requestApproval');
  box.client.answer(request, { decision: 'accept' });
  assert.equal((await turn.ended()).status, 'completed');
  assert.ok(box.has('asked.txt'));
});

test('thread/unsubscribe of what is not loaded, or no id', async () => {
  await using box = await Box.open();
  const unknown = '01900000-0000-7000-8000-000000000000';
  assert.deepEqual(await box.call('thread/unsubscribe', { threadId: unknown }), { status: 'notLoaded' });
  assert.match((await box.error('thread/unsubscribe', { threadId: 'zz' })).message, /^invalid thread id: /);
});
