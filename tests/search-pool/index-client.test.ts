import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { deferred } from '../../src/base/abort.ts';
import { DeadFolders } from '../../src/search-pool/dead-folders.ts';
import { SearchIndex, type SearchIndexOptions } from '../../src/search-pool/index-client.ts';
import type { SearchPool } from '../../src/search-pool/search-pool.ts';
import { nowhere, pathsOf } from '../search/support/indexes.ts';
import { Tree } from '../search/support/tree.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { poolIn } from './search-pools.ts';

const workersFolder = new URL('../../', import.meta.url);
const never = new AbortController().signal;

const indexWith = (more: Partial<SearchIndexOptions> = {}): SearchIndex =>
  new SearchIndex({
    workersFolder,
    workerData: { userFolders: nowhere },
    log: silentLogger,
    deadFolders: new DeadFolders({ log: silentLogger, onChange: () => undefined, onDead: () => undefined }),
    onHelpWanted: () => undefined,
    onUnwatched: () => undefined,
    onBounded: () => undefined,
    ...more,
  });

async function found(pool: SearchPool, query: string, ...roots: readonly string[]): Promise<string[]> {
  const named = roots.map((root, at) => ({ given: String(at), absolute: root }));
  const files = await pool.search({ query, roots: named, cancellationToken: null, ranking: 'path' }, never);
  return files.map(({ root, path }) => `${root}:${path}`);
}

/** Watches of this process, all threads together. */
const watchCount = (): number =>
  readdirSync('/proc/self/fdinfo')
    .map((fd) => {
      try {
        return readFileSync(join('/proc/self/fdinfo', fd), 'utf8');
      } catch {
        return ''; // closed meanwhile, such as the one this list was read with
      }
    })
    .reduce((sum, text) => sum + (text.match(/^inotify wd/gm)?.length ?? 0), 0);

test('an answer holds what was created, renamed, removed and no longer ignored before it was asked for', async () => {
  using tree = Tree.of({ 'a/main': '', '.gitignore': '*.x\n', 'main.x': '' });
  await using pool = poolIn(workersFolder);
  assert.deepEqual(await found(pool, 'main', tree.root), ['0:a/main']);
  tree.write('b/c/main');
  assert.deepEqual(await found(pool, 'main', tree.root), ['0:a/main', '0:b/c/main']);
  renameSync(tree.path('b'), tree.path('z'));
  assert.deepEqual(await found(pool, 'main', tree.root), ['0:a/main', '0:z/c/main']);
  rmSync(tree.path('a'), { recursive: true });
  assert.deepEqual(await found(pool, 'main', tree.root), ['0:z/c/main']);
  tree.write('.gitignore', 'z/\n');
  assert.deepEqual(await found(pool, 'main', tree.root), ['0:main.x']);
});

test('without watches answers are as fresh, and somebody is told once', async () => {
  using tree = Tree.of(['a/main']);
  const told = deferred();
  let count = 0;
  const onUnwatched = (): void => {
    count += 1;
    told.resolve();
  };
  await using pool = poolIn(workersFolder, { maxWatches: 0 }, { onUnwatched });
  for (const name of ['b', 'c', 'd']) {
    tree.write(`${name}/main`);
    assert.ok((await found(pool, 'main', tree.root)).includes(`0:${name}/main`));
  }
  await told.promise;
  assert.equal(count, 1);
});

test('roots that overlap, repeat, are missing or are files give each file as a walk does', async () => {
  using tree = Tree.of(['x', 'a/x', 'a/b/x']);
  await using pool = poolIn(workersFolder);
  const roots = [tree.root, tree.path('a/b'), tree.path('missing'), tree.path('x'), tree.root];
  assert.deepEqual(await found(pool, 'x', ...roots), ['0:a/x', '0:a/x', '0:x', '0:x', '1:x', '1:x', '1:x']);
  assert.deepEqual(await found(pool, 'x', tree.path('missing')), []);
});

test('a link leads into a folder above it unless that folder is part of the walk', async () => {
  using tree = Tree.of(['x', 'a/x', 'a/b/x']);
  symlinkSync(tree.root, tree.path('a/b/loop'));
  await using pool = poolIn(workersFolder);
  const below = ['b/loop/x', 'b/x'];
  assert.deepEqual(await found(pool, 'x', tree.root), ['0:a/b/x', '0:a/x', '0:x']);
  assert.deepEqual(
    await found(pool, 'x', tree.path('a')),
    [...below, 'x'].map((path) => `0:${path}`),
  );
  // The walk from the outer root skips the link, the one from the inner root does not.
  const twice = [...below, 'b/x'].map((path) => `1:${path}`);
  assert.deepEqual(await found(pool, 'x', tree.root, tree.path('a')), [...twice, '0:x', '1:x', '1:x']);
});

