import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCursor } from '../../../src/rollout/cursor.ts';
import { indexOf } from '../../threads/lister.ts';
import { idOf, numberOf, StoredThreads } from '../../threads/stored-threads.ts';
import { ALL, day, numbers, seeds, TestClock } from './home.ts';

const NOBODY_UID = 65534;

const said = (text: string): string =>
  [
    { type: 'response_item', payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] } },
    { type: 'event_msg', payload: { type: 'user_message', message: text } },
  ]
    .map((line) => `${JSON.stringify({ timestamp: day(1), ...line })}\n`)
    .join('');

test('what another program adds, removes or moves shows in the next list', async () => {
  using stored = new StoredThreads(seeds(3));
  const index = indexOf(stored.home);
  for (const sortKey of ['created_at', 'updated_at'] as const) {
    assert.deepEqual(await numbers(index, { sortKey }), [3, 2, 1]);
    assert.deepEqual(await numbers(index, { sortKey, archived: true }), []);
    const four = stored.add({ number: 4, time: day(2) });
    assert.deepEqual((await numbers(index, { sortKey })).sort(), [1, 2, 3, 4]);
    const archive = join(stored.home, 'archived_sessions');
    mkdirSync(archive, { recursive: true });
    renameSync(four, join(archive, basename(four)));
    assert.deepEqual(await numbers(index, { sortKey }), [3, 2, 1]);
    assert.deepEqual(await numbers(index, { sortKey, archived: true }), [4]);
    renameSync(join(archive, basename(four)), four);
    assert.deepEqual((await numbers(index, { sortKey })).sort(), [1, 2, 3, 4]);
    rmSync(four);
    rmSync(archive, { recursive: true });
    assert.deepEqual(await numbers(index, { sortKey }), [3, 2, 1]);
    assert.deepEqual(await numbers(index, { sortKey, archived: true }), []);
  }
  rmSync(join(stored.home, 'sessions/2025'), { recursive: true });
  assert.deepEqual(await numbers(index), []);
});

test('what another program appends shows within two seconds, what this one appends at once', async () => {
  const clock = new TestClock();
  using stored = new StoredThreads([...seeds(2), { number: 3, time: day(3), silent: true }]);
  const silent = stored.add({ number: 3, time: day(3), silent: true });
  for (const sortKey of ['created_at', 'updated_at'] as const) {
    for (const own of [false, true]) {
      stored.add({ number: 3, time: day(3), silent: true });
      const index = indexOf(stored.home, clock.clocks);
      assert.deepEqual(await numbers(index, { sortKey }), [2, 1]);
      appendFileSync(silent, said('now'));
      if (!own) clock.steadyMs += 2000;
      assert.deepEqual(await numbers(index, { sortKey }, own ? [silent] : []), [3, 2, 1], `${sortKey} ${own}`);
    }
  }
});

test('a shown thread has the time of its last change, also when nobody has looked for long', async () => {
  const clock = new TestClock();
  using stored = new StoredThreads(seeds(2));
  const first = stored.add({ number: 1, time: day(1) });
  const index = indexOf(stored.home, clock.clocks);
  assert.deepEqual(await numbers(index, { sortKey: 'updated_at' }), [2, 1]);
  utimesSync(first, 1_800_000_000, 1_800_000_000);
  const control = { busyPaths: [], isCancelled: () => false };
  const { threads } = await index.page(ALL, control);
  assert.equal(threads.find(({ meta }) => numberOf(meta) === 1)?.updatedAtMs, 1_800_000_000_000);
  clock.steadyMs += 2000;
  assert.deepEqual(await numbers(index, { sortKey: 'updated_at' }), [1, 2]);
});

test('a file in the place of another is read anew', async () => {
  using stored = new StoredThreads(seeds(2));
  const path = stored.add({ number: 2, time: day(2), text: 'old' });
  const index = indexOf(stored.home);
  assert.deepEqual(await numbers(index, { searchTerm: 'old' }), [2]);
  const aside = stored.write('aside', readFileSync(path, 'utf8').replaceAll('"old"', '"new"'), day(2));
  renameSync(aside, path);
  assert.deepEqual(await numbers(index, { searchTerm: 'new' }), [2]);
  assert.deepEqual(await numbers(index, { searchTerm: 'old' }), []);
});

test('pages neither lose nor repeat a thread while others are added', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 7 }),
      fc.array(fc.integer({ min: 31, max: 60 }), { maxLength: 12 }),
      async (limit, added) => {
        using stored = new StoredThreads(seeds(20));
        const index = indexOf(stored.home);
        const shown: number[] = [];
        for (let cursor: string | null | undefined; cursor !== null; ) {
          const after = cursor === undefined ? null : parseCursor(cursor);
          const page = await index.page({ ...ALL, limit, after }, { busyPaths: [], isCancelled: () => false });
          shown.push(...page.threads.map(({ meta }) => numberOf(meta)));
          cursor = page.nextCursor;
          const number = added.pop();
          if (number !== undefined) stored.add({ number, time: day(number) });
        }
        assert.deepEqual(
          shown,
          [...Array(20).keys()].map((at) => 20 - at),
        );
      },
    ),
    { numRuns: 25 },
  );
});

