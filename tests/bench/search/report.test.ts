import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { jsonReport, pageData, RANKS } from '../../../bench/search/report/data.ts';
import { renderPage } from '../../../bench/search/report/html.ts';
import { TreeSamples } from '../../../bench/search/results.ts';
import { renderTree } from '../../../bench/search/table.ts';
import { verdictsOf } from '../../../bench/search/targets.ts';
import { projectRoot } from '../../support/project.ts';
import { headWith } from './support/head.ts';

const HEAD = headWith({ id: 'reference', version: '0.94.0', kind: 'server' }, ['</script><script>alert(1)</script>']);

function measured(files = 1000) {
  const samples = new TreeSamples();
  samples.add('warm', 'shardex', [1, 2, 3]);
  samples.add('warm', 'reference', [100, 110, 120]);
  samples.add('watches', 'shardex', [7]);
  samples.addQuery('main', 'shardex', 2);
  samples.addTrace(['m', 'ma'], 'shardex', [1, 2]);
  samples.addTrace(['m', 'ma'], 'shardex', [3, 4]);
  samples.addTrace(['m', 'ma'], 'reference', [9]);
  return samples.result({ label: 'tree', files, folders: 10 });
}

test('the table has a row for each engine, ratios to the first, and nothing where nothing was measured', () => {
  const lines = renderTree(measured(78_000), ['shardex', 'reference']).split('\n');
  assert.equal(lines[0], 'tree: 78,000 files in 10 folders');
  assert.match(lines[2] ?? '', /^figure +engine +n +p50 +p95 +p99 +max +x shardex$/);
  assert.match(lines[3] ?? '', /^warm query \[ms\] +shardex +3 +2\.00 +3\.00 +3\.00 +3\.00$/);
  assert.match(lines[4] ?? '', /^ +reference +3 +110 +120 +120 +120 +55\.0$/);
  assert.match(lines[6] ?? '', /^ +reference +-$/);
  assert.equal(lines.at(-1), 'met     warm query, median: 0.0182 x (target <= 0.02 x reference)');
});

test('targets hold for trees of their size only, and without the other engine nothing is said', () => {
  const texts = (files: number) => verdictsOf(measured(files)).map(({ text }) => text);
  assert.deepEqual(texts(1000), ['warm query, median: 2.00 ms (target <= 5)']);
  assert.equal(texts(78_000).length, 2);
  assert.deepEqual(texts(900_000), [
    'warm query, median: 2.00 ms (target <= 40)',
    'warm query, p99: 3.00 ms (target <= 150)',
  ]);
  assert.deepEqual(texts(2_000_000), []);
  const alone = new TreeSamples();
  alone.add('warm', 'shardex', [6]);
  const verdicts = verdictsOf(alone.result({ label: '', files: 60_000, folders: 1 }));
  assert.deepEqual(
    verdicts.map(({ met }) => met),
    [false, null],
  );
});

test('the JSON report has every sample, by figure, query and key stroke', () => {
  const report = JSON.parse(JSON.stringify(jsonReport(HEAD, [measured()])));
  const [tree] = report.trees;
  const [warm] = tree.figures;
  assert.deepEqual([warm.name, warm.unit, warm.engines.shardex.n], ['warm', 'ms', 3]);
  assert.deepEqual(warm.engines.reference.samples, [100, 110, 120]);
  assert.deepEqual(tree.queries, [{ query: 'main', samples: { shardex: [2] } }]);
  assert.deepEqual(tree.traces[0].samples.shardex, [
    [1, 3],
    [2, 4],
  ]);
  assert.deepEqual(report.absent, HEAD.absent);
});

test('the page gets distributions and medians, not samples', () => {
  const [tree] = pageData(HEAD, [measured()]).trees;
  assert.equal(tree?.figures[0]?.percentiles?.shardex?.length, RANKS.length);
  assert.equal(tree?.figures[0]?.percentiles?.shardex?.at(-1), 3);
  assert.equal(tree?.figures[1]?.percentiles, null);
  assert.deepEqual(tree?.traces[0]?.medians, { shardex: [2, 3], reference: [9, null] });
  assert.equal(tree?.figures[0]?.engines.reference?.ratio, 55);
});

test('the page holds its data, its program and its styles, and loads nothing', async () => {
  const data = pageData(HEAD, [measured()]);
  const page = await renderPage(data, pathToFileURL(`${projectRoot()}/`));
  const scripts = [...page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)].map(([, kind = '', text = '']) => [
    kind,
    text,
  ]);
  assert.equal(scripts.length, 2, 'no text of the data ends its element');
  assert.match(scripts[0]?.[0] ?? '', /application\/json/);
  assert.deepEqual(JSON.parse(scripts[0]?.[1] ?? ''), JSON.parse(JSON.stringify(data)));
  assert.doesNotThrow(() => new Script(scripts[1]?.[1] ?? '('));
  assert.match(page, /\.uplot/, 'styles of the plots');
  assert.doesNotMatch(page, /<(?:link|img|iframe)|\bsrc=|@import|url\(/);
  assert.match(page, /default-src 'none'/);
  assert.ok(page.length < 150_000, `${page.length} characters`);
});
