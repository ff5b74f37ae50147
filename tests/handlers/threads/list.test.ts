import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RawClient } from '../../support/raw-client.ts';
import { idOf, numberOf, type Seed, StoredThreads } from '../../threads/stored-threads.ts';

const PROVIDER = '[model_providers.local]\nname = "Local"\nbase_url = "http://127.0.0.1:9/v1"\n';
const SEEDS: readonly Seed[] = [
  { number: 1, time: '2025-01-01T12:00:00Z', text: 'first' },
  { number: 2, time: '2025-01-02T12:00:00Z', text: 'second', meta: { model_provider: 'other' } },
  { number: 3, time: '2025-01-03T12:00:00Z', meta: { source: 'exec' } },
  { number: 4, time: '2025-01-04T12:00:00Z', meta: { git: { commit_hash: 'abc', branch: 'main' } } },
  { number: 6, time: '2025-01-06T12:00:00Z', archived: true },
];

async function clientOf(stored: StoredThreads): Promise<RawClient> {
  writeFileSync(join(stored.home, 'config.toml'), `model_provider = "local"\n${PROVIDER}`);
  const client = new RawClient({ home: stored.home });
  await client.initialize();
  return client;
}

test('a thread is shown with all its members and without turns', async () => {
  using stored = new StoredThreads(SEEDS);
  await using client = await clientOf(stored);
  const { data, nextCursor } = await client.call('thread/list', { limit: 1 });
  const path: string = data[0].path;
  assert.equal(nextCursor, `2025-01-04T12-00-00|${idOf(4)}`);
  assert.deepEqual(data, [
    {
      id: idOf(4),
      preview: 'said 4',
      modelProvider: 'local',
      createdAt: 1735992000,
      updatedAt: 1735992000,
      path,
      cwd: '/work',
      cliVersion: '0.94.0',
      source: 'cli',
      gitInfo: { sha: 'abc', branch: 'main', originUrl: null },
      turns: [],
    },
  ]);
  assert.ok(path.endsWith(`/sessions/2025/01/04/rollout-2025-01-04T12-00-00-${idOf(4)}.jsonl`));
});

test('every parameter reaches the list', async () => {
  using stored = new StoredThreads(SEEDS);
  await using client = await clientOf(stored);
  const list = async (params: object): Promise<number[]> =>
    (await client.call('thread/list', params)).data.map(numberOf);
  assert.deepEqual(await list({}), [4, 1]);
  assert.deepEqual(await list({ cursor: null, limit: null, sortKey: null, archived: null, searchTerm: null }), [4, 1]);
  assert.deepEqual(await list({ cursor: `2025-01-04T12-00-00|${idOf(4)}` }), [1]);
  assert.deepEqual(await list({ sortKey: 'updated_at', sortDirection: 'asc' }), [1, 4]);
  assert.deepEqual(await list({ modelProviders: [], sourceKinds: ['cli', 'exec'] }), [4, 3, 2, 1]);
  assert.deepEqual(await list({ archived: true }), [6]);
  assert.deepEqual(await list({ searchTerm: 'FIRST' }), [1]);
  assert.deepEqual(await list({ cwd: '/elsewhere' }), []);
});

test('bad params are refused by name', async () => {
  using stored = new StoredThreads([]);
  await using client = await clientOf(stored);
  const cases: readonly (readonly [unknown, string])[] = [
    [{ cursor: 'not a cursor' }, 'invalid cursor: not a cursor'],
    [{ cursor: '' }, 'invalid cursor: '],
    [undefined, 'Invalid request: missing field `params`'],
    [{ sortKey: 'size' }, 'Invalid request: unknown variant `size`, expected `created_at` or `updated_at`'],
  ];
  for (const [params, message] of cases) {
    const { error } = await client.request('thread/list', params);
    assert.deepEqual(error, { code: -32600, message });
  }
});

test('a file in the place of the folder is an internal error', async () => {
  using stored = new StoredThreads([]);
  await using client = await clientOf(stored);
  writeFileSync(join(stored.home, 'sessions'), 'x');
  const { error } = await client.request('thread/list', {});
  assert.deepEqual(error, { code: -32603, message: 'failed to list threads: Not a directory (os error 20)' });
});
