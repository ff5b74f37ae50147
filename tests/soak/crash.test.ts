/**
 * Hundreds of kill -9 at random moments: while turns stream, call tools, compact, and threads are rolled back, archived and brought
 * back. After each the store is consistent and nothing that was acknowledged is missing.
 *
 *   SEED=1 SOAK_CRASHES=200 npm run soak
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random, seedOf } from '../support/random.ts';
import { Crashes } from '../threads/crashes.ts';

const CRASHES = Number(process.env.SOAK_CRASHES ?? 200);
/** A home's threads grow; so that each crash costs the same, the home is a new one now and then. */
const PER_HOME = 25;

test('200 times kill -9: every acknowledged item is read back, every thread is listed and goes on', async (context) => {
  const random = new Random(seedOf(context));
  let acknowledged = 0;
  for (let done = 0; done < CRASHES; done += PER_HOME) {
    await using crashes = await Crashes.open(random);
    for (let count = 0; count < Math.min(PER_HOME, CRASHES - done); count += 1) await crashes.crash();
    await crashes.finish();
    acknowledged += crashes.acknowledged;
  }
  assert.ok(acknowledged > CRASHES, `only ${acknowledged} items were acknowledged`);
});
