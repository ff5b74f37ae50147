import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { median, percentile, summarise } from '../../bench/statistics.ts';

test('the median is the middle sample, or the mean of the two in the middle', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([7]), 7);
});

test('a percentile is the nearest rank: a sample that was measured', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(percentile(hundred, 0.95), 95);
  assert.equal(percentile(hundred, 0.99), 99);
  const twenty = Array.from({ length: 20 }, (_, index) => index + 1);
  assert.equal(percentile(twenty, 0.95), 19);
  assert.equal(percentile(twenty, 0.99), 20);
});

test('samples are compared as numbers and left in their order', () => {
  const samples = [10, 9, 100];
  assert.deepEqual(summarise(samples), { n: 3, median: 10, p95: 100, p99: 100, min: 9, max: 100 });
  assert.deepEqual(samples, [10, 9, 100]);
});

test('no samples have no figures', () => {
  assert.throws(() => summarise([]), RangeError);
});

test('the middle of two numbers whose sum is none is between them', () => {
  assert.equal(summarise([-1.7e308, -1.7e308]).median, -1.7e308);
});

test('figures lie in order, whatever was measured', () => {
  const samples = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
  fc.assert(
    fc.property(samples, (values) => {
      const { min, median: middle, p95, p99, max } = summarise(values);
      assert.equal(min, Math.min(...values));
      assert.equal(max, Math.max(...values));
      assert.ok(min <= middle && middle <= max && p95 <= p99 && p99 <= max);
    }),
  );
});
