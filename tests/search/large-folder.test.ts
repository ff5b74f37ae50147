import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { TreeTooLarge } from '../../src/search/tree-index.ts';
import { indexOf, pathsOf, walked } from './support/indexes.ts';
import { Tree } from './support/tree.ts';

const COUNT = 30_000;

const largeTree = (): Tree =>
  Tree.of({
    'big/.gitignore': '*7\n*-even/\n',
    ...Object.fromEntries(Array.from({ length: COUNT }, (_, at) => [`big/an-entry-with-a-name-${at}`, ''])),
    'big/a-folder/main': '',
    'big/an-even/main': '',
  });

/** How long this thread was busy in one piece at most. */
async function longestPieceMs(work: Promise<unknown>): Promise<number> {
  let isDone = false;
  let longestMs = 0;
  void work.then(() => {
    isDone = true;
  });
  while (!isDone) {
    const startMs = performance.now();
    await new Promise(setImmediate);
    longestMs = Math.max(longestMs, performance.now() - startMs);
  }
  return longestMs;
}

test('a folder with very many entries is read in pieces, with its rules, and as a walk reads it', async () => {
  using tree = largeTree();
  using index = indexOf(tree.root);
  const startMs = performance.now();
  const reading = index.refresh();
  const longestMs = await longestPieceMs(reading);
  const tookMs = performance.now() - startMs;
  const found = pathsOf(await reading);
  assert.equal(found.length, COUNT - COUNT / 10 + 2);
  assert.deepEqual(found, walked(tree.root));
  assert.ok(longestMs < tookMs / 2, `${longestMs} of ${tookMs} ms in one piece`);
});

test('a folder with more files than may be indexed is given up before it has been read to its end', async () => {
  using tree = largeTree();
  using index = indexOf(tree.root, { maxFiles: () => 2_000 });
  await assert.rejects(index.refresh(), TreeTooLarge);
  assert.ok(index.fileCount < COUNT / 2, String(index.fileCount));
});

test('a large folder that goes away while it is read leaves nothing behind', async () => {
  using tree = largeTree();
  using index = indexOf(tree.root);
  const reading = index.refresh();
  await new Promise(setImmediate);
  rmSync(tree.path('big'), { recursive: true });
  await reading;
  assert.deepEqual(pathsOf(await index.refresh()), []);
});
