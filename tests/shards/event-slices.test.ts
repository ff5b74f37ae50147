import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { ShardEvent } from '../../src/contract/turn-shard.ts';
import { EventSlices } from '../../src/shards/event-slices.ts';

const eventsOf = (groupIds: readonly number[]): ShardEvent[] =>
  groupIds.map((groupId) => ({ kind: 'process', groupId, alive: true }));

/** Takes deliveries and notes in which order; the clock moves on by `costMs` with every event. */
function setUp(costMs: number) {
  let nowMs = 0;
  const log: (number | string)[] = [];
  const slices = new EventSlices(() => nowMs);
  const push = (name: string, groupIds: readonly number[]): void =>
    slices.push({
      events: eventsOf(groupIds),
      take: (event) => {
        nowMs += costMs;
        if (event.kind === 'process') log.push(event.groupId);
      },
      taken: () => log.push(name),
    });
  return { log, slices, push };
}

test('what costs little is taken at once', () => {
  const { log, push } = setUp(0);
  push('first', [1, 2]);
  push('second', [3]);
  assert.deepEqual(log, [1, 2, 'first', 3, 'second']);
});

test('the loop turns between slices, and the order stays that of the deliveries', async () => {
  const { log, push } = setUp(0.5);
  push('first', [1, 2, 3]);
  push('second', [4, 5]);
  assert.deepEqual(log, [1, 2]);
  await turnOfTheLoop();
  assert.deepEqual(log, [1, 2, 3, 'first', 4]);
  await turnOfTheLoop();
  assert.deepEqual(log, [1, 2, 3, 'first', 4, 5, 'second']);
});

test('an event that is expensive by itself takes a whole slice, and each is taken once', async () => {
  const { log, push } = setUp(30);
  push('first', [1, 2]);
  assert.deepEqual(log, [1]);
  await turnOfTheLoop();
  assert.deepEqual(log, [1, 2, 'first']);
});

test('finishing takes all that waits, once', async () => {
  const { log, slices, push } = setUp(0.5);
  push('first', [1, 2, 3]);
  push('second', [4]);
  slices.finish();
  assert.deepEqual(log, [1, 2, 3, 'first', 4, 'second']);
  await turnOfTheLoop();
  push('third', [5]);
  assert.deepEqual(log, [1, 2, 3, 'first', 4, 'second', 5, 'third']);
});
