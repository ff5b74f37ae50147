import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, textOf } from '../../support/box.ts';
import { calls, completed, functionCall, says, shell, streams } from '../../support/model-events.ts';
import { cut, gate, hang, stream } from '../../support/model-server.ts';

const text = (value: string) => [{ type: 'text', text: value }];

test('steer: input for a busy thread joins the running turn, is shown, stored, and answered in the same turn', async () => {
  await using box = await Box.open();
  const held = gate();
  box.model.script(stream(held.wait, says('one')), stream(says('two', 'msg-2')), stream(says('three', 'msg-3')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'first');
  await held.reached;
  const joined = await box.call('turn/start', { threadId, input: text('second'), model: 'next-model' });
  assert.deepEqual(joined.turn, { id: turn.id, items: [], status: 'inProgress', error: null });
  held.open();
  assert.equal((await turn.ended()).status, 'completed');
  assert.equal(box.client.ofMethod('turn/started').length, 1);
  const typed = turn.items('userMessage').map(({ content }) => content[0].text);
  assert.deepEqual(typed, ['first', 'second']);
  assert.deepEqual((await box.sent(2)).slice(-3).map(textOf), ['first', 'one', 'second']);
  // The running turn keeps its own model; the change counts for the next one.
  await box.completed(threadId, 'third');
  assert.deepEqual(
    box.model.to().map(({ body }) => body.model),
    ['some-model', 'some-model', 'next-model'],
  );
  const [stored] = await box.turnsOf(threadId);
  assert.deepEqual(stored.items, turn.items());
});

test('steer: input follows the outputs of the tools that were running', async () => {
  await using box = await Box.open();
  const held = gate();
  box.model.script(stream(functionCall('c1', 'nothing', {}), held.wait, completed()), stream(says('done')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'first');
  await held.reached;
  await box.call('turn/start', { threadId, input: text('and this') });
  await box.call('turn/steer', { threadId, input: text('and that'), expectedTurnId: turn.id });
  held.open();
  await turn.ended();
  const input = await box.sent(2);
  assert.deepEqual(
    input.slice(-3).map((item) => item.type),
    ['function_call_output', 'message', 'message'],
  );
  assert.deepEqual(input.slice(-2).map(textOf), ['and this', 'and that']);
});

test('turn/steer wants the running turn to be the expected one', async () => {
  await using box = await Box.open();
  const held = gate();
  box.model.script(stream(held.wait, says('one')), stream(says('two', 'msg-2')));
  const threadId = await box.thread();
  const idle = await box.error('turn/steer', { threadId, input: text('x'), expectedTurnId: 'abc' });
  assert.deepEqual(idle, { code: -32600, message: 'no active turn to steer' });
  const turn = await box.turn(threadId, 'first');
  await held.reached;
  const other = await box.error('turn/steer', { threadId, input: text('x'), expectedTurnId: 'abc' });
  assert.equal(other.code, -32600);
  assert.equal(other.message, `expected active turn id \`abc\` but found \`${turn.id}\``);
  const reply = await box.call('turn/steer', { threadId, input: text('second'), expectedTurnId: turn.id });
  assert.deepEqual(reply, { turnId: turn.id });
  held.open();
  await turn.ended();
  assert.deepEqual(
    turn.items('userMessage').map(({ content }) => content[0].text),
    ['first', 'second'],
  );
});

test('steer: input parked when the turn is interrupted is stored and opens the next context', async () => {
  await using box = await Box.open();
  box.model.script(hang(streams(['a']).slice(0, 3)), stream(says('after', 'msg-2')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'first');
  await turn.wait('item/agentMessage/delta');
  await box.call('turn/start', { threadId, input: text('do not lose me') });
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  assert.deepEqual(
    turn.items('userMessage').map(({ content }) => content[0].text),
    ['first', 'do not lose me'],
  );
  await box.completed(threadId, 'next');
  const sent = (await box.sent(2)).map(textOf);
  assert.ok(sent.indexOf('do not lose me') > sent.indexOf('first'));
  assert.equal(sent.at(-1), 'next');
  const [stored] = await box.turnsOf(threadId);
  assert.deepEqual(stored.items, turn.items());
  assert.equal(stored.status, 'interrupted');
});

test('steer: input parked when the turn fails is stored and opens the next context', async () => {
  await using box = await Box.open();
  const held = gate();
  box.model.script(cut(held.wait), stream(says('after', 'msg-2')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'first');
  await held.reached;
  await box.call('turn/start', { threadId, input: text('do not lose me') });
  held.open();
  assert.equal((await turn.ended()).status, 'failed');
  await box.completed(threadId, 'next');
  assert.deepEqual((await box.sent(2)).slice(-3).map(textOf), ['first', 'do not lose me', 'next']);
});

test('steer: input sent while an approval is open waits for it', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted' });
  box.model.script(stream(calls(shell('c1', ['touch', 'x']))), stream(says('ok')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  const question = await turn.wait('item/commandExecution/requestApproval');
  await box.call('turn/start', { threadId, input: text('meanwhile') });
  box.client.answer(question, { decision: 'decline' });
  await turn.ended();
  assert.equal(textOf((await box.sent(2)).at(-1)), 'meanwhile');
});
