import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../src/base/errors.ts';
import { cursorOf, parseCursor } from '../../src/rollout/cursor.ts';
import { findRollout } from '../../src/rollout/find.ts';
import { type ListQuery, ThreadListing } from '../../src/threads/listing.ts';
import { UNFILTERED } from '../rollout/list-index/home.ts';
import { listerOf } from './lister.ts';
import { idOf, numberOf, type Seed, StoredThreads } from './stored-threads.ts';

const NOBODY = new AbortController().signal;
const day = (number: number): string => `2025-01-${String(number).padStart(2, '0')}T12:00:00Z`;
const byDay = (numbers: readonly number[]): Seed[] => numbers.map((number) => ({ number, time: day(number) }));

const page = (home: string, query: Partial<ListQuery> = {}, signal = NOBODY) =>
  new ThreadListing(listerOf(home)).page({ ...UNFILTERED, cursor: null, limit: null, ...query }, signal);

const listed = async (home: string, query: Partial<ListQuery> = {}): Promise<number[]> =>
  (await page(home, query)).threads.map(({ meta }) => numberOf(meta));

/** All pages, one after the other. */
async function walk(home: string, query: Partial<ListQuery>): Promise<number[]> {
  const all: number[] = [];
  let cursor: string | null = null;
  do {
    const { threads, nextCursor } = await page(home, { ...query, cursor });
    all.push(...threads.map(({ meta }) => numberOf(meta)));
    cursor = nextCursor;
  } while (cursor !== null);
  return all;
}

test('threads come newest first, by the time in their names, ties by id', async () => {
  using stored = new StoredThreads([
    { number: 1, time: '2024-12-31T23:59:59Z' },
    { number: 2, time: '2025-01-02T10:00:00Z' },
    { number: 4, time: '2025-01-02T10:00:00Z' },
    { number: 3, time: '2025-01-02T10:00:00Z' },
    { number: 5, time: '2025-01-02T09:59:59Z', changed: '2026-01-01T00:00:00Z' },
  ]);
  assert.deepEqual(await listed(stored.home), [4, 3, 2, 5, 1]);
  assert.deepEqual(await listed(stored.home, { direction: 'asc' }), [1, 5, 2, 3, 4]);
});

test('threads come by their last change when asked, cut to seconds, ties by id', async () => {
  using stored = new StoredThreads([
    { number: 1, time: day(1), changed: '2025-03-03T00:00:00.900Z' },
    { number: 2, time: day(2), changed: '2025-03-03T00:00:00.100Z' },
    { number: 3, time: day(3), changed: '2025-03-02T00:00:00Z' },
  ]);
  assert.deepEqual(await listed(stored.home, { sortKey: 'updated_at' }), [2, 1, 3]);
  const { nextCursor } = await page(stored.home, { sortKey: 'updated_at', limit: 1 });
  assert.equal(nextCursor, `2025-03-03T00-00-00|${idOf(2)}`);
});

test('a page has 25 threads, and between 1 and 100 when asked', async () => {
  const numbers = [...Array(130).keys()];
  using stored = new StoredThreads(numbers.map((number) => ({ number, time: day(1) })));
  assert.equal((await listed(stored.home)).length, 25);
  assert.deepEqual(await listed(stored.home, { limit: 0 }), [129]);
  assert.equal((await listed(stored.home, { limit: 4_000_000_000 })).length, 100);
});

test('pages join without a gap or a repetition, in every order', async () => {
  const changed = (number: number): string => day(1 + ((number * 7) % 5));
  const seeds = [...Array(23).keys()].map((number) => ({
    number,
    time: day(1 + (number % 9)),
    changed: changed(number),
    ...(number % 4 === 0 ? { meta: { model_provider: 'other' } } : {}),
  }));
  using stored = new StoredThreads([...seeds, ...seeds.map((seed) => ({ ...seed, archived: true }))]);
  for (const sortKey of ['created_at', 'updated_at'] as const) {
    for (const direction of ['asc', 'desc'] as const) {
      for (const archived of [false, true]) {
        const query = { sortKey, direction, archived, modelProviders: ['local'] };
        const whole = await listed(stored.home, { ...query, limit: 100 });
        assert.equal(whole.length, seeds.length - 6);
        for (const limit of [1, 2, 5]) assert.deepEqual(await walk(stored.home, { ...query, limit }), whole);
      }
    }
  }
});

