import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tuningFlag } from '../../src/worker-threads/tuning.ts';

test('V8 is given a flag only where it is known to have it', () => {
  assert.match(tuningFlag('11.3.244.8-node.38') ?? '', /^--interrupt-budget=\d+$/);
  for (const version of ['11.8.172.17', '12.4.254.21-node.57', '13.6.233.17-node.63', '113.0.0', '']) {
    assert.equal(tuningFlag(version), null, version);
  }
});
