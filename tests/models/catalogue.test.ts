import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { deferred } from '../../src/base/abort.ts';
import { type CatalogueParts, type FetchModels, ModelCatalogue } from '../../src/models/catalogue.ts';
import type { KnownModels } from '../../src/models/known.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { modelInfo } from './model-info.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const unreachable: FetchModels = () => Promise.reject(new Error('offline'));
const has = (known: KnownModels, slug: string): boolean => known.entries.some((entry) => entry.slug === slug);

async function build(t: TestContext, more: Partial<CatalogueParts> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'shardex-models-'));
  const cachePath = join(folder, 'models_cache.json');
  const time = { nowMs: NOW };
  const catalogue = new ModelCatalogue({
    cachePath,
    clock: { nowMs: () => time.nowMs, steadyMs: () => 0 },
    log: silentLogger,
    fetchModels: unreachable,
    usesApiKey: () => false,
    ...more,
  });
  t.after(async () => {
    await catalogue[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const writeCache = (fetchedAtMs: number, slug: string, etag?: string): Promise<void> =>
    writeFile(
      cachePath,
      JSON.stringify({ fetched_at: new Date(fetchedAtMs).toISOString(), etag, models: [modelInfo(slug)] }),
    );
  return { catalogue, cachePath, time, writeCache };
}

test('without a cache the bundled list is given at once while a fetch runs, then the fetched one', async (t) => {
  const reply = deferred<{ models: unknown; etag: string | null }>();
  let fetches = 0;
  const { catalogue, cachePath } = await build(t, {
    fetchModels: () => {
      fetches += 1;
      return reply.promise;
    },
  });
  assert.equal(has(await catalogue.current(), 'gpt-5.2-codex'), true);
  assert.equal(has(await catalogue.current(), 'new'), false);
  assert.equal(fetches, 1);
  reply.resolve({ models: [modelInfo('new', { extra: 1 })], etag: 'W/"1"' });
  await catalogue.settled();
  assert.equal(has(await catalogue.current(), 'new'), true);
  const written: unknown = JSON.parse(await readFile(cachePath, 'utf8'));
  assert.deepEqual(written, {
    fetched_at: '2026-01-01T00:00:00.000Z',
    etag: 'W/"1"',
    models: [modelInfo('new', { extra: 1 })],
  });
});

test('a fresh cache is used without a fetch, up to 300 s and in the future', async (t) => {
  for (const age of [300_000, -1_000_000]) {
    const { catalogue, writeCache } = await build(t, { fetchModels: () => assert.fail('must not fetch') });
    await writeCache(NOW - age, 'cached');
    assert.equal(has(await catalogue.current(), 'cached'), true);
  }
});

test('a stale cache is used and renewed', async (t) => {
  const { catalogue, writeCache } = await build(t, {
    fetchModels: async () => ({ models: [modelInfo('renewed')], etag: null }),
  });
  await writeCache(NOW - 300_001, 'cached');
  assert.equal(has(await catalogue.current(), 'cached'), true);
  await catalogue.settled();
  const known = await catalogue.current();
  assert.deepEqual([has(known, 'cached'), has(known, 'renewed')], [false, true]);
});

test('a failed fetch or a bad reply leaves what was known, and a use a minute later tries again', async (t) => {
  const replies: FetchModels[] = [
    unreachable,
    async () => ({ models: [{}], etag: null }),
    async () => ({ models: [modelInfo('x')], etag: null }),
  ];
  const { catalogue, time } = await build(t, { fetchModels: (signal) => (replies.shift() ?? unreachable)(signal) });
  for (const [known, left] of [
    [false, 2],
    [false, 1],
    [false, 0],
    [true, 0],
  ] as const) {
    assert.equal(has(await catalogue.current(), 'x'), known);
    await catalogue.settled();
    await catalogue.current();
    await catalogue.settled();
    assert.equal(replies.length, left, 'a minute is waited for');
    time.nowMs += 60_000;
  }
});

test('an unreadable cache is as good as none', async (t) => {
  const { catalogue, cachePath } = await build(t);
  for (const text of [
    '',
    '{',
    '{"fetched_at":"yesterday","models":[]}',
    '{"fetched_at":"2026-01-01T00:00:00Z","models":[{}]}',
  ]) {
    await writeFile(cachePath, text);
    assert.equal(has(await catalogue.current(), 'gpt-5.2-codex'), true);
  }
});

test('with an API key neither cache nor network is used', async (t) => {
  const { catalogue, writeCache } = await build(t, {
    usesApiKey: () => true,
    fetchModels: () => assert.fail('must not fetch'),
  });
  await writeCache(NOW, 'cached');
  assert.equal(has(await catalogue.current(), 'cached'), false);
  catalogue.noteEtag('"x"');
});

test('the same tag renews the list, another tag fetches it', async (t) => {
  let fetches = 0;
  const { catalogue, writeCache, time } = await build(t, {
    fetchModels: async () => {
      fetches += 1;
      return { models: [modelInfo('other')], etag: '"2"' };
    },
  });
  await writeCache(NOW, 'cached', '"1"');
  await catalogue.current();
  time.nowMs = NOW + 299_000;
  catalogue.noteEtag('"1"');
  time.nowMs = NOW + 500_000;
  await catalogue.current();
  assert.equal(fetches, 0);
  catalogue.noteEtag('"2"');
  await catalogue.settled();
  assert.equal(fetches, 1);
  assert.equal(has(await catalogue.current(), 'other'), true);
});

test('a tag that the list does not have is no reason to fetch it with every answer', async (t) => {
  let fetches = 0;
  const { catalogue, time } = await build(t, {
    fetchModels: async () => {
      fetches += 1;
      if (fetches === 1) throw new Error('out of order');
      return { models: [modelInfo('other')], etag: null };
    },
  });
  const note = async (etag: string): Promise<void> => {
    catalogue.noteEtag(etag);
    await catalogue.settled();
  };
  await note('"1"');
  await note('"1"');
  assert.equal(fetches, 1, 'not again right after a failure');
  time.nowMs += 61_000;
  await note('"1"');
  await note('"1"');
  assert.equal(fetches, 2);
  await note('"2"');
  assert.equal(fetches, 3);
});

test('a tag that is named while a list is being fetched counts when it has come', async (t) => {
  let answer: (tag: string) => void = () => undefined;
  let fetches = 0;
  const { catalogue } = await build(t, {
    fetchModels: () => {
      fetches += 1;
      return new Promise((resolve) => {
        answer = (etag) => resolve({ models: [modelInfo(etag)], etag });
      });
    },
  });
  catalogue.noteEtag('one');
  for (const tag of ['one', 'two']) catalogue.noteEtag(tag);
  answer('one');
  await catalogue.settled();
  assert.equal(fetches, 2);
  answer('two');
  await catalogue.settled();
  assert.equal(fetches, 2);
  assert.equal(has(await catalogue.current(), 'two'), true);
});

test('closing aborts the fetch', async (t) => {
  const { catalogue } = await build(t, {
    fetchModels: (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
  });
  await catalogue.current();
  await catalogue[Symbol.asyncDispose]();
});
