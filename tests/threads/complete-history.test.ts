/** What was streamed is what is read back: by every method, live, after a restart, of a fork. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, type Item, textOf } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { hang, status, stream } from '../support/model-server.ts';
import { randomSteps, STORY_BOX, type Step, Story, UNDISTURBED } from './story.ts';

async function readsBack(steps: readonly Step[]): Promise<void> {
  await using box = await Box.open(STORY_BOX);
  const story = await Story.begin(box);
  await story.tell(steps);
  const { threadId, streamed } = story;
  const check = async (how: string): Promise<void> => {
    assert.deepEqual(await box.turnsOf(threadId), streamed, `${how}: ${steps.join(' ')}`);
    const listed: object[] = [];
    for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
      const params = { threadId, cursor, limit: 4, sortDirection: 'asc', itemsView: 'full' };
      const page: { data: object[]; nextCursor: string | null } = await box.call('thread/turns/list', params);
      listed.push(...page.data);
      cursor = page.nextCursor;
    }
    assert.deepEqual(listed, streamed, `${how}, page by page: ${steps.join(' ')}`);
  };
  await check('live');
  await box.start();
  await check('not loaded');
  assert.deepEqual((await box.call('thread/fork', { threadId })).thread.turns, streamed);
  assert.deepEqual((await box.call('thread/resume', { threadId })).thread.turns, streamed);
  await check('loaded again');
  const ids = streamed.flatMap(({ id, items }) => [id, ...items.map((item) => ('id' in item ? item.id : ''))]);
  assert.equal(new Set(ids).size, ids.length, 'an id is given twice');
}

const EVERY_KIND: readonly Step[] = [...UNDISTURBED, 'repeatedIds', 'compacted', 'steered'];
const EVERY_END: readonly Step[] = [
  'plain',
  'failed',
  'broken',
  'interrupted',
  'interruptedCommand',
  'parked',
  'plain',
];

test('history-complete: items of every kind', () => readsBack(EVERY_KIND));
test('history-complete: ends of every kind', () => readsBack(EVERY_END));
test('history-complete: what was rolled back is gone, the rest is as it was', () =>
  readsBack([
    'plain',
    'tools',
    'interrupted',
    'rolledBack',
    'searched',
    'compacted',
    'plain',
    'rolledBackFar',
    'patched',
  ]));

test('history-complete: compactions before anything was said', () =>
  readsBack(['compacted', 'rolledBack', 'compacted', 'reloaded', 'compacted', 'plain', 'compacted', 'rolledBack']));

test('history-complete: an item told before anything was said outlives a kill -9, and the thread goes on', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('THE SUMMARY')), status(400, 'cannot'), stream(says('answer')));
  const threadId = await box.thread();
  await box.call('thread/compact/start', { threadId });
  const { turnId, item } = (await box.client.takeMethod('item/completed')).params;
  await box.start(); // the one before is killed
  const [turn] = (await box.call('thread/resume', { threadId })).thread.turns;
  assert.deepEqual([turn.id, turn.items], [turnId, [item]]);
  await box.call('thread/compact/start', { threadId });
  const failed = (await box.client.takeMethod('turn/completed')).params.turn;
  assert.equal(failed.error.message, 'cannot');
  await box.start();
  const [, second] = (await box.call('thread/resume', { threadId })).thread.turns;
  assert.deepEqual([second.id, second.status, second.error], [failed.id, 'failed', failed.error]);
  assert.deepEqual((await box.call('thread/list', {})).data, [], 'nobody has said anything');
  await box.completed(threadId, 'hello');
  const texts = (await box.sent(3)).map(textOf);
  assert.ok(texts.some((text) => text.endsWith('\nTHE SUMMARY')));
  assert.equal((await box.turnsOf(threadId)).length, 3);
  const { data } = await box.call('thread/list', {});
  assert.deepEqual(
    data.map(({ id, preview }: Item) => [id, preview]),
    [[threadId, 'hello']],
  );
});

test('history-complete: a turn that a kill -9 ended before anything was said reads back as interrupted', async () => {
  await using box = await Box.open();
  box.model.script(hang());
  const threadId = await box.thread();
  await box.call('thread/compact/start', { threadId });
  const { turnId } = (await box.client.takeMethod('item/started')).params;
  await box.start();
  const { thread } = await box.call('thread/resume', { threadId });
  assert.deepEqual(thread.turns, [{ id: turnId, items: [], status: 'interrupted', error: null }]);
});

for (const seed of [11, 12, 13, 14]) {
  test(`history-complete: random story ${seed}`, () => readsBack(randomSteps(seed, 10)));
}
