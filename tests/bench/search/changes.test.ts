import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readdirSync, watch } from 'node:fs';
import { test } from 'node:test';
import { Pinger } from '../../../bench/client/pinger.ts';
import { changeFile } from '../../../bench/search/client/changes.ts';
import type { RunningEngine } from '../../../bench/search/client/engine.ts';
import { watchesOf } from '../../../bench/search/client/memory.ts';
import { listFiles } from '../../../bench/search/tree/list-files.ts';
import { TempFolder } from './support/temp-folder.ts';

const engineOf = (search: RunningEngine['search']): RunningEngine => ({
  pid: null,
  search,
  ping: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

test('a change counts until the first answer that is right', async () => {
  using temp = new TempFolder();
  let asked = 0;
  let known: string[] = [];
  // It notices changes with every second question only.
  const engine = engineOf(async (root) => {
    asked += 1;
    if (asked % 2 === 0) known = listFiles(root);
    return known;
  });
  const seen = await changeFile(engine, temp.path, '');
  assert.deepEqual(
    seen.map(({ kind }) => kind),
    ['create', 'rename', 'delete'],
  );
  assert.equal(asked, 6);
  assert.ok(seen.every((each) => each.seen !== null && each.seen.lagMs > 0 && each.seen.answerMs >= each.seen.lagMs));
  assert.deepEqual(readdirSync(temp.path), []);
});

test('the old name of a renamed file must not be answered any more', async () => {
  using temp = new TempFolder();
  const all = new Set<string>();
  const engine = engineOf(async (root) => {
    for (const path of listFiles(root)) all.add(path);
    return [...all];
  });
  const seen = await changeFile(engine, temp.path, '');
  assert.deepEqual(
    seen.map((each) => [each.kind, each.seen === null]),
    [
      ['create', false],
      ['rename', true],
    ],
  );
});

test('the tree is left as it was when an engine fails', async () => {
  using temp = new TempFolder();
  const failing = engineOf(() => Promise.reject(new Error('gone')));
  await assert.rejects(changeFile(failing, temp.path, ''), /gone/);
  assert.deepEqual(readdirSync(temp.path), []);
});

test('requests that wait for their answer at the end are counted with all of their wait', async () => {
  const held = new EventEmitter();
  const pinger = new Pinger(async () => {
    setImmediate(() => held.emit('asked'));
    await once(held, 'answer');
  }, 1);
  await once(held, 'asked');
  const finished = pinger.finish();
  const began = performance.now();
  while (performance.now() - began < 5); // the answer is late
  held.emit('answer');
  const times = await finished;
  assert.ok((times[0] ?? 0) >= 5);
});

test('watches of a process are counted', (context) => {
  if (process.platform !== 'linux') return context.skip('read from /proc');
  using temp = new TempFolder();
  const before = watchesOf(process.pid);
  const watcher = watch(temp.path);
  try {
    assert.equal(watchesOf(process.pid), before + 1);
  } finally {
    watcher.close();
  }
});
