import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../support/random.ts';
import { Crashes } from './crashes.ts';

test('a kill -9 at any moment loses nothing that was acknowledged, and the next start goes on', async () => {
  await using crashes = await Crashes.open(new Random(5));
  for (let count = 0; count < 10; count += 1) await crashes.crash();
  await crashes.finish();
  assert.ok(crashes.acknowledged > 20, `only ${crashes.acknowledged} items were acknowledged`);
});
