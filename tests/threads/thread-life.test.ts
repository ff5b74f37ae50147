import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred } from '../../src/base/abort.ts';
import type { EngineEvent } from '../../src/contract/engine-events.ts';
import { ThreadLife } from '../../src/threads/thread-life.ts';

const told = (message: string): EngineEvent => ({ kind: 'warning', turnId: '', message });
const [first, second, third] = [told('first'), told('second'), told('third')];

const loaded = (): ThreadLife => {
  const life = new ThreadLife();
  life.opened();
  return life;
};

/** Opened again while `open` waits for what the test decides. */
function reopening(life: ThreadLife) {
  const opening = deferred<void>();
  let given: readonly EngineEvent[] | null = null;
  const done = life.reopen((unstored) => {
    given = unstored;
    return opening.promise;
  });
  return { opening, done, given: () => given };
}

test('a thread is loaded, unloaded and brought back', async () => {
  const life = new ThreadLife();
  assert.deepEqual([life.state.kind, life.isUnloaded], ['loading', false]);
  life.opened();
  assert.deepEqual([life.state.kind, life.isUnloaded], ['loaded', false]);
  const closed = deferred<void>();
  const unloading = life.unload(closed.promise);
  assert.deepEqual([life.state.kind, life.isUnloaded, life.unloading], ['unloading', true, unloading]);
  closed.resolve();
  await unloading;
  assert.deepEqual([life.state.kind, life.isUnloaded, life.unloading], ['unloaded', true, null]);
  const { opening, done, given } = reopening(life);
  assert.deepEqual([life.state.kind, life.isUnloaded, given()], ['reopening', true, []]);
  opening.resolve();
  await done;
  assert.deepEqual([life.state.kind, life.isUnloaded], ['loaded', false]);
});

test('what clients were told when a shard died waits through every further death until it is stored', async () => {
  const life = loaded();
  life.crash([first]);
  life.crash([second]);
  assert.deepEqual([life.state.kind, life.unstored], ['crashed', [first, second]]);
  const failing = reopening(life);
  life.crash([third]);
  failing.opening.reject(new Error('died again'));
  await assert.rejects(failing.done, /died again/);
  assert.deepEqual([life.state.kind, life.unstored], ['crashed', [first, second, third]]);
  // The shard stored them and died before anybody knew.
  const stored = reopening(life);
  assert.deepEqual(stored.given(), [first, second, third]);
  life.crash([]);
  stored.opening.resolve();
  await stored.done;
  assert.deepEqual([life.state.kind, life.unstored], ['crashed', []]);
});

test('the death of its shard neither loads nor loses an unloaded thread', async () => {
  const life = loaded();
  const closed = deferred<void>();
  const unloading = life.unload(closed.promise);
  life.crash([first]);
  closed.resolve();
  await unloading;
  life.crash([second]);
  const failing = reopening(life);
  failing.opening.reject(new Error('no room'));
  await assert.rejects(failing.done, /no room/);
  assert.deepEqual([life.state.kind, life.isUnloaded, life.unstored], ['unloaded', true, [first, second]]);
});

test('a shard that dies while it opens a thread has the last word', () => {
  const life = new ThreadLife();
  life.crash([]);
  life.opened();
  assert.equal(life.state.kind, 'crashed');
});

test('a step that does not follow is refused, and nothing changes', () => {
  const open = async (): Promise<void> => undefined;
  const life = new ThreadLife();
  assert.throws(() => life.unload(open()), /a thread that is loading cannot be unloaded/);
  assert.throws(() => life.reopen(open), /a thread that is loading cannot be reopened/);
  life.opened();
  assert.throws(() => life.opened(), /a thread that is loaded cannot be opened/);
  assert.throws(() => life.reopen(open), /a thread that is loaded cannot be reopened/);
  assert.equal(life.state.kind, 'loaded');
  life.crash([]);
  assert.throws(() => life.unload(open()), /a thread that is crashed cannot be unloaded/);
  assert.equal(life.state.kind, 'crashed');
});
