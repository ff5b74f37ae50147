/** A slice of what the soak does at length: real shells run what is judged safe, and nothing changes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isKnownSafe } from '../support/known-safe.ts';
import { Random } from '../support/random.ts';
import { findChanges, hasContainers, makeTemplate, runAll } from './support/container.ts';
import { isTelling, spelling } from './support/spellings.ts';

const SEED = 7;
const SCRIPTS = 60;
const NEEDS_CONTAINERS = hasContainers() ? false : 'no bubblewrap that can make containers';

test('nothing that is judged safe changes a file in a real shell', { skip: NEEDS_CONTAINERS }, () => {
  const template = mkdtempSync(join(tmpdir(), 'shardex-spellings-'));
  try {
    makeTemplate(template);
    const random = new Random(SEED);
    const safe: string[] = [];
    while (safe.length < SCRIPTS) {
      const script = spelling(random);
      if (isTelling(script) && isKnownSafe(['bash', '-c', script])) safe.push(script);
    }
    for (const shell of ['/bin/bash', '/bin/sh']) assert.deepEqual(findChanges(template, shell, safe), []);
    // The container notices what does change something.
    for (const script of ['uniq a b', './a.sh', 'chmod 600 a', 'rg --pre=sh touch .']) {
      assert.notEqual(runAll(template, '/bin/bash', [script]).changes, '', script);
    }
  } finally {
    rmSync(template, { recursive: true, force: true });
  }
});
