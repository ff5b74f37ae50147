import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, textOf } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { gate, stream } from '../support/model-server.ts';

/** A few milliseconds. */
const SOON = { tables: '[threads]\nidle_unload_minutes = 0.0001\n' };

const loaded = async (box: Box): Promise<string[]> => (await box.call('thread/loaded/list')).data;

/** Ends when the thread is not loaded any more; the test's time limit ends a wait that does not. */
async function unloaded(box: Box, threadId: string): Promise<void> {
  while ((await loaded(box)).includes(threadId));
}

test('threads-unload: an idle thread without subscribers is unloaded, and a turn brings it back as it was', async () => {
  await using box = await Box.open(SOON);
  box.model.script(stream(says('one', 'msg-1')), stream(says('two', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'first', { effort: 'high' });
  await box.call('thread/unsubscribe', { threadId });
  await unloaded(box, threadId);
  assert.deepEqual(await box.call('thread/unsubscribe', { threadId }), { status: 'notLoaded' });
  await box.turn(threadId, 'second');
  const sent = await box.sent(2);
  for (const text of ['first', 'one', 'second']) assert.ok(sent.map(textOf).includes(text), text);
  assert.deepEqual(
    (await box.model.waitForRequest(2)).body.reasoning,
    (await box.model.waitForRequest(1)).body.reasoning,
  );
  let turns: { status: string }[] = [];
  while (turns[1]?.status !== 'completed') turns = await box.turnsOf(threadId);
  await unloaded(box, threadId); // and again
});

test('threads-unload: resuming an unloaded thread opens it anew, with what the request asks for', async () => {
  await using box = await Box.open(SOON);
  box.model.script(stream(says('one', 'msg-1')), stream(says('two', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'first');
  await box.call('thread/unsubscribe', { threadId });
  await unloaded(box, threadId);
  const resumed = await box.call('thread/resume', { threadId, approvalPolicy: 'on-request' });
  assert.deepEqual([resumed.thread.turns.length, resumed.approvalPolicy], [1, 'on-request']);
  assert.deepEqual(await loaded(box), [threadId]);
  await box.completed(threadId, 'second');
});

test('threads-unload: neither a subscriber, nor a running turn, nor a thread without a file is taken away', async () => {
  await using box = await Box.open(SOON);
  const held = gate();
  box.model.script(stream(held.wait, says('one', 'msg-1')));
  const [subscribed, running, idle] = [await box.thread(), await box.thread(), await box.thread()];
  const ephemeral = await box.thread({ ephemeral: true });
  await box.turn(running, 'go');
  await held.reached;
  for (const threadId of [running, ephemeral, idle]) await box.call('thread/unsubscribe', { threadId });
  await unloaded(box, idle);
  assert.deepEqual(await loaded(box), [subscribed, running, ephemeral].sort());
  held.open();
  await unloaded(box, running);
  assert.deepEqual(await loaded(box), [subscribed, ephemeral].sort());
});

test('threads-unload: an unloaded thread can be read, named, rolled back and archived', async () => {
  await using box = await Box.open(SOON);
  box.model.script(stream(says('one', 'msg-1')));
  const threadId = await box.thread();
  await box.completed(threadId, 'first');
  await box.call('thread/unsubscribe', { threadId });
  await unloaded(box, threadId);
  assert.equal((await box.turnsOf(threadId)).length, 1);
  await box.call('thread/name/set', { threadId, name: 'Sleeper' });
  const { thread } = await box.call('thread/rollback', { threadId, numTurns: 1 });
  assert.deepEqual(thread.turns, []);
  await unloaded(box, threadId);
  await box.call('thread/archive', { threadId });
  const { message } = await box.error('turn/start', { threadId, input: [{ type: 'text', text: 'late' }] });
  assert.equal(message, `thread not found: ${threadId}`);
  await box.call('thread/unarchive', { threadId });
  await box.call('thread/resume', { threadId });
  assert.deepEqual(await loaded(box), [threadId]);
});

test('threads-unload: a conversation whose last listener left comes back with the next message', async () => {
  await using box = await Box.open(SOON);
  box.model.script(stream(says('one', 'msg-1')));
  const { conversationId } = await box.call('newConversation', {});
  const { subscriptionId } = await box.call('addConversationListener', { conversationId });
  await box.call('removeConversationListener', { subscriptionId });
  await unloaded(box, conversationId);
  await box.call('sendUserMessage', { conversationId, items: [{ type: 'text', data: { text: 'hello' } }] });
  assert.ok((await box.sent()).map(textOf).includes('hello'));
});
