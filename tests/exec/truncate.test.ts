import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { truncateMiddle } from '../../src/exec/truncate.ts';

test('a text within the limit is unchanged', () => {
  assert.equal(truncateMiddle('12345', { mode: 'bytes', limit: 5 }), '12345');
  assert.equal(truncateMiddle('12345678', { mode: 'tokens', limit: 2 }), '12345678');
});

test('bytes: half of the limit from each end, and the number of characters gone', () => {
  assert.equal(truncateMiddle('abcdefghij', { mode: 'bytes', limit: 5 }), 'ab…5 chars truncated…hij');
});

test('tokens: four bytes each, and the number of tokens gone rounded up', () => {
  assert.equal(truncateMiddle('abcdefghijklm', { mode: 'tokens', limit: 2 }), 'abcd…2 tokens truncated…jklm');
});

test('a limit of zero leaves the notice alone', () => {
  assert.equal(truncateMiddle('äbc', { mode: 'bytes', limit: 0 }), '…3 chars truncated…');
});

test('characters are never cut', () => {
  assert.equal(truncateMiddle('éééé', { mode: 'bytes', limit: 3 }), '…3 chars truncated…é');
  assert.equal(truncateMiddle('a😀😀b', { mode: 'bytes', limit: 6 }), 'a…2 chars truncated…b');
});

test('what is kept is a start and an end of the text within the limit, and nothing is counted wrong', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat({ max: 80 }), (raw, limit) => {
      const text = raw.replaceAll('…', '.');
      const cut = truncateMiddle(text, { mode: 'bytes', limit });
      if (Buffer.byteLength(text) <= limit) return assert.equal(cut, text);
      const [head = '', notice = '', tail = ''] = cut.split('…');
      assert.ok(text.startsWith(head) && text.endsWith(tail));
      assert.ok(Buffer.byteLength(head) + Buffer.byteLength(tail) <= limit);
      assert.equal([...text].length, [...head].length + [...tail].length + Number(notice.split(' ')[0]));
    }),
  );
});
