import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShardEvent, ShardEventBatch } from '../../src/contract/turn-shard.ts';
import { EventStream } from '../../src/engine/event-stream.ts';

const event = (groupId: number): ShardEvent => ({ kind: 'process', groupId, alive: true });

test('no message holds so much that reading it would stop the receiver', () => {
  const sent: ShardEventBatch[] = [];
  const stream = new EventStream((batch) => sent.push(batch));
  for (let id = 0; id < 1000; id += 1) stream.push(event(id));
  stream.flush();
  assert.ok(sent.every(({ events }) => events.length <= 256));
  let next = 0;
  for (const { first, events } of sent) {
    assert.equal(first, next);
    for (const each of events) assert.deepEqual(each, event(next++));
  }
  assert.equal(next, 1000);
});

test('producers wait when too many events are on their way, and go on when the receiver says so', async () => {
  const stream = new EventStream(() => undefined);
  for (let id = 0; id < 8192; id += 1) stream.push(event(id));
  assert.equal(stream.ready(), null);
  stream.push(event(8192));
  const ready = stream.ready();
  stream.flush();
  assert.notEqual(ready, null);
  stream.acknowledge(8193);
  await ready;
  assert.equal(stream.ready(), null);
});
