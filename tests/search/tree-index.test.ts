import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FolderWatcher } from '../../src/search/folder-watcher.ts';
import { indexOf, noWatcher, pathsOf, walked, watcher } from './support/indexes.ts';
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
