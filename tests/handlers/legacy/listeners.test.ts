import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';
import { calls, says, streams, updatePlan } from '../../support/model-events.ts';
import { gate, stream } from '../../support/model-server.ts';
import { Conversation, UNKNOWN_ID } from './conversation.ts';

const answer = (n: number) => stream(says(`answer ${n}`, `msg-${n}`));

test('what happened before a listener came is told to it, behind the answer', async () => {
  await using box = await Box.open();
  box.model.script(stream(streams(['an', 'swer'])));
  const early = await Conversation.begin(box);
  await early.listen();
  await early.send('first');
  await early.event('task_complete');
  const expected = early.types();

  box.model.script(stream(streams(['an', 'swer'])));
  const late = await Conversation.begin(box);
  await late.send('first');
  let turns: { status: string }[] = [];
  while (turns[0]?.status !== 'completed') turns = await box.turnsOf(late.id);
  assert.deepEqual(late.types(), []);
  const reply = await box.client.request('addConversationListener', { conversationId: late.id });
  await late.event('task_complete');
  assert.deepEqual(late.types().slice(0, 1), ['mcp_startup_complete']);
  assert.equal(late.types().length, expected.length);
  const first = box.client.messages.find(({ params }) => params?.conversationId === late.id);
  assert.ok(first && box.client.messages.indexOf(reply) < box.client.messages.indexOf(first));
});

test('the older protocol’s listener hears v2 notifications too, but not those of v2 alone', async () => {
  await using box = await Box.open();
  box.model.script(stream(calls(updatePlan('call-1', [{ step: 'one', status: 'pending' }]))), answer(1));
  const conversation = await Conversation.begin(box);
  await conversation.listen(true);
  await conversation.send('go');
  await conversation.event('task_complete');
  await box.client.waitFor(({ method }) => method === 'turn/completed', 'turn/completed');
  assert.ok(conversation.types().includes('plan_update'));
  assert.ok(conversation.types().includes('raw_response_item'));
  const methods = new Set(box.client.messages.map(({ method }) => method));
  for (const heard of ['item/started', 'item/completed', 'thread/tokenUsage/updated']) assert.ok(methods.has(heard));
  for (const missed of ['turn/started', 'turn/plan/updated', 'rawResponseItem/completed', 'thread/started']) {
    assert.ok(!methods.has(missed), missed);
  }
});

test('raw items, from the set-up on, are for listeners that asked for them', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2));
  const raw = await Conversation.begin(box, { developerInstructions: 'Mind the gap.' });
  await raw.listen(true);
  await raw.send('first');
  await raw.event('task_complete');
  const items = box.client.ofMethod('codex/event/raw_response_item').map(({ params }) => params);
  const texts = items.map(({ msg }) => msg.item.content[0].text);
  assert.match(texts[0], /^<permissions instructions>/);
  assert.equal(texts[1], 'Mind the gap.');
  assert.deepEqual([texts.at(-2), texts.at(-1)], ['first', 'answer 1']);
  assert.equal(items[0].id, 'auto-compact-0');
  const plain = await Conversation.begin(box);
  await plain.listen();
  await plain.send('first');
  await plain.event('task_complete');
  assert.ok(!plain.types().includes('raw_response_item'));
});

test('a raw listener on a thread of the second protocol sees raw items from then on', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2));
  const threadId = await box.thread();
  await box.completed(threadId, 'before');
  const conversation = new Conversation(box, threadId, '');
  assert.ok(!conversation.types().includes('raw_response_item'));
  await conversation.listen(true);
  await box.completed(threadId, 'after');
  const texts = box.client.ofMethod('rawResponseItem/completed').map(({ params }) => params.item.content[0].text);
  assert.deepEqual(texts, ['after', 'answer 2']);
});

test('several listeners on one thread, of both kinds: one copy of every event', async () => {
  await using box = await Box.open();
  box.model.script(answer(1));
  const threadId = await box.thread();
  const conversation = new Conversation(box, threadId, '');
  await conversation.listen();
  await conversation.listen();
  await conversation.send('go');
  await conversation.event('task_complete');
  await box.client.waitFor(({ method }) => method === 'turn/completed', 'turn/completed');
  const counts = new Map<string, number>();
  for (const type of conversation.types()) counts.set(type, (counts.get(type) ?? 0) + 1);
  assert.deepEqual([counts.get('task_started'), counts.get('agent_message'), counts.get('task_complete')], [1, 1, 1]);
  assert.equal(box.client.ofMethod('turn/completed').length, 1);
});

test('a listener that is removed hears no more; another goes on; without one, events wait', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2), answer(3));
  const conversation = await Conversation.begin(box);
  const [one, two] = [await conversation.listen(), await conversation.listen()];
  assert.notEqual(one, two);
  assert.deepEqual(await box.call('removeConversationListener', { subscriptionId: one.toUpperCase() }), {});
  await conversation.send('first');
  await conversation.event('task_complete');
  await box.call('removeConversationListener', { subscriptionId: two });
  const heard = conversation.types().length;
  await conversation.send('second');
  let turns: { status: string }[] = [];
  while (turns[1]?.status !== 'completed') turns = await box.turnsOf(conversation.id);
  assert.equal(conversation.types().length, heard);
  await conversation.listen();
  await conversation.event('task_complete');
  assert.deepEqual(await box.error('removeConversationListener', { subscriptionId: two }), {
    code: -32600,
    message: `subscription not found: ${two}`,
  });
});

test('thread/resume of a conversation subscribes the second protocol: turns in the answer, no events twice', async () => {
  await using box = await Box.open();
  const held = gate();
  box.model.script(answer(1), stream(held.wait, says('answer 2', 'msg-2')));
  const conversation = await Conversation.begin(box);
  await conversation.send('first');
  let turns: { status: string }[] = [];
  while (turns[0]?.status !== 'completed') turns = await box.turnsOf(conversation.id);
  const { thread } = await box.call('thread/resume', { threadId: conversation.id });
  assert.equal(thread.turns.length, 1);
  const turn = await box.turn(conversation.id, 'second');
  await held.reached;
  held.open();
  assert.equal((await turn.ended()).status, 'completed');
  assert.equal(conversation.types().filter((type) => type === 'task_complete').length, 1);
});

test('listeners: every refusal has its code and text', async () => {
  await using box = await Box.open();
  assert.deepEqual(await box.error('addConversationListener', { conversationId: UNKNOWN_ID }), {
    code: -32600,
    message: `thread not found: ${UNKNOWN_ID}`,
  });
  assert.deepEqual(await box.error('removeConversationListener', { subscriptionId: UNKNOWN_ID }), {
    code: -32600,
    message: `subscription not found: ${UNKNOWN_ID}`,
  });
  assert.match(
    (await box.error('removeConversationListener', { subscriptionId: 'zz' })).message,
    /^Invalid request: UUID parsing failed: /,
  );
  assert.match(
    (await box.error('addConversationListener', { conversationId: 'zzz' })).message,
    /^Invalid request: invalid (length|character)/,
  );
});
