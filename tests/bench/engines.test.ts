import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { referenceBinary } from '../../bench/engines.ts';

test('the reference is the file that CODEX_REFERENCE_BIN names, and a wrong name is an error', () => {
  assert.equal(referenceBinary({ CODEX_REFERENCE_BIN: process.execPath }), process.execPath);
  assert.throws(
    () => referenceBinary({ CODEX_REFERENCE_BIN: '/nowhere/codex' }),
    /CODEX_REFERENCE_BIN.*\/nowhere\/codex/,
  );
});

test('without the variable it is looked for in the unpacked package', (context) => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return context.skip('paths of another system');
  const cache = mkdtempSync(join(tmpdir(), 'shardex-cache-'));
  try {
    assert.equal(referenceBinary({ XDG_CACHE_HOME: cache }), null);
    const file = join(cache, 'codex-reference/0.94.0/package/vendor/x86_64-unknown-linux-musl/codex/codex');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    assert.equal(referenceBinary({ XDG_CACHE_HOME: cache }), file);
  } finally {
    rmSync(cache, { recursive: true });
  }
});
