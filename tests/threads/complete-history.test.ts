/** What was streamed is what is read back: by every method, live, after a restart, of a fork. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
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

for (const seed of [11, 12, 13, 14]) {
  test(`history-complete: random story ${seed}`, { timeout: 60_000 }, () => readsBack(randomSteps(seed, 10)));
}
