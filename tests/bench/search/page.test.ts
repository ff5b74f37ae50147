/** The tables of the report's page, drawn into elements that only know their texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageData } from '../../../bench/search/report/data.ts';
import type { PageElement } from '../../../bench/search/report/elements.ts';
import {
  enginesTable,
  figuresTable,
  glanceTable,
  queriesTable,
  targetsTable,
} from '../../../bench/search/report/tables.ts';
import { TreeSamples } from '../../../bench/search/results.ts';
import { headWith } from './support/head.ts';

class FakeElement implements PageElement {
  className = '';
  readonly clientWidth = 100;
  readonly tag: string;
  readonly content: (PageElement | string)[] = [];

  constructor(tag: string) {
    this.tag = tag;
  }

  get textContent(): string {
    return this.content.map((part) => (typeof part === 'string' ? part : part.textContent)).join('');
  }

  append(...content: (PageElement | string)[]): void {
    this.content.push(...content);
  }

  replaceChildren(...content: (PageElement | string)[]): void {
    this.content.splice(0, this.content.length, ...content);
  }

  setAttribute(): void {}
}

Object.assign(globalThis, { document: { createElement: (tag: string) => new FakeElement(tag) } });

const all = (element: PageElement | string, tag: string): FakeElement[] =>
  element instanceof FakeElement
    ? [...(element.tag === tag ? [element] : []), ...element.content.flatMap((part) => all(part, tag))]
    : [];

/** Cells by row; the best ones in asterisks. */
const rowsOf = (table: PageElement): string[][] =>
  all(table, 'tr').map((row) =>
    [...all(row, 'th'), ...all(row, 'td')].map((cell) =>
      cell.className === 'best' ? `*${cell.textContent}*` : cell.textContent,
    ),
  );

const THEME = { engines: ['#111111', '#222222'], text: '#000000', grid: '#000000' };
const HEAD = headWith({ id: 'grep', version: '3', kind: 'filter' });

function measured() {
  const samples = new TreeSamples();
  samples.add('warm', 'shardex', [1, 2, 3]);
  samples.add('warm', 'grep', [10, 20, 30]);
  samples.add('other', 'shardex', [4]);
  samples.addQuery('fast', 'shardex', 1);
  samples.addQuery('slow', 'shardex', 5);
  samples.addQuery('slow', 'grep', 2);
  const data = pageData(HEAD, [samples.result({ label: 'tree', files: 1000, folders: 10 })]);
  const [tree] = data.trees;
  assert.ok(tree !== undefined);
  return { data, tree };
}

test('engines that are absent are shown with the reason, and in no other table', () => {
  const { data, tree } = measured();
  assert.deepEqual(rowsOf(enginesTable(data, THEME)), [
    ['engine', 'version', 'how it is run'],
    ['shardex', '1.0.0', 'server, JSON-RPC by lines'],
    ['grep', '3', 'program started for each query'],
    ['fzf-binary', 'absent', 'no fzf on PATH'],
  ]);
  for (const table of [glanceTable(data, tree, THEME), figuresTable(data, tree), queriesTable(data, tree)]) {
    assert.doesNotMatch(table.textContent ?? '', /fzf-binary/);
  }
});

test('at a glance there is what was measured, the best of each in bold', () => {
  const { data, tree } = measured();
  assert.deepEqual(rowsOf(glanceTable(data, tree, THEME)), [
    ['engine', 'warmp50 [ms]', 'warmp99 [ms]', 'other requestp99 [ms]'],
    ['shardex', '*2*', '*3*', '4'],
    ['grep', '20', '30', '–'],
  ]);
});

test('all figures have units, numbers of samples and ratios to the first engine', () => {
  const { data, tree } = measured();
  assert.deepEqual(rowsOf(figuresTable(data, tree)), [
    ['figure', 'engine', 'n', 'p50', 'p95', 'p99', 'max', 'to shardex'],
    ['warm query [ms]', 'shardex', '3', '2', '3', '3', '3', ''],
    ['', 'grep', '3', '20', '30', '30', '30', '10 ×'],
    ['another request meanwhile [ms]', 'shardex', '1', '4', '4', '4', '4', ''],
    ['', 'grep', '–', '–', '–', '–', '–', ''],
  ]);
});

test('queries stand in the order of what they cost the first engine', () => {
  const { data, tree } = measured();
  assert.deepEqual(rowsOf(queriesTable(data, tree)), [
    ['query', 'shardex [ms]', 'grep [ms]'],
    ['slow', '5', '2'],
    ['fast', '1', '–'],
  ]);
});

test('targets are shown as met, missed or not compared, and not at all where there are none', () => {
  const { tree } = measured();
  const table = targetsTable(tree);
  assert.ok(table !== null);
  assert.deepEqual(rowsOf(table).slice(1), [
    ['met', 'warm query, median: 2.00 ms (target <= 5)'],
    ['met', 'another request meanwhile, p99: 4.00 ms (target <= 10)'],
  ]);
  const verdicts = [
    { met: false, text: 'a' },
    { met: null, text: 'b' },
  ];
  const other = targetsTable({ ...tree, verdicts });
  assert.deepEqual(rowsOf(other ?? new FakeElement('')).slice(1), [
    ['missed', 'a'],
    ['not compared', 'b'],
  ]);
  assert.equal(targetsTable({ ...tree, verdicts: [] }), null);
});