test('there is a next page when a file follows, whether it matches or not', async () => {
  using stored = new StoredThreads([...byDay([2, 3]), { number: 1, time: day(1), meta: { source: 'exec' } }]);
  const full = await page(stored.home, { limit: 2 });
  assert.equal(full.nextCursor, `2025-01-02T12-00-00|${idOf(2)}`);
  assert.deepEqual(await page(stored.home, { limit: 2, cursor: full.nextCursor }), { threads: [], nextCursor: null });
  assert.equal((await page(stored.home, { limit: 2, sourceKinds: ['cli', 'exec'] })).nextCursor, full.nextCursor);
  assert.equal((await page(stored.home, { limit: 3, sourceKinds: ['cli', 'exec'] })).nextCursor, null);
  assert.equal((await page(stored.home, { limit: 3 })).nextCursor, null);
});

test('a cursor need not name a thread that is there', async () => {
  using stored = new StoredThreads(byDay([1, 2, 3]));
  assert.deepEqual(await listed(stored.home, { cursor: `2025-01-02T23-00-00|${idOf(99)}` }), [2, 1]);
  assert.deepEqual(
    await listed(stored.home, { cursor: `2025-01-02T12-00-00|${idOf(99).replaceAll('-', '')}` }),
    [2, 1],
  );
  assert.deepEqual(await listed(stored.home, { cursor: `2025-01-02T12-00-00|${idOf(1)}` }), [1]);
});

test('a cursor of another form is refused before anything is looked at', async () => {
  const at = '2025-01-02T12-00-00';
  const bad = ['', 'not a cursor', at, `${at}|x`, `${at}|${idOf(1)}|`, `2025-02-30T12-00-00|${idOf(1)}`];
  const also = [` ${at}|${idOf(1)}`, `2025-01-02T12:00:00Z|${idOf(1)}`, `2025-1-02T12-00-00|${idOf(1)}`];
  for (const cursor of [...bad, ...also]) {
    await assert.rejects(page('/nowhere', { cursor }), (error) => {
      assert.ok(error instanceof AppError);
      assert.deepEqual([error.code, error.message], ['invalid-input', `invalid cursor: ${cursor}`]);
      return true;
    });
  }
});

test('every place reads back from its cursor', () => {
  const places = fc.record({ timestamp: fc.constantFrom('2025-01-02T12-00-00', '1999-12-31T23-59-59'), id: fc.uuid() });
  fc.assert(fc.property(places, (place) => assert.deepEqual(parseCursor(cursorOf(place)), { ...place })));
  fc.assert(fc.property(fc.string(), (text) => assert.equal(parseCursor(text), null)));
});

test('a file in the folder of another day does not hide others behind its cursor', async () => {
  using stored = new StoredThreads([
    ...byDay([1, 2, 3, 4]),
    { number: 10, time: '2024-06-01T00:00:00Z', folder: '2025/01/03' },
    { number: 11, time: '2026-06-01T00:00:00Z', folder: '2025/01/03' },
  ]);
  assert.deepEqual(await walk(stored.home, { limit: 1 }), [4, 11, 3, 10, 2, 1]);
  assert.deepEqual(await walk(stored.home, { limit: 1, direction: 'asc' }), [1, 2, 10, 3, 11, 4]);
});

