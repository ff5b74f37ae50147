import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { sharedSteadyMs } from '../../src/base/clock.ts';
import { Disk } from '../../src/search/disk.ts';
import type { FolderWatcher } from '../../src/search/folder-watcher.ts';
import type { Helpers } from '../../src/search/helpers.ts';
import { readSubtrees, type Subtrees } from '../../src/search/subtrees.ts';
import { TreeTooLarge } from '../../src/search/tree-index.ts';
import { churn } from './support/churn.ts';
import { helpersWith, indexOf, noWatcher, pathsOf, walked, watcher } from './support/indexes.ts';
import { Tree } from './support/tree.ts';

const NAMES = ['a', 'b', 'c', 'x.o', 'é'];
const IGNORE_TEXTS = ['*.o\n', 'a\n!/b/a\n', '/c/\n', '', 'b/\n'];

/** A change of a tree; what cannot be done as things stand is left out. */
type Operation = (tree: Tree) => void;

const path = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  path.map(
    (at): Operation =>
      (tree) =>
        writeFileSync(tree.path(at), ''),
  ),
  path.map(
    (at): Operation =>
      (tree) =>
        mkdirSync(tree.path(at), { recursive: true }),
  ),
  path.map(
    (at): Operation =>
      (tree) =>
        rmSync(tree.path(at), { recursive: true }),
  ),
  fc.tuple(path, path).map(
    ([from, to]): Operation =>
      (tree) =>
        renameSync(tree.path(from), tree.path(to)),
  ),
  fc.tuple(path, path).map(
    ([target, at]): Operation =>
      (tree) =>
        symlinkSync(tree.path(target), tree.path(at)),
  ),
  fc.tuple(path, fc.constantFrom('.gitignore', '.ignore'), fc.constantFrom(...IGNORE_TEXTS)).map(
    ([at, name, text]): Operation =>
      (tree) =>
        writeFileSync(tree.path(at, '..', name), text),
  ),
  fc.constantFrom(...IGNORE_TEXTS).map(
    (text): Operation =>
      (tree) => {
        mkdirSync(tree.path('.git/info'), { recursive: true });
        writeFileSync(tree.path('.git/info/exclude'), text);
      },
  ),
);

function attempt(change: Operation, tree: Tree): void {
  try {
    change(tree);
  } catch {
    // Not possible as things stand.
  }
}

const WATCHERS: readonly (readonly [string, () => FolderWatcher])[] = [
  ['watched', () => watcher()],
  ['watched by someone who loses every hint', () => watcher(0)],
  ['not watched', () => noWatcher],
  ['partly watched', () => watcher(1_024, 2)],
];

