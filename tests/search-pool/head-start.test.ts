import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { deferred } from '../../src/base/abort.ts';
import { SearchAhead } from '../../src/search-pool/head-start.ts';
import { SearchPool } from '../../src/search-pool/search-pool.ts';
import { Tree } from '../search/support/tree.ts';
import { silentLogger } from '../support/silent-logger.ts';

/** An indexer that has a snapshot, of nothing, for each root that it is to make ready. */
const READY_AT_ONCE = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ kind, root }) => {
  if (kind === 'warm') parentPort.postMessage({ kind: 'snapshot', snapshot: { root, fileCount: 0 }, followed: false });
});
`;

function aheadIn(programs: Tree) {
  let loads = 0;
  const ahead = new SearchAhead({
    env: { HOME: '/nowhere' },
    cwd: '/work',
    programs: pathToFileURL(`${programs.root}/`),
    log: silentLogger,
    load: async () => {
      loads += 1;
      return SearchPool;
    },
  });
  return { ahead, loads: () => loads };
}

test('the roots of a search are prepared as soon as its request is read, relative ones too', async () => {
  using programs = Tree.of({ 'worker-index.js': READY_AT_ONCE });
  const { ahead, loads } = aheadIn(programs);
  await using pool = await ahead.pool();
  for (const [root, given] of [
    ['/work/some', 'some'],
    ['/else', '/else'],
  ] as const) {
    const ready = deferred();
    using _following = pool.follow(root, ready.resolve);
    await ahead.prepareFor('fuzzyFileSearch', { query: 'a', roots: [given] });
    await ready.promise;
  }
  assert.equal(loads(), 1);
});

test('nothing is loaded for other requests, and nothing that is wrong with a search is said here', async () => {
  using programs = Tree.of({ 'worker-index.js': READY_AT_ONCE });
  const { ahead, loads } = aheadIn(programs);
  await ahead.prepareFor('thread/start', { roots: ['/'] });
  assert.equal(loads(), 0);
  for (const params of [undefined, null, 7, [], {}, { roots: 'a' }, { roots: [1, null] }]) {
    await ahead.prepareFor('fuzzyFileSearch', params);
  }
  await (await ahead.pool())[Symbol.asyncDispose]();
  assert.equal(loads(), 1);
});
