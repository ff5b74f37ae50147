import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type TreeIndex, TreeTooLarge } from '../../src/search/tree-index.ts';
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

/** Until it is taken back, every step takes long, so that there is a pause after each. */
function setSlowClock(context: TestContext): Disposable {
  let nowMs = 0;
  const { mock } = context.mock.method(performance, 'now', () => {
    nowMs += 1_000;
    return nowMs;
  });
  return { [Symbol.dispose]: () => mock.restore() };
}

/** The most files that were found in one piece, without a look at what else is to be done. */
async function longestPiece(index: TreeIndex, reading: Promise<unknown>): Promise<number> {
  let isDone = false;
  void reading.then(() => {
    isDone = true;
  });
  let longest = 0;
  for (let before = 0; !isDone; before = index.fileCount) {
    await new Promise(setImmediate);
    longest = Math.max(longest, index.fileCount - before);
  }
  return longest;
}

test('a folder with very many entries is read in pieces, with its rules, and as a walk reads it', async (context) => {
  using tree = largeTree();
  using index = indexOf(tree.root);
  const clock = setSlowClock(context);
  const reading = index.refresh();
  const longest = await longestPiece(index, reading);
  const found = pathsOf(await reading);
  clock[Symbol.dispose]();
  assert.equal(found.length, COUNT - COUNT / 10 + 2);
  assert.deepEqual(found, walked(tree.root));
  assert.ok(longest < COUNT / 10, `${longest} of ${COUNT} entries in one piece`);
});

test('a folder with more files than may be indexed is given up before it has been read to its end', async (context) => {
  using tree = largeTree();
  using index = indexOf(tree.root, { maxFiles: () => 2_000 });
  using _clock = setSlowClock(context);
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
