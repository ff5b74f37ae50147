import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** The system of that name is no set-up. */
const FORBIDDEN = /mock[-_]model|mock[-_]provider|oracle(?! linux)/;

test('no code knows the names that test set-ups use', () => {
  const files = ['src', 'workers'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|json|md)$/.test(name))
      .map((name) => join(folder, name)),
  );
  assert.ok(files.length > 100);
  for (const file of files) {
    const text = readFileSync(file, 'utf8').toLowerCase();
    assert.doesNotMatch(text, FORBIDDEN, file);
  }
});
