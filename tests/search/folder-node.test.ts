import assert from 'node:assert/strict';
import { sep } from 'node:path';
import { test } from 'node:test';
import { FolderNode } from '../../src/search/folder-node.ts';

const node = (path: string): FolderNode => FolderNode.root(path.replaceAll('/', sep), () => undefined);
const shown = (path: string): string => path.replaceAll(sep, '/');

test('a folder knows its name and its path, whatever the root is', () => {
  for (const [root, name] of [
    ['/', ''],
    ['/one/', 'one'],
    ['/one/two three/', 'two three'],
  ] as const) {
    const folder = node(root);
    assert.equal(folder.name, name);
    assert.equal(shown(folder.path), root);
    assert.equal(folder.parent, undefined);
    const inner = folder.inner('a').inner('b');
    assert.equal(inner.name, 'b');
    assert.equal(shown(inner.path), `${root}a/b/`);
    assert.equal(inner.parent?.parent, folder);
  }
});

test('a hint that a folder hears names the folder', () => {
  const heard: unknown[] = [];
  const root = FolderNode.root(`${sep}r${sep}`, (folder, kind, name) => heard.push([shown(folder.path), kind, name]));
  root.inner('a').onHint('entries', 'new');
  root.onHint('content', undefined);
  assert.deepEqual(heard, [
    ['/r/a/', 'entries', 'new'],
    ['/r/', 'content', undefined],
  ]);
});

test('a folder is the same one only if device, number and birth are, and stale if it changed or was not read', () => {
  const folder = node('/r/');
  const stats = (more: object) => ({ dev: 1, ino: 2, birthtimeMs: 3.5, ctimeMs: 4.5, ...more }) as never;
  assert.equal(folder.isSame(stats({ dev: 0, ino: 0, birthtimeMs: 0 })), false);
  assert.equal(folder.isStale(stats({})), true);
  folder.stamp({ device: 1, file: 2, bornMs: 3.5, changedMs: 4.5 });
  assert.equal(folder.isSame(stats({ ctimeMs: 9 })), true);
  assert.equal(folder.isStale(stats({})), false);
  assert.equal(folder.isStale(undefined), true);
  for (const more of [{ dev: 9 }, { ino: 9 }, { birthtimeMs: 9 }]) assert.equal(folder.isSame(stats(more)), false);
  assert.equal(folder.isStale(stats({ ctimeMs: 9 })), true);
  folder.stamp({ device: 1, file: 2, bornMs: 3.5, changedMs: Number.NaN });
  assert.equal(folder.isStale(stats({})), true);
});
