import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abortable, deferred, delay, settledWithin } from '../../src/base/abort.ts';
import { DisposeList } from '../../src/base/dispose.ts';

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

test('a dispose list closes in reverse order, once, and past a failing closer', async () => {
  const order: string[] = [];
  const list = new DisposeList();
  list.add(() => void order.push('first'));
  list.add(() => {
    order.push('second');
    throw new Error('stuck');
  });
  list.use({ [Symbol.dispose]: () => void order.push('third') });
  await assert.rejects(list.close(), /stuck/);
  await assert.rejects(list.close(), /stuck/);
  assert.deepEqual(order, ['third', 'second', 'first']);
});
