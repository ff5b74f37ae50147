/**
 * A tree that changes all the time while it is searched, at full length: the index is that of a fresh walk in the end,
 * answers on the way are those of a walk, and memory stays what it was.
 *
 *   SEED=1 npm run soak -- search
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { churn } from '../search/support/churn.ts';

const CHANGES = 200_000;
const QUERIES = 20_000;
const MOST_GROWTH_MB = 48;

test('200,000 changes and 20,000 queries leave a right index and no memory behind', async (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const sizesMb: number[] = [];
  const onTenth = (nth: number): void => {
    collect();
    sizesMb.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
    t.diagnostic(`${nth} of 10, ${sizesMb.at(-1)} MB`);
  };
  await churn({ seed, changes: CHANGES, queries: QUERIES, onTenth });
  const [, , early = 0] = sizesMb;
  assert.ok((sizesMb.at(-1) ?? 0) < early + MOST_GROWTH_MB, `${sizesMb.join(' ')} MB`);
});
