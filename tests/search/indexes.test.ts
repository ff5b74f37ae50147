import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import type { FolderWatcher } from '../../src/search/folder-watcher.ts';
import { Indexes } from '../../src/search/indexes.ts';
import { indexOf } from './support/indexes.ts';
import { Tree } from './support/tree.ts';

/** Indexes with a clock that tests set, and how many folders are watched. */
function indexesWith() {
  const watched = new Set<object>();
  const dropped: string[] = [];
  const clock = { nowMs: 0 };
  const watcher: FolderWatcher = {
    watch: () => {
      const watch = { close: () => undefined };
      watched.add(watch);
      return watch;
    },
    unwatch: (watch) => watched.delete(watch),
    hintCount: 0,
    maxReliableHints: 1_024,
  };
  const indexes = new Indexes({
    create: (root) => indexOf(root, { watcher }),
    steadyMs: () => clock.nowMs,
    onDropped: (root) => dropped.push(root),
  });
  const search = async (root: string): Promise<void> => {
    const entry = indexes.use(root);
    await entry.index.refresh();
    await entry.index.refresh(); // watches what the first one has read
    indexes.release([entry]);
  };
  return { indexes, watched, dropped, clock, search };
}

test('an index that is unused for ten minutes is dropped with its watches, and rebuilt on use', async () => {
  using tree = Tree.of(['a/main', 'b/main']);
  const { indexes, watched, dropped, clock, search } = indexesWith();
  using _ = indexes;
  await search(tree.root);
  clock.nowMs += 9 * 60_000;
  indexes.dropUnused();
  assert.deepEqual([watched.size, dropped], [3, []]);
  clock.nowMs += 60_000;
  indexes.dropUnused();
  assert.deepEqual([watched.size, dropped], [0, [tree.root]]);
  await search(tree.root);
  assert.equal(watched.size, 3);
});

test('what is in use or followed stays, however long it takes', async () => {
  using tree = Tree.of(['a/main']);
  using other = Tree.of(['b/main']);
  const { indexes, dropped, clock, search } = indexesWith();
  using _ = indexes;
  await search(tree.root);
  indexes.of(tree.root).followers += 1;
  const used = indexes.use(other.root);
  clock.nowMs += 60 * 60_000;
  indexes.dropUnused();
  assert.deepEqual(dropped, []);
  indexes.release([used]);
});

test('of many roots only the latest are kept for longer than seconds', async () => {
  using tree = Tree.of(Array.from({ length: 100 }, (_, at) => `${at}/in/main`));
  const { indexes, watched, clock, search } = indexesWith();
  using _ = indexes;
  for (let at = 0; at < 100; at++) await search(tree.path(String(at)));
  assert.equal(watched.size, 200);
  clock.nowMs += 20_000;
  indexes.dropUnused();
  assert.equal(watched.size, 64);
  assert.ok(indexes.known(tree.path('99')) !== undefined && indexes.known(tree.path('0')) === undefined);
});

test('a root that is gone from the disk is let go at once', async () => {
  using tree = Tree.of(['root/a/main']);
  const { indexes, watched, dropped, search } = indexesWith();
  using _ = indexes;
  const root = tree.path('root');
  await search(root);
  assert.equal(watched.size, 2);
  rmSync(root, { recursive: true });
  await search(root);
  assert.equal(watched.size, 0);
  indexes.dropUnused();
  assert.deepEqual(dropped, [root]);
});
