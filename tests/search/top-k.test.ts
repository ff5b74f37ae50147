import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBytes, TopK } from '../../src/search/top-k.ts';

test('the best items are kept, best first, whatever order they come in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 })), fc.integer({ min: 1, max: 20 }), (numbers, limit) => {
      const best = new TopK<number>(limit, (a, b) => a - b);
      for (const number of numbers) best.add(number);
      assert.deepEqual(best.sorted(), [...numbers].sort((a, b) => a - b).slice(0, limit));
    }),
  );
});

test('the worst item is reported only when the next one would displace it', () => {
  const best = new TopK<number>(2, (a, b) => a - b);
  best.add(5);
  assert.equal(best.worst, undefined);
  best.add(3);
  assert.equal(best.worst, 5);
  best.add(4);
  assert.equal(best.worst, 4);
});

test('strings are ordered as their UTF-8 bytes are', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '\ue000', '\uffff', '👨', '𐀀', '/', '~') });
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
