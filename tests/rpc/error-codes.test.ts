import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../src/base/error-codes.ts';
import { AppError } from '../../src/base/errors.ts';
import { failureOf, INTERNAL_ERROR, WIRE_CODES } from '../../src/rpc/errors.ts';
import { filesBelow, readProjectFile } from '../support/project.ts';

const isCode = (text: string): text is ErrorCode => Object.hasOwn(WIRE_CODES, text);
const codes = Object.keys(WIRE_CODES).filter(isCode);

test('every code but those that are handled where they arise reaches the client in its own words', () => {
  for (const code of codes) {
    const failure = failureOf(new AppError(code, 'as it is', { data: 1 }));
    const wire = WIRE_CODES[code];
    if (wire === null) assert.deepEqual(failure, bug, code);
    else assert.deepEqual(failure, { kind: 'foreseen', error: { code: wire, message: 'as it is', data: 1 } }, code);
  }
});

const bug = { kind: 'bug', error: { code: INTERNAL_ERROR, message: 'internal error' } };

test('every code is the code of some failure', () => {
  const sources = filesBelow('src').filter((path) => path.endsWith('.ts'));
  const made = new Set(
    sources
      .map(readProjectFile)
      .flatMap((text) => [...text.matchAll(MADE)].map(([, first, second]) => first ?? second)),
  );
  assert.deepEqual(
    codes.filter((code) => !made.has(code)),
    [],
  );
});

/** As the first argument of an error, or as the code of a failure that crosses threads. */
const MADE = /(?:new [A-Z]\w*|super)\(\s*'([a-z-]+)'\s*,|\bcode: '([a-z-]+)'/g;

test('no two codes say the same in another order', () => {
  const words = codes.map((code) => code.split('-').sort().join(' '));
  assert.equal(new Set(words).size, words.length);
});
