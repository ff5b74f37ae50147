import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Heap } from '../../src/rollout/heap.ts';

test('a heap gives its values in order, whenever they came', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer())), (steps) => {
      const heap = new Heap<{ at: number }>((a, b) => a.at < b.at);
      const model: number[] = [];
      for (const step of steps) {
        if (step === null) {
          assert.equal(heap.pop()?.at, model.sort((a, b) => a - b).shift());
        } else {
          heap.push({ at: step });
          model.push(step);
        }
      }
      assert.deepEqual(
        [...heap.drain()].map(({ at }) => at),
        model.sort((a, b) => a - b),
      );
    }),
  );
});
