import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { settledWithin } from '../../src/base/abort.ts';
import { Disk } from '../../src/search/disk.ts';
import { walkRoots } from '../../src/search/walk.ts';
import type { FileSearch } from '../../src/search-pool/file-search.ts';
import type { BoundNotice } from '../../src/search-pool/notices.ts';
import { Tree } from '../search/support/tree.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { cpuMs, mainThreadCpuMs } from '../support/processes.ts';
import { poolIn } from './search-pools.ts';

const builtWorkers = new URL('../../', import.meta.url);
const never = new AbortController().signal;

/** On a busy machine a thread may need longer than a client is made to wait; these tests are about what it then says. */
const patient = { maxThreads: 1, stopGraceMs: 60_000 };
/** Of a pool that is `patient`: one more than it is asked for, as long as they live. */
const MOST_THREADS = 2;

const searchOf = (query: string, absolute: string, token: string | null = null): FileSearch => ({
  query,
  roots: [{ given: 'given', absolute }],
  cancellationToken: token,
  ranking: 'path',
});

/**
 * A stand-in for the worker. `wait` searches go on until their flag is up and then give the thread they ran on; `stuck`
 * ones never look at it; `die` ends the thread; all others give the thread at once.
 */
const STAND_IN = `
const { threadId } = require('node:worker_threads');
const files = [{ rootIndex: 0, path: 'folder/' + threadId, score: 1, length: 8, indices: [0] }];
module.exports = ({ query, cancel }) => {
  const flag = new Int32Array(cancel);
  if (query === 'die') process.exit(1);
  if (query === 'fail') throw new Error('cannot search');
  if (query === 'stuck') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  while (query === 'wait' && Atomics.load(flag, 0) === 0);
  return { files, cancelled: query === 'wait' };
};
`;

const standIn = (): { readonly tree: Tree; readonly folder: URL } => {
  const tree = Tree.of({ 'worker-search.js': STAND_IN });
  return { tree, folder: pathToFileURL(`${tree.root}/`) };
};

test('a search whose thread has gone before it could begin is told', async () => {
  const { tree, folder } = standIn();
  using _tree = tree;
  await using pool = poolIn(folder, { ...patient, maxThreads: 1 });
  // The second waits for the one thread, which dies.
  const both = [searchOf('die', '/'), searchOf('find', '/')].map((search) => pool.search(search, never));
  const ended = await Promise.all(both.map((search) => settledWithin(search, PATIENCE_MS)));
  for (const search of both) search.catch(() => undefined);
  assert.deepEqual(ended, [true, true]);
});

test('a search gives the files of the built worker with their names', async () => {
  using tree = Tree.of(['src/main.rs', 'other']);
  await using pool = poolIn(builtWorkers);
  assert.deepEqual(await pool.search(searchOf('main', tree.root), never), [
    { root: 'given', path: 'src/main.rs', file_name: 'main.rs', score: 109, indices: [4, 5, 6, 7] },
  ]);
});

test('the answer has fifty files at most', async () => {
  using tree = Tree.of(Array.from({ length: 70 }, (_, index) => `a${index}`));
  await using pool = poolIn(builtWorkers);
  assert.equal((await pool.search(searchOf('a', tree.root), never)).length, 50);
});

test('an empty query or no roots is answered without a thread', async () => {
  await using pool = poolIn(new URL('file:///nowhere/'));
  assert.deepEqual(await pool.search(searchOf('', '/'), never), []);
  assert.deepEqual(await pool.search({ ...searchOf('a', '/'), roots: [] }, never), []);
});

test('a later search with the same token stops the older one, which gives what it has and keeps its thread', async () => {
  const { tree, folder } = standIn();
  using _ = tree;
  await using pool = poolIn(folder, patient);
  const used = new Set<string | undefined>();
  for (let round = 0; round < 5; round++) {
    const older = pool.search(searchOf('wait', '/', 'same'), never);
    const newer = pool.search(searchOf('quick', '/', 'same'), never);
    for (const [file, ...others] of [await older, await newer]) {
      assert.ok(file !== undefined && others.length === 0);
      used.add(file.path); // names the thread
    }
  }
  assert.ok(used.size <= MOST_THREADS, [...used].join());
});