for (const [how, watcherOf] of WATCHERS) {
  test(`an index of a tree that is ${how} holds what a walk finds, after any changes`, async () => {
    const rounds = fc.array(fc.array(operation, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(rounds, async (changes) => {
        using tree = new Tree();
        using index = indexOf(tree.root, { watcher: watcherOf() });
        for (const round of changes) {
          for (const change of round) attempt(change, tree);
          assert.deepEqual(pathsOf(await index.refresh()), walked(tree.root));
        }
      }),
      { numRuns: 60 },
    );
  });
}

/** Helpers that read at once, after a while, not at all, or only until they have to go. */
const HELPERS: readonly (readonly [string, () => Helpers['read']])[] = [
  ['at once', () => async (request) => readSubtrees(request, { disk: new Disk(), nowMs: Date.now })],
  [
    'late',
    () => async (request) => setImmediate().then(() => readSubtrees(request, { disk: new Disk(), nowMs: Date.now })),
  ],
  ['never', () => () => new Promise<Subtrees>(() => undefined)],
  ['until they go', () => dying()],
];

function dying(): Helpers['read'] {
  let left = 2;
  return async (request) => {
    left -= 1;
    if (left < 0) throw new Error('gone');
    return readSubtrees(request, { disk: new Disk(), nowMs: Date.now });
  };
}

/** A tree with links, rules and more folders than are read without help. */
function helpedTree(): Tree {
  const tree = Tree.of(
    Array.from({ length: 600 }, (_, at) => `d${at % 30}/e${at % 7}/f${at % 3}/file-${at}.${at % 2}`),
  );
  tree.write('.gitignore', '*.1\n!file-1.1\nd3/\n');
  tree.write('d4/.gitignore', '!*.1\n/e4/f1\n');
  tree.write('d5/e5/.ignore', '*\n!*/\n!file-5.1\n');
  tree.write('d6/.git/info/exclude', 'f0\n');
  symlinkSync(tree.path('d7'), tree.path('d8/link'));
  symlinkSync(tree.root, tree.path('d9/e2/loop'));
  symlinkSync('nowhere', tree.path('d9/broken'));
  return tree;
}

for (const [how, read] of HELPERS) {
  test(`an index that is read with the help of threads that answer ${how} holds what a walk finds`, async () => {
    using tree = helpedTree();
    using index = indexOf(tree.root, { helpers: helpersWith(2, read()) });
    const first = await index.refresh();
    assert.deepEqual(pathsOf(first), walked(tree.root));
    assert.equal((await index.refresh()).version, first.version);
    tree.write('d4/.gitignore', '');
    for (let at = 0; at < 40; at++) tree.write(`new/n${at}/m/file-${at}`);
    renameSync(tree.path('d6'), tree.path('d3/d6'));
    symlinkSync(tree.path('new'), tree.path('d9/nowhere'));
    rmSync(tree.path('d7'), { recursive: true });
    assert.deepEqual(pathsOf(await index.refresh()), walked(tree.root));
  });
}

test('folders that vanish while a helper reads them are left out', async () => {
  using tree = helpedTree();
  let delegatedCount = 0;
  const read: Helpers['read'] = async (request) => {
    delegatedCount += request.folders.length;
    for (const { path } of request.folders) rmSync(path, { recursive: true });
    return readSubtrees(request, { disk: new Disk(), nowMs: Date.now });
  };
  using index = indexOf(tree.root, { helpers: helpersWith(1, read) });
  assert.deepEqual(pathsOf(await index.refresh()), walked(tree.root));
  assert.ok(delegatedCount > 0);
});

test('a burst of more changes than hints are kept for leaves nothing out', async () => {
  using tree = Tree.of(['a/x', 'b/c/y']);
  using index = indexOf(tree.root);
  await index.refresh();
  for (let at = 0; at < 18_000; at++) writeFileSync(tree.path('b/c', `z${at}`), '');
  mkdirSync(tree.path('b/new/deep'), { recursive: true });
  writeFileSync(tree.path('b/new/deep/file'), '');
  unlinkSync(tree.path('a/x'));
  const found = pathsOf(await index.refresh());
  assert.equal(found.length, 18_002);
  assert.deepEqual(found, walked(tree.root));
});

test('50,000 files in one folder are indexed', async () => {
  using tree = new Tree();
  for (let at = 0; at < 50_000; at++) writeFileSync(tree.path(`file-${at}`), '');
  using index = indexOf(tree.root);
  assert.equal((await index.refresh()).fileCount, 50_000);
});

test('a root that vanishes has no files, and has those of the folder that comes back', async () => {
  using tree = Tree.of(['root/a', 'elsewhere/b/c']);
  using index = indexOf(tree.path('root'));
  assert.deepEqual(pathsOf(await index.refresh()), ['a']);
  rmSync(tree.path('root'), { recursive: true });
  assert.deepEqual(pathsOf(await index.refresh()), []);
  writeFileSync(tree.path('root'), 'a file');
  assert.deepEqual(pathsOf(await index.refresh()), []);
  rmSync(tree.path('root'));
  renameSync(tree.path('elsewhere'), tree.path('root'));
  assert.deepEqual(pathsOf(await index.refresh()), ['b/c']);
  writeFileSync(tree.path('root/b/d'), '');
  assert.deepEqual(pathsOf(await index.refresh()), ['b/c', 'b/d']);
});

test('rules above the root and of the user are looked at again', async () => {
  using tree = Tree.of(['top/.git/HEAD', 'top/root/a.o', 'top/root/b', 'user/other']);
  const userFolders = { home: tree.path('user'), config: tree.path('user/.config') };
  using index = indexOf(tree.path('top/root'), { userFolders });
  assert.deepEqual(pathsOf(await index.refresh()), ['a.o', 'b']);
  tree.write('top/.gitignore', '*.o\n');
  assert.deepEqual(pathsOf(await index.refresh()), ['b']);
  tree.write('user/.config/git/ignore', 'b\n');
  assert.deepEqual(pathsOf(await index.refresh()), []);
  rmSync(tree.path('top/.git'), { recursive: true });
  assert.deepEqual(pathsOf(await index.refresh()), ['a.o']);
});

test('a link is followed to what it leads to by now', async () => {
  using tree = Tree.of(['root/a']);
  symlinkSync(tree.path('target'), tree.path('root/link'));
  using index = indexOf(tree.path('root'));
  assert.deepEqual(pathsOf(await index.refresh()), ['a']);
  tree.write('target/b');
  assert.deepEqual(pathsOf(await index.refresh()), ['a', 'link/b']);
  tree.write('target/c');
  assert.deepEqual(pathsOf(await index.refresh()), ['a', 'link/b', 'link/c']);
  rmSync(tree.path('target'), { recursive: true });
  writeFileSync(tree.path('target'), '');
  assert.deepEqual(pathsOf(await index.refresh()), ['a', 'link']);
});

test('files that stay the same make no new version', async () => {
  using tree = Tree.of(['a/b', 'c']);
  using index = indexOf(tree.root);
  const { version } = await index.refresh();
  writeFileSync(tree.path('a/b'), 'other text');
  writeFileSync(tree.path('a/temporary'), '');
  rmSync(tree.path('a/temporary'));
  assert.equal((await index.refresh()).version, version);
});

test('for what happened before a time, a look at the tree since then is enough', async () => {
  using tree = Tree.of(['a']);
  using index = indexOf(tree.root);
  const askedMs = sharedSteadyMs();
  await index.refresh();
  tree.write('b');
  assert.deepEqual(pathsOf(await index.refresh(askedMs)), ['a']);
  assert.deepEqual(pathsOf(await index.refresh(sharedSteadyMs())), ['a', 'b']);
});

test('a snapshot stays as it was while the index goes on', async () => {
  using tree = Tree.of(Array.from({ length: 200 }, (_, at) => `d${at % 7}/a-name-of-some-length-${at}`));
  using index = indexOf(tree.root);
  const first = await index.refresh();
  const before = pathsOf(first);
  for (let round = 0; round < 60; round++) {
    for (let at = 0; at < 7; at++) tree.write(`d${at}/${'x'.repeat(200)}${round}`);
    await index.refresh();
  }
  assert.deepEqual(pathsOf(first), before);
  assert.deepEqual(pathsOf(await index.refresh()), walked(tree.root));
});

test('memory of folders that changed is given back', async () => {
  using tree = Tree.of(['d/first']);
  using index = indexOf(tree.root);
  for (let at = 0; at < 1_000; at++) tree.write(`d/${'n'.repeat(150)}${at}`);
  let most = 0;
  for (let round = 0; round < 30; round++) {
    tree.write(`d/more-${round}`);
    const { chunks } = await index.refresh();
    most = Math.max(
      most,
      chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
    );
  }
  assert.ok(most < 3_000_000, `${most} bytes for 170 KB of names`);
});

test('an index lets go of every watch, and of those of folders that are gone', async () => {
  let open = 0;
  const counting: FolderWatcher = {
    hintCount: 0,
    maxReliableHints: 1,
    watch: () => {
      open += 1;
      return { close: () => undefined };
    },
    unwatch: () => {
      open -= 1;
    },
  };
  using tree = Tree.of(['a/b/x', 'a/c/y', 'd/z']);
  const index = indexOf(tree.root, { watcher: counting });
  await index.refresh();
  // Folders are watched in short pieces, between other work.
  while (open < 5) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(open, 5);
  rmSync(tree.path('a'), { recursive: true });
  // Nobody tells this index of it; times do.
  await index.sweep();
  await index.refresh();
  assert.equal(open, 2);
  index[Symbol.dispose]();
  assert.equal(open, 0);
});

test('missing watches are reported, and a tree with too many files is not indexed', async () => {
  using tree = Tree.of(['a/b', 'c']);
  let told = 0;
  using index = indexOf(tree.root, { watcher: noWatcher, onUnwatched: () => (told += 1) });
  await index.refresh();
  assert.ok(told > 0);
  using small = indexOf(tree.root, { maxFiles: () => 1 });
  await assert.rejects(small.refresh(), TreeTooLarge);
});

test('a partial snapshot is sent during the first walk', async () => {
  using tree = Tree.of(Array.from({ length: 300 }, (_, at) => `d${at}/f`));
  const partial: number[] = [];
  let nowMs = 0;
  using index = indexOf(tree.root, {
    // Every look at the clock is a second later, so that it is always time.
    nowMs: () => {
      nowMs += 1_000;
      return nowMs;
    },
    onPartial: (publish) => {
      const { fileCount, complete } = publish();
      assert.equal(complete, false);
      partial.push(fileCount);
    },
  });
  assert.equal((await index.refresh()).fileCount, 300);
  assert.deepEqual(
    partial,
    [...partial].sort((a, b) => a - b),
  );
});

test('a tree that changes all the time is searched right, and known right in the end', async () => {
  await churn({ seed: 4, changes: 4_000, queries: 400 });
});
