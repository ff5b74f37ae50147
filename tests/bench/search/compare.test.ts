import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBests } from '../../../bench/search/measure.ts';
import { TreeSamples } from '../../../bench/search/results.ts';

const apartIn = (samples: TreeSamples) =>
  samples.result({ label: '', files: 1, folders: 1 }).figures.find(({ figure }) => figure.name === 'apart')?.samples;

test('engines are compared with the first by its ten best files, in any order', () => {
  const samples = new TreeSamples();
  const ten = Array.from({ length: 10 }, (_, index) => `file-${index}`);
  const first = new Map([
    ['main', [...ten, 'eleventh']],
    ['none', []],
    ['only here', ['a']],
  ]);
  const same = new Map([['main', ten.toReversed()]]);
  const other = new Map([
    ['main', ['file-3', ...Array.from({ length: 9 }, () => 'x'), 'file-4']],
    ['none', ['a']],
  ]);
  const bests = new Map<string, Map<string, readonly string[]>>([
    ['first', first],
    ['same', same],
    ['other', other],
  ]);
  compareBests(bests, samples);
  assert.deepEqual(apartIn(samples), { same: [0], other: [90] });
});
