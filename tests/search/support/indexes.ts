/** Indexes of trees, and what they should hold. */
import type { Snapshot } from '../../../src/contract/search-messages.ts';
import { Disk } from '../../../src/search/disk.ts';
import { type FolderWatcher, SystemWatcher } from '../../../src/search/folder-watcher.ts';
import type { Helpers } from '../../../src/search/helpers.ts';
import { BlockReader } from '../../../src/search/snapshot.ts';
import { TreeIndex, type TreeIndexOptions } from '../../../src/search/tree-index.ts';
import { walkRoots } from '../../../src/search/walk.ts';

export const nowhere = { home: '/nowhere', config: '/nowhere' };

/** Finds no watches left. */
export const noWatcher: FolderWatcher = {
  watch: () => 'none left',
  unwatch: () => undefined,
  hintCount: 0,
  maxReliableHints: 1_024,
};

export const helpersWith = (count: number, read: Helpers['read']): Helpers => ({ count, read, call: () => undefined });

const noHelpers = helpersWith(0, () => Promise.reject(new Error('no help')));

export const watcher = (maxReliableHints = 1_024, maxWatches = 100_000): FolderWatcher =>
  new SystemWatcher({ maxWatches, maxReliableHints });

export function indexOf(root: string, more: Partial<TreeIndexOptions> = {}): TreeIndex {
  let version = 0;
  return new TreeIndex({
    root,
    userFolders: nowhere,
    disk: new Disk(),
    watcher: watcher(),
    helpers: noHelpers,
    nowMs: () => Date.now(),
    nextVersion: () => {
      version += 1;
      return version;
    },
    maxFiles: () => 1_000_000,
    onHint: () => undefined,
    onPartial: () => undefined,
    onUnwatched: () => undefined,
    onBound: () => undefined,
    ...more,
  });
}

/** All paths of a snapshot, sorted. */
export function pathsOf(snapshot: Snapshot): string[] {
  const block = new BlockReader(snapshot);
  const found: string[] = [];
  for (let folder = 0; folder < (snapshot.slices.at(-1) ?? 0); folder++) {
    block.open(folder);
    for (let index = 0; index < block.count; index++) {
      const letters = block.integers[block.lettersAt + index] ?? 0;
      found.push(block.folder() + block.text(block.nameStart(index), block.nameEnd(index), letters));
    }
  }
  return found.sort();
}

/** All paths that a walk finds now, sorted. */
export function walked(root: string, userFolders = nowhere): string[] {
  const found: string[] = [];
  walkRoots({
    roots: [root],
    userFolders,
    isCancelled: () => false,
    maxMs: 600_000,
    disk: new Disk(),
    onOverdue: () => undefined,
    onNoRoom: () => undefined,
    onFile: (_, folder, name) => found.push(folder + name),
  });
  return found.sort();
}