test('typing a query letter by letter gives what each query gives on its own', async () => {
  using tree = Tree.of(Array.from({ length: 400 }, (_, at) => `lib${at % 9}/src/Main-${at}.test.ts`));
  await using typing = poolIn(workersFolder);
  await using fresh = poolIn(workersFolder);
  const query = 'main39 lib';
  for (let length = 1; length <= query.length; length++) {
    const sofar = query.slice(0, length);
    await found(fresh, 'zzz', tree.root);
    assert.deepEqual(await found(typing, sofar, tree.root), await found(fresh, sofar, tree.root), sofar);
    tree.write(`lib0/main39-${length}`);
  }
});

test('a mark that is typed after its letter finds what the letter alone does not', async () => {
  using tree = Tree.of(['й.txt', 'a/и.txt']);
  await using pool = poolIn(workersFolder);
  assert.deepEqual(await found(pool, 'и', tree.root), ['0:a/и.txt']);
  assert.deepEqual(await found(pool, 'и\u0306', tree.root), ['0:a/и.txt', '0:й.txt']);
});

test('when there are too many files the root that was not used for longest goes, with its watches', async (t) => {
  if (process.platform !== 'linux') return t.diagnostic('watches can be counted on Linux only');
  using one = Tree.of(['a/b/c/1', 'a/b/c/2']);
  using two = Tree.of(['3', '4']);
  const before = watchCount();
  await using index = indexWith();
  index.limit(3);
  await index.refresh([one.root]);
  // Folders are watched right after they are read: by the next reply they are.
  await index.refresh([one.root]);
  assert.equal(watchCount() - before, 4);
  const [second] = await index.refresh([two.root]);
  assert.deepEqual(second && pathsOf(second), ['3', '4']);
  await index.refresh([two.root]);
  assert.equal(index.known(one.root), undefined);
  assert.equal(watchCount() - before, 1);
  const [again] = await index.refresh([one.root]);
  assert.deepEqual(again && pathsOf(again), ['a/b/c/1', 'a/b/c/2']);
  await index[Symbol.asyncDispose]();
  assert.equal(watchCount(), before);
});

test('a root that was made ready ahead is known without being asked for', async () => {
  using tree = Tree.of(['a']);
  await using index = indexWith();
  const news = deferred();
  using _ = index.follow(tree.root, () => news.resolve());
  index.warm(tree.root);
  await news.promise;
  assert.deepEqual(index.known(tree.root)?.fileCount, 1);
});

test('news of a root that is followed comes without a request, and none once it is not', async () => {
  using tree = Tree.of(['a']);
  await using index = indexWith();
  let news = deferred();
  let count = 0;
  const following = index.follow(tree.root, () => {
    count += 1;
    news.resolve();
  });
  await news.promise;
  news = deferred();
  tree.write('b');
  await news.promise;
  assert.equal(index.known(tree.root)?.fileCount, 2);
  following[Symbol.dispose]();
  const before = count;
  tree.write('c');
  const [snapshot] = await index.refresh([tree.root]);
  assert.equal(snapshot?.fileCount, 3);
  assert.equal(count, before);
});

test('a tree that is too large for an index has none', async () => {
  using tree = Tree.of(['a', 'b', 'c']);
  await using index = indexWith();
  index.limit(2);
  assert.deepEqual(await index.refresh([tree.root]), [undefined]);
  await using pool = poolIn(workersFolder, {}, { maxIndexedFiles: 2 });
  assert.deepEqual(await found(pool, 'a', tree.root), ['0:a']);
});

test('a limit that becomes known later holds for the indexes there are, and a higher one lets others come back', async () => {
  using one = Tree.of(['a', 'b', 'c']);
  using two = Tree.of(['d', 'e']);
  await using index = indexWith();
  await index.refresh([one.root, two.root]);
  index.limit(2);
  assert.equal((await index.refresh([two.root]))[0]?.fileCount, 2);
  assert.deepEqual([index.known(one.root), index.known(two.root)?.fileCount], [undefined, 2]);
  assert.deepEqual(await index.refresh([one.root]), [undefined]);
  index.limit(3);
  assert.equal((await index.refresh([one.root]))[0]?.fileCount, 3);
});

test('when the indexer dies its requests fail, searches walk, and the next request starts another', async () => {
  const dying = `const { parentPort } = require('node:worker_threads');\nparentPort.on('message', () => process.exit(1));\n`;
  using programs = Tree.of({ 'worker-index.js': dying });
  using tree = Tree.of(['a']);
  await using index = indexWith({ workersFolder: pathToFileURL(`${programs.root}/`) });
  for (let round = 0; round < 2; round++) {
    await assert.rejects(index.refresh([tree.root]), { code: 'worker-lost' });
  }
});

test('a query of 4 MB, or of blanks and signs only, is answered', async () => {
  using tree = Tree.of(['a', 'b\nc']);
  await using pool = poolIn(workersFolder);
  assert.deepEqual(await found(pool, 'a'.repeat(4_000_000), tree.root), []);
  assert.deepEqual(await found(pool, 'a '.repeat(2_000_000), tree.root), ['0:a']);
  for (const query of ['   ', '! ^ $', '\t']) assert.deepEqual(await found(pool, query, tree.root), ['0:a', '0:b\nc']);
});
