import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventStream } from '../../src/engine/event-stream.ts';
import { History } from '../../src/engine/history.ts';
import { PendingWrites } from '../../src/engine/pending-writes.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import type { RolloutEntry } from '../../src/rollout/entries.ts';

/** A shard with one thread, and what it does in order: `write N` for N lines in one write, `post N` for N events. */
class OneThread {
  readonly done: string[] = [];
  isFull = false;
  readonly writes = new PendingWrites();
  readonly events = new EventStream(({ events }) => {
    this.writes.run();
    this.done.push(`post ${events.length}`);
  });
  readonly recorder = new Recorder({
    rollout: { write: (entries) => this.#drain([...entries]), drain: (queue) => this.#drain(queue) },
    flushLater: this.writes.add,
    history: new History(),
    emit: (event) => this.events.push({ kind: 'engine', threadId: 'th', event }),
    rawItems: false,
    takenIds: [],
    hasUserMessage: true,
    rawReasoning: false,
    threadId: 'th',
  });

  /** One item's end is three lines in the file and one event. */
  says(id: string): void {
    this.recorder.storeOnly([{ type: 'compacted', payload: { message: id } }]);
    const item = { type: 'agentMessage', id, text: id } as const;
    this.recorder.storeAndEmit({ kind: 'itemCompleted', turnId: 't', item });
  }

  #drain(queue: RolloutEntry[]): void {
    // A disk that is full takes a part.
    const count = this.isFull ? 1 : queue.length;
    queue.splice(0, count);
    this.done.push(`write ${count}`);
    if (this.isFull) throw new Error('no room');
  }
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the lines of a tick are one write, before any of its events leaves', async () => {
  const thread = new OneThread();
  thread.says('one');
  thread.says('two');
  assert.deepEqual(thread.done, []);
  await tick();
  assert.deepEqual(thread.done, ['write 6', 'post 2']);
});

test('events that leave at once have their lines written before', () => {
  const thread = new OneThread();
  thread.says('one');
  thread.events.flush();
  assert.deepEqual(thread.done, ['write 3', 'post 1']);
});

test('lines without an event are written too', async () => {
  const thread = new OneThread();
  thread.recorder.storeOnly([{ type: 'compacted', payload: { message: '' } }]);
  await tick();
  assert.deepEqual(thread.done, ['write 1']);
});

test('lines that found no room wait in order, and whoever asks is told at once', async () => {
  const thread = new OneThread();
  thread.isFull = true;
  thread.says('one');
  assert.throws(() => thread.recorder.requireStorage(), /no room/);
  thread.says('two');
  await tick();
  assert.throws(() => thread.recorder.checkStorage(), /no room/);
  assert.deepEqual(thread.done, ['write 1', 'post 2']);
  thread.isFull = false;
  thread.recorder.retry();
  assert.deepEqual(thread.done, ['write 1', 'post 2', 'write 5']);
  thread.recorder.checkStorage();
});