test('searches with other tokens or none do not stop one another', async () => {
  const { tree, folder } = standIn();
  using _ = tree;
  await using pool = poolIn(folder, { ...patient, maxThreads: 2 });
  const waiting = pool.search(searchOf('wait', '/', 'a'), never);
  let answered = false;
  void waiting.then(() => {
    answered = true;
  });
  await pool.search(searchOf('quick', '/', 'b'), never);
  await pool.search(searchOf('quick', '/'), never);
  assert.equal(answered, false);
  await pool.search({ ...searchOf('', '/', 'a') }, never);
  assert.equal((await waiting).length, 1);
});

test('a token is free again once its search has been answered', async () => {
  using tree = Tree.of(['a']);
  await using pool = poolIn(builtWorkers);
  for (let round = 0; round < 3; round++) {
    assert.equal((await pool.search(searchOf('a', tree.root, 'same'), never)).length, 1);
  }
});

test('a stopped search is answered with nothing when its thread is held up, and so is one that has not begun', async () => {
  const { tree, folder } = standIn();
  using _ = tree;
  await using pool = poolIn(folder, { maxThreads: 1 });
  await pool.search(searchOf('warm', '/'), never);
  const stuck = pool.search(searchOf('stuck', '/', 'a'), never);
  const queued = pool.search(searchOf('quick', '/', 'b'), never);
  const others = [pool.search(searchOf('quick', '/', 'a'), never), pool.search(searchOf('quick', '/', 'b'), never)];
  assert.deepEqual(await Promise.all([stuck, queued]), [[], []]);
  await pool[Symbol.asyncDispose]();
  assert.deepEqual(await Promise.all(others), [[], []]);
});

test('an aborted search rejects with the reason and its thread goes on to the next', async () => {
  const { tree, folder } = standIn();
  using _ = tree;
  await using pool = poolIn(folder, patient);
  const reason = new Error('no longer wanted');
  const used = new Set<string | undefined>();
  for (let round = 0; round < 5; round++) {
    const controller = new AbortController();
    const aborted = pool.search(searchOf('wait', '/'), controller.signal);
    controller.abort(reason);
    await assert.rejects(aborted, reason);
    used.add((await pool.search(searchOf('quick', '/'), never))[0]?.path); // names the thread
  }
  assert.ok(used.size <= MOST_THREADS, [...used].join());
  await assert.rejects(pool.search(searchOf('quick', '/'), AbortSignal.abort(reason)), reason);
});

test('a search that fails or loses its thread rejects, and the next one is answered', async () => {
  const { tree, folder } = standIn();
  using _ = tree;
  await using pool = poolIn(folder, patient);
  await assert.rejects(pool.search(searchOf('fail', '/'), never), /cannot search/);
  await assert.rejects(pool.search(searchOf('die', '/'), never));
  assert.equal((await pool.search(searchOf('quick', '/'), never)).length, 1);
});

test('disposal answers what is running and refuses what comes after; twice is harmless', async () => {
  const { tree, folder } = standIn();
  using _ = tree;
  const pool = poolIn(folder, patient);
  await pool.search(searchOf('warm', '/'), never);
  const running = pool.search(searchOf('wait', '/'), never);
  await pool[Symbol.asyncDispose]();
  assert.equal((await running).length, 1);
  await assert.rejects(pool.search(searchOf('quick', '/'), never), { code: 'search-closed' });
  await pool[Symbol.asyncDispose]();
});

