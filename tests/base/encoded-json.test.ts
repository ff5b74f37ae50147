import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EncodedJson, encodePieces } from '../../src/base/encoded-json.ts';

const encoded = (value: unknown, split = 3): EncodedJson => {
  const bytes = Buffer.from(JSON.stringify(value));
  return new EncodedJson([bytes.subarray(0, split), bytes.subarray(split)]);
};
const textOf = (value: unknown): string =>
  encodePieces(value)
    .map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString()))
    .join('');

test('encoded parts stand anywhere in a value, the rest is encoded around them', () => {
  const thread = encoded({ id: 't', turns: ['é'] }, 20);
  assert.deepEqual(JSON.parse(textOf({ a: 1, thread, list: [thread, null] })), {
    a: 1,
    thread: { id: 't', turns: ['é'] },
    list: [{ id: 't', turns: ['é'] }, null],
  });
  assert.equal(textOf(encoded([1, 2])), '[1,2]');
});

test('encoded bytes are handed on without a copy', () => {
  const part = encoded({ big: 'x'.repeat(100) });
  assert.ok(part.chunks.every((chunk) => encodePieces({ part }).includes(chunk)));
});

test('any JSON value with encoded parts inside reads back as the value itself', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.string(), (outer, inner, text) => {
      const value = { outer, text: `${text}\u0001shardex-encoded-json:`, part: encoded(inner) };
      assert.deepEqual(JSON.parse(textOf(value)), JSON.parse(JSON.stringify({ ...value, part: inner })));
    }),
  );
});

test('what JSON has no word for becomes null', () => {
  assert.equal(textOf(undefined), 'null');
});
