/**
 * A million random inputs for each reader of foreign bytes: none throws, none takes longer than its length allows, and memory
 * stays what it was.
 *
 *   SEED=1 SOAK_INPUTS=1000000 npm run soak -- fuzz
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fuzz, READERS } from '../support/fuzz.ts';
import { Random, seedOf } from '../support/random.ts';

const INPUTS = Number(process.env.SOAK_INPUTS ?? 1_000_000);
const MOST_GROWTH_BYTES = 16 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

for (const name of Object.keys(READERS)) {
  test(`${INPUTS} inputs for ${name}`, (context) => {
    const random = new Random(seedOf(context));
    const startedMs = performance.now();
    fuzz(name, Math.ceil(INPUTS / 10), random);
    const before = heapBytes();
    fuzz(name, INPUTS - Math.ceil(INPUTS / 10), random);
    const grown = heapBytes() - before;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    process.stderr.write(`${name}: ${INPUTS} inputs, ${seconds} s, heap ${(grown / 2 ** 20).toFixed(1)} MB more\n`);
    assert.ok(grown < MOST_GROWTH_BYTES, `${grown} bytes more`);
  });
}
