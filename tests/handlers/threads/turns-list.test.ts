import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';
import { calls, reasoning, says, shellCommand } from '../../support/model-events.ts';
import { gate, stream } from '../../support/model-server.ts';

async function withTurns(box: Box, count: number): Promise<string> {
  const threadId = await box.thread();
  for (let n = 1; n <= count; n += 1) {
    box.model.script(stream(says(`answer ${n}`, `msg-${n}`)));
    await box.completed(threadId, `question ${n}`);
  }
  return threadId;
}

const ids = (turns: readonly { id: string }[]): string[] => turns.map(({ id }) => id);

test('thread/turns/list pages through the turns, newest first, and back', async () => {
  await using box = await Box.open();
  const threadId = await withTurns(box, 5);
  const all = await box.turnsOf(threadId);
  const [t1 = '', t2 = '', t3 = '', t4 = '', t5 = ''] = ids(all);
  const list = (params: object) => box.call('thread/turns/list', { threadId, ...params });
  const first = await list({ limit: 2 });
  assert.deepEqual(ids(first.data), [t5, t4]);
  const second = await list({ limit: 2, cursor: first.nextCursor });
  assert.deepEqual(ids(second.data), [t3, t2]);
  const third = await list({ limit: 2, cursor: second.nextCursor });
  assert.deepEqual([ids(third.data), third.nextCursor], [[t1], null]);
  const back = await list({ cursor: second.backwardsCursor, sortDirection: 'asc' });
  assert.deepEqual([ids(back.data), back.nextCursor], [[t3, t4, t5], null]);
  const oldest = await list({ sortDirection: 'asc', itemsView: 'full', limit: 1000 });
  assert.deepEqual(oldest.data, all);
  assert.equal((await list({ limit: 0 })).data.length, 1);
  // Turns that come meanwhile do not shift a page.
  box.model.script(stream(says('answer 6', 'msg-6')));
  await box.completed(threadId, 'question 6');
  assert.deepEqual(ids((await list({ limit: 2, cursor: first.nextCursor })).data), [t3, t2]);
  // Nor does a rollback repeat or lose one.
  await box.call('thread/rollback', { threadId, numTurns: 3 });
  assert.deepEqual(ids((await list({ limit: 2, cursor: first.nextCursor })).data), [t3, t2]);
});

test('thread/turns/list shows what the user said and the last answer, or all, or nothing of a turn', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  box.model.script(
    stream(calls(reasoning('rs-1', ['Hm']), shellCommand('call-1', 'echo hi'))),
    stream(says('early', 'msg-1').slice(0, 2), says('late', 'msg-2').slice(1)),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'go');
  const itemsOf = async (params: object) =>
    (await box.call('thread/turns/list', { threadId, ...params })).data[0].items;
  assert.deepEqual(
    (await itemsOf({})).map(({ type, text }: { type: string; text?: string }) => text ?? type),
    ['userMessage', 'late'],
  );
  assert.deepEqual(await itemsOf({ itemsView: 'full' }), turn.items());
  assert.deepEqual(await itemsOf({ itemsView: 'notLoaded' }), []);
});

test('thread/turns/list of a thread that is not loaded, and of one that runs', async () => {
  await using box = await Box.open();
  const threadId = await withTurns(box, 1);
  await box.start();
  assert.equal((await box.call('thread/turns/list', { threadId })).data.length, 1);
  assert.deepEqual((await box.call('thread/loaded/list')).data, []);
  const held = gate();
  box.model.script(stream(held.wait, says('two', 'msg-2')));
  await box.call('thread/resume', { threadId });
  const turn = await box.turn(threadId, 'second');
  await held.reached;
  const [running] = (await box.call('thread/turns/list', { threadId, limit: 1 })).data;
  assert.deepEqual([running.id, running.status], [turn.id, 'inProgress']);
  held.open();
  await turn.ended();
});

test('thread/turns/list: every refusal has its code and text', async () => {
  await using box = await Box.open();
  const threadId = await box.thread();
  const empty = { data: [], nextCursor: null, backwardsCursor: null };
  assert.deepEqual(await box.call('thread/turns/list', { threadId }), empty);
  const refusal = async (params: object) => (await box.error('thread/turns/list', params)).message;
  assert.equal(await refusal({ threadId, cursor: 'x' }), 'invalid cursor: x');
  assert.match(await refusal({ threadId: 'zz' }), /^invalid thread id: /);
  const unknown = '01900000-0000-7000-8000-000000000000';
  assert.equal(await refusal({ threadId: unknown }), `thread not loaded: ${unknown}`);
  const ephemeral = await box.thread({ ephemeral: true });
  assert.equal(await refusal({ threadId: ephemeral }), 'ephemeral threads do not support thread/turns/list');
});
