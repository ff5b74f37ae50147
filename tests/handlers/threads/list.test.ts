import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';
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
  const message = `failed to list threads: cannot read the folder \`${join(stored.home, 'sessions')}\`: Not a directory (os error 20)`;
  assert.deepEqual(error, { code: -32603, message });
});

test('a thread of ours shows with its first turn, in both orders and under its name', async () => {
  await using box = await Box.open();
  const listed = async (params: object): Promise<string[]> =>
    (await box.call('thread/list', params)).data.map(({ id }: { id: string }) => id);
  const { thread } = await box.call('thread/start', {});
  assert.deepEqual(await listed({}), []);
  box.model.script(stream(says('hello')));
  await (await box.turn(thread.id, 'Tidy up the attic')).ended();
  for (const sortKey of ['created_at', 'updated_at']) assert.deepEqual(await listed({ sortKey }), [thread.id]);
  await box.call('thread/name/set', { threadId: thread.id, name: 'Spring cleaning' });
  assert.deepEqual(await listed({ searchTerm: 'cleaning attic' }), [thread.id]);
  await box.call('thread/archive', { threadId: thread.id });
  assert.deepEqual(await listed({}), []);
  assert.deepEqual(await listed({ archived: true }), [thread.id]);
  await box.call('thread/unarchive', { threadId: thread.id });
  assert.deepEqual(await listed({ sortKey: 'updated_at' }), [thread.id]);
});

test('a server that ends keeps its index for the next one, which need not believe it', async () => {
  const time = (number: number): string => new Date(Date.UTC(2025, 0, 1, 0, number)).toISOString();
  using stored = new StoredThreads([...Array(100).keys()].map((number) => ({ number, time: time(number) })));
  const index = join(stored.home, 'shardex_thread_index.jsonl');
  const pages: unknown[] = [];
  for (const spoil of [() => undefined, () => undefined, () => writeFileSync(index, 'junk')]) {
    spoil();
    await using client = await clientOf(stored);
    pages.push(await client.call('thread/list', { limit: 100, searchTerm: 'said' }));
    client.endInput();
    await client.server.exit();
    assert.equal(statSync(index).mode & 0o777, 0o600);
    assert.match(readFileSync(index, 'utf8'), /"heads":100,/);
  }
  assert.deepEqual(pages[1], pages[0]);
  assert.deepEqual(pages[2], pages[0]);
});

test('ten lists at once, while threads come and go, are all answered and show what was there throughout', async () => {
  using stored = new StoredThreads(SEEDS);
  await using client = await clientOf(stored);
  const sortKeys = ['created_at', 'updated_at'] as const;
  const asked = [...Array(10).keys()].map(async (number) => {
    const path = stored.add({ number: 100 + number, time: '2025-02-01T12:00:00Z' });
    const { data } = await client.call('thread/list', { sortKey: sortKeys[number % 2] });
    rmSync(path);
    return data.map(numberOf).filter((each: number) => each < 100);
  });
  for (const numbers of await Promise.all(asked)) assert.deepEqual(numbers, [4, 1]);
});
