import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ThreadLister } from '../../src/threads/thread-lister.ts';
import { ALL } from '../rollout/list-index/home.ts';
import { distFolder } from '../support/server.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { numberOf, StoredThreads } from './stored-threads.ts';

const NOBODY = new AbortController().signal;

function listerFor(home: string, folder = distFolder()): ThreadLister {
  return new ThreadLister({
    workersFolder: pathToFileURL(`${folder}/`),
    workerData: { codexHome: home, processCwd: '/', defaultProvider: 'local' },
    busyPaths: () => [],
    log: silentLogger,
  });
}

const stored = (count: number): StoredThreads =>
  new StoredThreads(
    [...Array(count).keys()].map((number) => ({
      number,
      time: new Date(Date.UTC(2025, 0, 1, 0, number)).toISOString(),
    })),
  );

test('pages come from a thread of its own, as JSON or as what it is made from', async () => {
  using home = stored(3);
  await using lister = listerFor(home.home);
  const { threads } = await lister.page('summaries', ALL, NOBODY);
  assert.deepEqual(
    threads.map(({ meta }) => numberOf(meta)),
    [2, 1, 0],
  );
  const encoded = await lister.page('threads', ALL, NOBODY);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(encoded.threads)).map(numberOf), [2, 1, 0]);
});

test('an aborted page is given up with the reason, and the next one is answered', async () => {
  using home = stored(3);
  await using lister = listerFor(home.home);
  const reason = new Error('enough');
  await assert.rejects(lister.page('threads', ALL, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const page = lister.page('threads', ALL, controller.signal);
  controller.abort(reason);
  await assert.rejects(page, reason);
  assert.equal((await lister.page('summaries', ALL, NOBODY)).threads.length, 3);
});

test('when its thread is lost, what waits is told so, and so is who asks after the end', async () => {
  using home = stored(1);
  await using broken = listerFor(home.home, join(home.home, 'nowhere'));
  await assert.rejects(broken.page('threads', ALL, NOBODY), { code: 'worker-lost' });
  const lister = listerFor(home.home);
  await lister[Symbol.asyncDispose]();
  await assert.rejects(lister.page('threads', ALL, NOBODY), { code: 'worker-lost' });
});

test('what was read is kept when the list ends', async () => {
  using home = stored(100);
  const lister = listerFor(home.home);
  await lister.page('threads', ALL, NOBODY);
  await lister[Symbol.asyncDispose]();
  assert.ok(existsSync(join(home.home, 'shardex_thread_index.jsonl')));
});
