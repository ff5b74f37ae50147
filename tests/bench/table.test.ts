import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Figure, type Measured, ratioTo, verdictsOf } from '../../bench/figure.ts';
import { renderTable, shownNumber } from '../../bench/table.ts';

const FIGURE: Figure = {
  name: 'turn',
  title: 'one turn',
  unit: 'ms',
  statistic: 'median',
  targets: [{ kind: 'ratioAtMost', to: 'reference', limit: 0.5 }],
};
const measured = (samples: Measured['samples'], figure: Partial<Figure> = {}): Measured => ({
  figure: { ...FIGURE, ...figure },
  samples,
});

test('a ratio is ours over the other, by the statistic of the figure', () => {
  const samples = { ours: [1, 2, 9], reference: [4, 4, 4] };
  assert.equal(ratioTo(measured(samples), 'reference'), 0.5);
  assert.equal(ratioTo(measured(samples, { statistic: 'max' }), 'reference'), 2.25);
});

test('a target is met at its limit and missed behind it', () => {
  const met = (ours: number, kind: 'atMost' | 'atLeast') =>
    verdictsOf(measured({ ours: [ours] }, { targets: [{ kind, limit: 10 }] }))[0]?.met;
  assert.deepEqual([met(10, 'atMost'), met(10.1, 'atMost')], [true, false]);
  assert.deepEqual([met(10, 'atLeast'), met(9.9, 'atLeast')], [true, false]);
});

test('nothing is said of a ratio to an engine that is absent', () => {
  const alone = measured({ ours: [1] });
  assert.deepEqual(
    verdictsOf(alone).map(({ value, met }) => [value, met]),
    [[null, null]],
  );
  const table = renderTable([alone], ['reference']);
  assert.match(table, /^\s+reference\s+absent$/m);
  assert.match(table, /^\? {7}one turn: not compared/m);
});

test('the table aligns its columns and says what became of the targets', () => {
  const table = renderTable([measured({ ours: [1, 2], reference: [1234, 1236] })], []);
  assert.equal(
    table,
    [
      'figure         of         n  median    p95    p99    max  ours / it',
      'one turn [ms]  ours       2    1.50   2.00   2.00   2.00',
      '               reference  2   1,235  1,236  1,236  1,236      0.00x',
      '',
      'met     one turn: 0.00x (target <= 0.5x reference)',
    ].join('\n'),
  );
});

test('numbers are shown with three digits, large ones whole', () => {
  assert.deepEqual([0.1234, 1.5, 99.94, 100.4, 40_000].map(shownNumber), ['0.123', '1.50', '99.9', '100', '40,000']);
});