test('list-all: a thread is listed wherever below the folder its file lies, if the name ends in an id', async () => {
  using stored = new StoredThreads([
    ...byDay([1]),
    { number: 2, time: day(2), folder: '2025/01/0x2' },
    { number: 3, time: day(2), folder: '2025/01' },
    { number: 4, time: day(2), folder: '2025/01/02/deeper' },
    { number: 5, time: day(2), folder: '2025/1/2' },
    { number: 6, time: day(6) },
    { number: 7, time: day(7) },
  ]);
  const sixth = stored.add({ number: 6, time: day(6) });
  renameSync(sixth, join(stored.home, 'sessions', `copy of ${idOf(6)}.JSONL`));
  const elsewhere = join(stored.home, 'elsewhere');
  mkdirSync(elsewhere);
  const seventh = stored.add({ number: 7, time: day(7) });
  renameSync(seventh, join(elsewhere, basename(seventh)));
  symlinkSync(elsewhere, join(stored.home, 'sessions/linked'));
  symlinkSync(join(stored.home, 'sessions'), join(stored.home, 'sessions/2025/round'));
  stored.write(`sessions/2025/01/02/rollout-2025-01-02T25-00-00-${idOf(8)}.jsonl`, 'x\n', day(2));
  stored.write('sessions/2025/01/02/other.jsonl', 'x\n', day(2));
  stored.write('sessions/2025/notes', 'x\n', day(2));
  for (const sortKey of ['created_at', 'updated_at'] as const) {
    const numbers = await listed(stored.home, { sortKey });
    assert.deepEqual(numbers.toSorted(), [1, 2, 3, 4, 5, 6, 7], sortKey);
    for (const number of numbers) {
      assert.notEqual(
        await findRollout(join(stored.home, 'sessions'), idOf(number)),
        null,
        `thread ${number} is found too`,
      );
    }
  }
});

test('list-all: a thread that only a link names is listed by it, once, wherever the link leads', async () => {
  using stored = new StoredThreads([1, 2, 3].map((number) => ({ number, time: day(number) })));
  const paths = [1, 2, 3].map((number) => stored.add({ number, time: day(number) }));
  for (const [index, path] of paths.entries()) {
    const target = [`${path}.kept`, join(stored.home, 'kept'), path][index] ?? path;
    if (target !== path) renameSync(path, target);
    const link = index === 2 ? join(stored.home, 'sessions', `second ${basename(path)}`) : path;
    symlinkSync(target, link);
  }
  for (const sortKey of ['created_at', 'updated_at'] as const) {
    assert.deepEqual((await listed(stored.home, { sortKey })).toSorted(), [1, 2, 3], sortKey);
  }
});

test('archived threads are listed alone, wherever below their folder they lie', async () => {
  using stored = new StoredThreads([...byDay([1]), { number: 2, time: day(2), archived: true }]);
  stored.write(`archived_sessions/sub/rollout-2025-01-02T12-00-00-${idOf(3)}.jsonl`, 'x\n', day(2));
  assert.deepEqual(await listed(stored.home, { archived: true }), [2]);
  assert.deepEqual(await listed(stored.home), [1]);
});

test('a file that is no thread, or whose user said nothing, is passed over', async () => {
  using stored = new StoredThreads([...byDay([1, 4]), { number: 2, time: day(2), silent: true }]);
  stored.write(`sessions/2025/01/03/rollout-2025-01-03T12-00-00-${idOf(3)}.jsonl`, 'not a thread\n', day(3));
  stored.write(`sessions/2025/01/03/rollout-2025-01-03T13-00-00-${idOf(5)}.jsonl`, '', day(3));
  assert.deepEqual(await listed(stored.home, { limit: 2 }), [4, 1]);
});

test("without providers only the server's own count, with an empty list all", async () => {
  using stored = new StoredThreads([
    ...byDay([1]),
    { number: 2, time: day(2), meta: { model_provider: 'other' } },
    { number: 3, time: day(3), meta: { model_provider: undefined } },
  ]);
  assert.deepEqual(await listed(stored.home), [3, 1]);
  assert.deepEqual(await listed(stored.home, { modelProviders: [] }), [3, 2, 1]);
  assert.deepEqual(await listed(stored.home, { modelProviders: ['other'] }), [2]);
  assert.deepEqual(await listed(stored.home, { modelProviders: ['OTHER'] }), []);
});

