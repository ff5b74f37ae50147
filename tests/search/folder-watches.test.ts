import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Disk } from '../../src/search/disk.ts';
import { FolderNode, stampOf, statFolder } from '../../src/search/folder-node.ts';
import type { FolderWatcher } from '../../src/search/folder-watcher.ts';
import { FolderWatches } from '../../src/search/folder-watches.ts';
import { readSubtrees } from '../../src/search/subtrees.ts';
import { helpersWith, indexOf, noWatcher, pathsOf, walked } from './support/indexes.ts';
import { Tree } from './support/tree.ts';

/** Takes every watch, and notes of which folder. */
class NotingWatcher implements FolderWatcher {
  readonly hintCount = 0;
  readonly maxReliableHints = 1_024;
  readonly paths: string[] = [];
  onWatch: () => void = () => undefined;

  watch(path: string): { close(): void } {
    this.paths.push(path);
    this.onWatch();
    return { close: () => undefined };
  }

  unwatch(): void {
    this.paths.pop();
  }
}

/** Folders of a tree as they are when they have just been read. */
function readFolders(tree: Tree, names: readonly string[]): readonly FolderNode[] {
  const root = FolderNode.root(`${tree.root}/`, () => undefined);
  return names.map((name) => {
    const node = root.inner(name);
    const stats = statFolder(new Disk(), node.path);
    assert.ok(stats !== undefined);
    node.stamp(stampOf(stats, Date.now() + 1_000_000));
    return node;
  });
}

function watchesWith(watcher: FolderWatcher) {
  const missed: string[] = [];
  let noneLeft = 0;
  const watches = new FolderWatches({
    watcher,
    disk: new Disk(),
    onMissed: ({ name }) => missed.push(name),
    onNoneLeft: () => {
      noneLeft += 1;
    },
  });
  return { watches, missed, noneLeft: () => noneLeft };
}

test('a folder that changed after it was read and before it was watched is named', () => {
  using tree = Tree.of(['a/x', 'b/x']);
  const { watches, missed } = watchesWith(new NotingWatcher());
  for (const node of readFolders(tree, ['a', 'b'])) {
    watches.add(node);
    watches.noteRead(node);
  }
  tree.write('b/y');
  while (watches.watchSome());
  assert.deepEqual(missed, ['b']);
  assert.equal(watches.missing.size, 0);
});

test('watching falls behind when many folders have been read, and not once there are no watches left', () => {
  using tree = Tree.of(['a/x']);
  const [node] = readFolders(tree, ['a']);
  assert.ok(node !== undefined);
  const { watches, noneLeft } = watchesWith(noWatcher);
  watches.add(node);
  for (let count = 0; count <= 4_096; count++) {
    assert.equal(watches.isBehind, false);
    watches.noteRead(node);
  }
  assert.equal(watches.isBehind, true);
  assert.equal(watches.watchSome(), true);
  assert.equal(watches.isBehind, false);
  watches.noteRead(node);
  assert.equal(watches.watchSome(), false);
  assert.equal(noneLeft(), 1);
  assert.ok(watches.missing.has(node));
});

test('folders are watched while helpers still read others', async () => {
  using tree = Tree.of(Array.from({ length: 200 }, (_, at) => `d${at}/e/file`));
  const watcher = new NotingWatcher();
  const watched = new Promise<void>((resolve) => {
    watcher.onWatch = resolve;
  });
  const helpers = helpersWith(1, async (request) => {
    const read = readSubtrees(request, { disk: new Disk(), nowMs: Date.now });
    await watched;
    return read;
  });
  using index = indexOf(tree.root, { watcher, helpers });
  assert.deepEqual(pathsOf(await index.refresh()), walked(tree.root));
});