test('the main thread is mostly idle while a large tree is searched', async (context) => {
  if (process.platform !== 'linux') return context.skip('only Linux tells what each thread has used');
  using tree = Tree.of(Array.from({ length: 1_000 }, (_, index) => `d${index % 40}/a${index}`));
  await using pool = poolIn(builtWorkers);
  await pool.search(searchOf('warm', tree.root), never);
  const root = { given: 'given', absolute: tree.root };
  const many = { ...searchOf('a', '/'), roots: Array.from({ length: 4_000 }, () => root) };
  const before = [mainThreadCpuMs(), cpuMs(process.pid)] as const;
  assert.equal((await pool.search(many, never)).length, 50);
  const [main, all] = [mainThreadCpuMs() - before[0], cpuMs(process.pid) - before[1]];
  assert.ok(main < all / 2, `${main} of ${all} ms`);
});

test('the built worker stops with its search, and goes on to the next', async () => {
  using tree = Tree.of(Array.from({ length: 100 }, (_, index) => `a${index}`));
  await using pool = poolIn(builtWorkers, patient);
  const older = pool.search(searchOf('a', tree.root, 'same'), never);
  const newer = pool.search(searchOf('a99', tree.root, 'same'), never); // stops it before it has begun
  assert.deepEqual([(await older).length, (await newer).length], [0, 1]);
});

/** A stand-in for the indexer that never says anything, as if the system did not let go of its thread. */
const SILENT = `require('node:worker_threads').parentPort.on('message', () => undefined);`;

test('a search whose tree takes too long is answered with what there is, and the client is told once', async () => {
  const { tree, folder } = standIn();
  using _ = tree;
  tree.write('worker-index.js', SILENT);
  const notices: BoundNotice[] = [];
  const settings = { onBounded: (notice: BoundNotice) => notices.push(notice) };
  await using pool = poolIn(folder, { ...patient, answerLimitMs: 20 }, settings);
  for (const query of ['quick', 'quick again'])
    assert.equal((await pool.search(searchOf(query, '/slow'), never)).length, 1);
  await pool.indexed(['/slow']);
  assert.deepEqual(notices, [{ root: '/slow', bound: 'time' }]);
});

test('a tree that is too large for an index is walked for as long as a search may take', async () => {
  using tree = Tree.of(Array.from({ length: 300 }, (_, at) => `d${at % 9}/main-${at}`));
  const overdue: number[] = [];
  let seen = 0;
  const walk = { userFolders: { home: '/nowhere', config: '/nowhere' }, isCancelled: () => false };
  walkRoots({
    ...walk,
    roots: [tree.root, tree.path('d1')],
    maxMs: 0,
    onOverdue: (root) => overdue.push(root),
    disk: new Disk(),
    onNoRoom: () => undefined,
    onFile: () => {
      seen += 1;
    },
  });
  assert.deepEqual(overdue, [0]);
  assert.ok(seen > 30 && seen < 300, String(seen));
});

test('walks that take long leave a thread to whoever searches in an index', async () => {
  using large = Tree.of(Array.from({ length: 30 }, (_, at) => `main-${at}`));
  using small = Tree.of(['main']);
  const { tree, folder } = standIn();
  using _ = tree;
  symlinkSync(fileURLToPath(new URL('worker-index.js', builtWorkers)), tree.path('worker-index.js'));
  await using pool = poolIn(folder, { maxThreads: 2, answerLimitMs: 60_000 }, { maxIndexedFiles: 20 });
  assert.equal((await pool.search(searchOf('quick', small.root), never)).length, 1);
  const tokens = ['a', 'b', 'c', 'd'];
  const walks = tokens.map((token) => pool.search(searchOf('wait', large.root, token), never));
  let isWalked = false;
  void Promise.race(walks).then(() => {
    isWalked = true;
  });
  for (let round = 0; round < 5; round++) await pool.search(searchOf('quick', small.root), never);
  assert.equal(isWalked, false);
  for (const token of tokens) await pool.search(searchOf('', '/', token), never);
  await Promise.all(walks);
});