test('without kinds only threads that people open count, else those of the kinds', async () => {
  const subagent = (source: unknown) => ({ source: { subagent: source } });
  const spawned = { thread_spawn: { parent_thread_id: idOf(1), depth: 1 } };
  const metas = [
    { source: 'cli' },
    { source: 'vscode' },
    { source: 'exec' },
    { source: 'mcp' },
    subagent('review'),
    subagent('compact'),
    subagent(spawned),
    subagent({ other: 'x' }),
    { source: 'something new' },
  ];
  using stored = new StoredThreads(metas.map((meta, index) => ({ number: index + 1, time: day(index + 1), meta })));
  assert.deepEqual(await listed(stored.home), [2, 1]);
  assert.deepEqual(await listed(stored.home, { sourceKinds: [] }), [2, 1]);
  const kinds = {
    cli: [1],
    vscode: [2],
    exec: [3],
    appServer: [4],
    subAgent: [8, 7, 6, 5],
    subAgentReview: [5],
    subAgentCompact: [6],
    subAgentThreadSpawn: [7],
    subAgentOther: [8],
    unknown: [9],
  } as const;
  for (const [kind, numbers] of Object.entries(kinds)) {
    assert.deepEqual(await listed(stored.home, { sourceKinds: [kind as keyof typeof kinds] }), numbers, kind);
  }
  assert.deepEqual(await listed(stored.home, { sourceKinds: ['exec', 'cli'] }), [3, 1]);
});

test('a fork is filtered by what it was forked from, unless other kinds are asked for', async () => {
  using stored = new StoredThreads([
    { number: 1, time: day(1), meta: { source: 'vscode' }, ancestor: { source: 'exec', model_provider: 'other' } },
  ]);
  const all = { modelProviders: [] };
  assert.deepEqual(await listed(stored.home, all), []);
  assert.deepEqual(await listed(stored.home, { ...all, sourceKinds: ['vscode'] }), []);
  assert.deepEqual(await listed(stored.home, { ...all, sourceKinds: ['exec'] }), []);
  assert.deepEqual(await listed(stored.home, { ...all, sourceKinds: ['vscode', 'exec'] }), [1]);
  assert.deepEqual(await listed(stored.home, { modelProviders: ['local'], sourceKinds: ['vscode', 'exec'] }), []);
});

test('a search finds the previews that hold all its words', async () => {
  using stored = new StoredThreads([
    { number: 1, time: day(1), text: 'Fix the LOGIN page' },
    { number: 2, time: day(2), text: 'login once more' },
    { number: 3, time: day(3), text: 'write tests' },
  ]);
  assert.deepEqual(await listed(stored.home, { searchTerm: 'login' }), [2, 1]);
  assert.deepEqual(await listed(stored.home, { searchTerm: ' page  Login' }), [1]);
  assert.deepEqual(await listed(stored.home, { searchTerm: 'nothing' }), []);
  assert.deepEqual(await listed(stored.home, { searchTerm: ' ' }), [3, 2, 1]);
});

test('a folder finds the threads that were started in it, by any of its names', async () => {
  using stored = new StoredThreads([...byDay([1])]);
  const home = realpathSync(stored.home);
  stored.add({ number: 2, time: day(2), meta: { cwd: home } });
  symlinkSync(home, join(home, 'link'));
  assert.deepEqual(await listed(stored.home, { cwd: `${home}/` }), [2]);
  assert.deepEqual(await listed(stored.home, { cwd: join(home, 'link') }), [2]);
  assert.deepEqual(await listed(stored.home, { cwd: 'work' }), [1]);
  assert.deepEqual(await listed(stored.home, { cwd: '/wor' }), []);
});

test('no folder is no thread, a file in its place is an error', async () => {
  using stored = new StoredThreads([]);
  assert.deepEqual(await page(stored.home), { threads: [], nextCursor: null });
  writeFileSync(join(stored.home, 'sessions'), 'x');
  writeFileSync(join(stored.home, 'archived_sessions'), 'x');
  for (const archived of [false, true]) {
    for (const sortKey of ['created_at', 'updated_at'] as const) {
      await assert.rejects(page(stored.home, { archived, sortKey }), (error) => {
        assert.ok(error instanceof AppError);
        const folder = join(stored.home, archived ? 'archived_sessions' : 'sessions');
        assert.deepEqual(
          [error.code, error.message],
          ['io-failed', `failed to list threads: cannot read the folder \`${folder}\`: Not a directory (os error 20)`],
        );
        return true;
      });
    }
  }
});

test('an aborted listing stops with the reason', async () => {
  using stored = new StoredThreads(byDay([1]));
  const reason = new Error('enough');
  await assert.rejects(page(stored.home, {}, AbortSignal.abort(reason)), reason);
});
