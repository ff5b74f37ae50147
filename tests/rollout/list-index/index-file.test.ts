import assert from 'node:assert/strict';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { INDEX_FILE } from '../../../src/rollout/list-index/index-file.ts';
import { decodeSavedHeads } from '../../../src/rollout/list-index/saved-heads.ts';
import { indexOf } from '../../threads/lister.ts';
import { StoredThreads } from '../../threads/stored-threads.ts';
import { day, numbers, seeds } from './home.ts';

const COUNT = 90;
const everything = [...Array(COUNT).keys()].map((at) => COUNT - at);
const indexPath = ({ home }: StoredThreads): string => join(home, INDEX_FILE);

/** A home whose index was saved. */
async function saved(): Promise<StoredThreads> {
  const stored = new StoredThreads(seeds(COUNT));
  const index = indexOf(stored.home);
  assert.deepEqual(await numbers(index), everything);
  await index.save();
  return stored;
}

/** Other words in a file whose size, time and inode stay as they were. */
function rewriteUnseen(path: string): void {
  const { atime, mtime } = statSync(path);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('said', 'SAID'));
  utimesSync(path, atime, mtime);
}

test('the index is written for its owner only, and nothing is left beside it', async () => {
  using stored = await saved();
  assert.equal(statSync(indexPath(stored)).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(stored.home).sort(), ['sessions', INDEX_FILE]);
  assert.equal(decodeSavedHeads(readFileSync(indexPath(stored)))?.length, COUNT);
});

test('a few heads are not worth a file', async () => {
  using stored = new StoredThreads(seeds(5));
  const index = indexOf(stored.home);
  await numbers(index);
  await index.save();
  assert.deepEqual(readdirSync(stored.home), ['sessions']);
});

test('a head that was saved counts as long as its file has not changed', async () => {
  using stored = await saved();
  const path = stored.add({ number: 1, time: day(1) });
  const next = indexOf(stored.home);
  await numbers(next);
  await next.save();
  rewriteUnseen(path);
  const preview = async (): Promise<string | null | undefined> => {
    const index = indexOf(stored.home);
    assert.deepEqual(await numbers(index, { searchTerm: 'said' }), everything);
    return (await index.page({ ...QUERY_OLDEST }, CONTROL)).threads[0]?.preview;
  };
  assert.equal(await preview(), 'said 1');
  utimesSync(path, 1_800_000_000, 1_800_000_000);
  assert.equal(await preview(), 'SAID 1');
});

const CONTROL = { busyPaths: [], isCancelled: () => false };
const QUERY_OLDEST = {
  after: null,
  limit: 1,
  sortKey: 'created_at',
  direction: 'asc',
  archived: false,
  modelProviders: null,
  sourceKinds: null,
  searchTerm: null,
  cwd: null,
} as const;

test('an index that was changed, cut or replaced is refused', async () => {
  using stored = await saved();
  const bytes = readFileSync(indexPath(stored));
  assert.notEqual(decodeSavedHeads(bytes), null);
  fc.assert(
    fc.property(fc.nat(bytes.length - 2), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ by;
      assert.equal(decodeSavedHeads(changed), null);
      assert.equal(decodeSavedHeads(bytes.subarray(0, at)), null);
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (other) => decodeSavedHeads(Buffer.from(other)) === null));
});

test('whatever lies in the place of the index, the list is right and the index is made anew', async () => {
  using stored = await saved();
  const path = indexPath(stored);
  const good = readFileSync(path);
  const swapped = good.toString('utf8').replace('"said 5"', '"said 6"');
  const spoilers: readonly (() => void)[] = [
    () => writeFileSync(path, ''),
    () => writeFileSync(path, good.subarray(0, good.length / 2)),
    () => writeFileSync(path, 'x'.repeat(1000)),
    () => writeFileSync(path, swapped),
    () => symlinkSync(join(stored.home, 'nowhere'), path),
    () => symlinkSync('/dev/zero', path),
  ];
  for (const spoil of spoilers) {
    rmSync(path, { recursive: true, force: true });
    spoil();
    const index = indexOf(stored.home);
    assert.deepEqual(await numbers(index, { searchTerm: 'said' }), everything);
    await index.save();
    assert.equal(decodeSavedHeads(readFileSync(path))?.length, COUNT);
  }
  rmSync(path);
  rmSync(join(stored.home, 'nowhere')); // a link is followed, and what it leads to made
  mkdirSync(path);
  const index = indexOf(stored.home);
  assert.deepEqual(await numbers(index, { searchTerm: 'said' }), everything);
  await index.save();
  assert.deepEqual(readdirSync(stored.home).sort(), ['sessions', INDEX_FILE]);
});

test('two programs that save at once leave one whole index', async () => {
  using stored = new StoredThreads(seeds(COUNT));
  const indexes = [indexOf(stored.home), indexOf(stored.home)];
  await Promise.all(indexes.map((index) => numbers(index)));
  await Promise.all(indexes.map((index) => index.save()));
  assert.equal(decodeSavedHeads(readFileSync(indexPath(stored)))?.length, COUNT);
  assert.deepEqual(readdirSync(stored.home).sort(), ['sessions', INDEX_FILE]);
});

test('archived threads stay in the index when nobody asks for them', async () => {
  using stored = new StoredThreads([
    ...seeds(COUNT),
    ...seeds(COUNT).map((seed) => ({ ...seed, number: seed.number + 1000, archived: true })),
  ]);
  const both = indexOf(stored.home);
  await numbers(both);
  await numbers(both, { archived: true });
  await both.save();
  for (const { number, time } of seeds(COUNT)) stored.add({ number, time, text: `other ${number}` });
  const one = indexOf(stored.home);
  await numbers(one, { searchTerm: 'other' });
  await one.save();
  assert.equal(decodeSavedHeads(readFileSync(indexPath(stored)))?.length, 2 * COUNT);
});
