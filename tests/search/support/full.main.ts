/**
 * Started with few descriptors to be had: searches a folder while there are none, and again when there are some. Prints what was
 * found, and the bounds that were told of.
 */
import { closeSync, openSync } from 'node:fs';
import { Disk } from '../../../src/search/disk.ts';
import { walkRoots } from '../../../src/search/walk.ts';
import { indexOf, noWatcher, nowhere, pathsOf } from './indexes.ts';

function takeAll(): readonly number[] {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    return taken;
  }
}

const [root = '', next = ''] = process.argv.slice(2);
const bounds: string[] = [];
const index = indexOf(root, { watcher: noWatcher, onBound: (bound) => bounds.push(bound) });
const before = pathsOf(await index.refresh());
const taken = takeAll();
const fresh = indexOf(next, { watcher: noWatcher, onBound: (bound) => bounds.push(bound) });
const without = pathsOf(await fresh.refresh());
const unread: number[] = [];
walkRoots({
  roots: [next],
  userFolders: nowhere,
  disk: new Disk(),
  isCancelled: () => false,
  maxMs: 60_000,
  onOverdue: () => undefined,
  onNoRoom: (rootIndex) => unread.push(rootIndex),
  onFile: () => undefined,
});
const kept = pathsOf(await index.refresh());
for (const fd of taken) closeSync(fd);
const after = pathsOf(await fresh.refresh());
process.stdout.write(JSON.stringify({ before, without, kept, after, bounds: [...new Set(bounds)], unread }));
