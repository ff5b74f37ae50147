import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { gate, stream } from '../../support/model-server.ts';

test('thread/read: turns only when asked for, the running one as running', async () => {
  await using box = await Box.open();
  const held = gate();
  box.model.script(stream(says('one')), stream(held.wait, says('two', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'first');
  assert.deepEqual((await box.call('thread/read', { threadId })).thread.turns, []);
  const turn = await box.turn(threadId, 'second');
  await held.reached;
  const turns = await box.turnsOf(threadId);
  assert.deepEqual(
    turns.map(({ status }) => status),
    ['completed', 'inProgress'],
  );
  assert.equal(turns[1].id, turn.id);
  assert.deepEqual(turns[1].items, turn.items());
  held.open();
  await turn.ended();
  assert.equal((await box.turnsOf(threadId))[1].status, 'completed');
});

test('thread/read of a stored thread loads nothing', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one')));
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'first');
  await box.start();
  const [stored] = await box.turnsOf(threadId);
  assert.deepEqual(stored.items, turn.items());
  assert.deepEqual((await box.call('thread/loaded/list')).data, []);
});

test('thread/read: every refusal has its code and text', async () => {
  await using box = await Box.open();
  const unknown = '01900000-0000-7000-8000-000000000000';
  assert.deepEqual(await box.error('thread/read', { threadId: unknown }), {
    code: -32600,
    message: `thread not loaded: ${unknown}`,
  });
  assert.match((await box.error('thread/read', { threadId: 'zz' })).message, /^invalid thread id: /);
});

test('thread/loaded/list pages through the ids in order', async () => {
  await using box = await Box.open();
  assert.deepEqual(await box.call('thread/loaded/list'), { data: [], nextCursor: null });
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) ids.push(await box.thread());
  ids.sort();
  assert.deepEqual(await box.call('thread/loaded/list'), { data: ids, nextCursor: null });
  const first = await box.call('thread/loaded/list', { limit: 2 });
  assert.deepEqual(first, { data: ids.slice(0, 2), nextCursor: ids[1] });
  const second = await box.call('thread/loaded/list', { limit: 2, cursor: first.nextCursor });
  assert.deepEqual(second, { data: ids.slice(2, 4), nextCursor: ids[3] });
  const third = await box.call('thread/loaded/list', { limit: 2, cursor: second.nextCursor });
  assert.deepEqual(third, { data: ids.slice(4), nextCursor: null });
  assert.equal((await box.call('thread/loaded/list', { limit: 0 })).data.length, 1);
  assert.deepEqual(await box.error('thread/loaded/list', { cursor: 'x' }), {
    code: -32600,
    message: 'invalid cursor: x',
  });
});
