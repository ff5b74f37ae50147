/**
 * A million spellings of commands are judged; those that are judged safe run in real shells, as many as there is time for,
 * and none of them may change anything.
 *
 *   SEED=1 SOAK_SECONDS=300 npm run soak
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findChanges, hasContainers, makeTemplate } from '../attack/support/container.ts';
import { isTelling, spelling } from '../attack/support/spellings.ts';
import { isKnownSafe } from '../support/known-safe.ts';
import { Random, seedOf } from '../support/random.ts';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 15);
const JUDGEMENTS = 1_000_000;
const BATCH = 200;
const NEEDS_CONTAINERS = hasContainers() ? false : 'no bubblewrap that can make containers';

test('a million spellings: nothing that is judged safe changes a file', { skip: NEEDS_CONTAINERS }, (context) => {
  const random = new Random(seedOf(context));
  const template = mkdtempSync(join(tmpdir(), 'shardex-spellings-'));
  const endMs = performance.now() + SECONDS * 1000;
  const found = new Set<string>();
  let [judged, safe, ran] = [0, 0, 0];
  let batch: string[] = [];
  try {
    makeTemplate(template);
    while (judged < JUDGEMENTS) {
      const script = spelling(random);
      judged += 1;
      if (!isKnownSafe(['bash', '-c', script])) continue;
      safe += 1;
      if (performance.now() < endMs && isTelling(script)) batch.push(script);
      if (batch.length < BATCH) continue;
      const shell = random.below(4) === 0 ? '/bin/sh' : '/bin/bash';
      for (const change of findChanges(template, shell, batch)) found.add(change);
      ran += batch.length;
      batch = [];
    }
  } finally {
    rmSync(template, { recursive: true, force: true });
    process.stderr.write(`${context.name}: ${judged} judged, ${safe} safe, ${ran} run\n`);
  }
  assert.deepEqual([...found], []);
});
