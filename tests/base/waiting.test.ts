import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abortable, deferred, delay, settledWithin } from '../../src/base/abort.ts';

test('abortable work ends with the reason of its signal, and leaves no listener when it settles by itself', async () => {
  const controller = new AbortController();
  const never = abortable(new Promise<void>(() => undefined), controller.signal);
  const done = abortable(Promise.resolve(5), controller.signal);
  assert.equal(await done, 5);
  controller.abort(new Error('enough'));
  await assert.rejects(never, /enough/);
  await assert.rejects(abortable(Promise.resolve(5), controller.signal), /enough/);
  await assert.rejects(delay(60_000, controller.signal), /enough/);
});

test('a delay is cut short by its signal', async () => {
  const controller = new AbortController();
  const waiting = delay(60_000, controller.signal);
  controller.abort(new Error('now'));
  await assert.rejects(waiting, /now/);
});

test('waiting within a limit tells whether the work settled, either way', async () => {
  const open = deferred();
  assert.equal(await settledWithin(Promise.resolve(), 1000), true);
  assert.equal(await settledWithin(Promise.reject(new Error('x')), 1000), true);
  assert.equal(await settledWithin(open.promise, 1), false);
});