test('files that are no threads are passed over, whatever they are', async () => {
  using stored = new StoredThreads(seeds(2));
  const folder = join(stored.home, 'sessions/2025/01/02');
  const name = (number: number): string => join(folder, `rollout-2025-01-02T13-00-00-${idOf(number)}.jsonl`);
  writeFileSync(name(10), '');
  writeFileSync(name(11), '\n \n');
  writeFileSync(name(12), '{"timestamp":"2025-01-01T00:00:00Z","type":"session_me');
  writeFileSync(name(13), Buffer.from([0xff, 0xfe, 0x0a, 0x00]));
  mkdirSync(name(14));
  symlinkSync(stored.add({ number: 2, time: day(2) }), name(15));
  symlinkSync(name(16), name(16));
  execFileSync('mkfifo', [name(17)]);
  writeFileSync(join(folder, 'rollout-2025-13-02T13-00-00-x.jsonl'), 'x');
  symlinkSync(folder, join(stored.home, 'sessions/2025/01/03'));
  assert.deepEqual(await numbers(indexOf(stored.home)), [2, 1]);
  assert.deepEqual(await numbers(indexOf(stored.home), { sortKey: 'updated_at' }), [2, 1]);
});

test('a torn last line hides nothing that stands before it', async () => {
  using stored = new StoredThreads(seeds(1));
  const path = stored.add({ number: 2, time: day(2) });
  appendFileSync(path, '{"timestamp":"2025-');
  assert.deepEqual(await numbers(indexOf(stored.home)), [2, 1]);
});

test('a folder or file that is closed to us hides itself only, until it is opened', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can become somebody else and come back');
  using stored = new StoredThreads(seeds(3));
  chmodSync(stored.home, 0o755);
  const folder = join(stored.home, 'sessions/2025/01/02');
  const file = stored.add({ number: 3, time: day(3) });
  const index = indexOf(stored.home);
  chmodSync(folder, 0o700);
  chmodSync(file, 0o600);
  process.seteuid?.(NOBODY_UID);
  try {
    assert.deepEqual(await numbers(index), [1]);
    assert.deepEqual(await numbers(index, { sortKey: 'updated_at' }), [1]);
    process.seteuid?.(0);
    chmodSync(folder, 0o755);
    chmodSync(file, 0o644);
    process.seteuid?.(NOBODY_UID);
    assert.deepEqual(await numbers(index), [3, 2, 1]);
    process.seteuid?.(0);
    chmodSync(join(stored.home, 'sessions'), 0o700);
    process.seteuid?.(NOBODY_UID);
    await assert.rejects(numbers(indexOf(stored.home)), { code: 'EACCES' });
  } finally {
    process.seteuid?.(0);
  }
});

test('a long preview is shown whole', async () => {
  const text = 'word '.repeat(20_000);
  using stored = new StoredThreads([{ number: 1, time: day(1), text }]);
  const { threads } = await indexOf(stored.home).page(ALL, { busyPaths: [], isCancelled: () => false });
  assert.equal(threads[0]?.preview, text);
});

test('a search finds names too, as soon as they are given', async () => {
  using stored = new StoredThreads(seeds(2));
  const index = indexOf(stored.home);
  assert.deepEqual(await numbers(index, { searchTerm: 'Release' }), []);
  const line = { id: idOf(1), thread_name: 'The release of spring', updated_at: day(1) };
  writeFileSync(join(stored.home, 'session_index.jsonl'), `junk\n${JSON.stringify(line)}\n`);
  assert.deepEqual(await numbers(index, { searchTerm: 'Release' }), [1]);
  assert.deepEqual(await numbers(index, { searchTerm: 'spring said' }), [1]);
});

test('a page that nobody wants any more ends early', async () => {
  using stored = new StoredThreads(seeds(40));
  const clock = new TestClock();
  const index = indexOf(stored.home, {
    steadyMs: () => {
      clock.steadyMs += 5;
      return clock.steadyMs;
    },
  });
  const page = async (isCancelled: () => boolean) => (await index.page(ALL, { busyPaths: [], isCancelled })).threads;
  assert.equal((await page(() => false)).length, 40);
  assert.ok((await page(() => true)).length < 10);
});

test('list-uncapped: a thread is found however many were made after it', async () => {
  using stored = new StoredThreads(seeds(1));
  const folder = join(stored.home, 'sessions/2025/02/01');
  mkdirSync(folder, { recursive: true });
  for (let number = 2; number < 10_100; number += 1) {
    writeFileSync(join(folder, `rollout-2025-02-01T12-00-00-${idOf(number)}.jsonl`), '');
  }
  for (const sortKey of ['created_at', 'updated_at'] as const) {
    assert.deepEqual(await numbers(indexOf(stored.home), { sortKey }), [1]);
  }
});
