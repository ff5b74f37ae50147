import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SearchRequest } from '../../src/contract/search-messages.ts';
import { runSearch } from '../../src/search/job.ts';
import { onThirdAsking } from './support/flag.ts';
import { Tree } from './support/tree.ts';

const request = (tree: Tree, query: string, more: Partial<SearchRequest> = {}): SearchRequest => ({
  query,
  roots: [{ given: 'as given', absolute: tree.root }],
  ranking: 'path',
  limit: 50,
  maxMs: 60_000,
  userFolders: { home: '/nowhere', config: '/nowhere' },
  ...more,
});

const search = (tree: Tree, query: string, more: Partial<SearchRequest> = {}): string[] =>
  runSearch(request(tree, query, more), () => false).files.map(({ path, score }) => `${path} ${score}`);

test('equal scores are in the byte order of their paths', () => {
  using tree = Tree.of(['b/g', 'g', 'a/g', 'Z/g', 'é/g', 'gg', 'xg', 'none']);
  assert.deepEqual(search(tree, 'g'), ['Z/g 34', 'a/g 34', 'b/g 34', 'g 34', 'gg 34', 'é/g 34', 'xg 16']);
});

test('a file is given with the place of its root, score, length and indices', () => {
  using tree = Tree.of(['abc', 'abcde', 'abexy', 'zzz.txt', 'sub/abce']);
  assert.deepEqual(
    runSearch(request(tree, 'abe'), () => false),
    {
      files: [
        { rootIndex: 0, path: 'abexy', score: 84, length: 5, indices: [0, 1, 2] },
        { rootIndex: 0, path: 'sub/abce', score: 72, length: 8, indices: [4, 5, 7] },
        { rootIndex: 0, path: 'abcde', score: 71, length: 5, indices: [0, 1, 4] },
      ],
      cancelled: false,
    },
  );
});

test('of equal scores the shorter paths are kept, then the lower bytes', () => {
  using tree = Tree.of(['a3', 'a1', 'a22', 'a2', 'a111']);
  assert.deepEqual(search(tree, 'a', { limit: 3 }), ['a1 34', 'a2 34', 'a3 34']);
  assert.deepEqual(search(tree, 'a', { limit: 2 }), ['a1 34', 'a2 34']);
  assert.deepEqual(search(tree, 'a', { limit: 4 }), ['a1 34', 'a2 34', 'a22 34', 'a3 34']);
});

test('an empty query finds nothing, one without any term finds every file', () => {
  using tree = Tree.of(['b', 'a/c']);
  assert.deepEqual(search(tree, ''), []);
  assert.deepEqual(search(tree, 'b', { roots: [] }), []);
  for (const query of ['  ', '$', '!', '^ !']) assert.deepEqual(search(tree, query), ['a/c 0', 'b 0']);
});

test('several roots share one list and one limit', () => {
  using one = Tree.of(['xa', 'a']);
  using two = Tree.of(['a', 'b']);
  const roots = [
    { given: 'one', absolute: one.root },
    { given: 'two', absolute: two.root },
  ];
  const { files } = runSearch(request(one, 'a', { roots, limit: 2 }), () => false);
  assert.deepEqual(
    files.map(({ rootIndex, path }) => [rootIndex, path]),
    [
      [0, 'a'],
      [1, 'a'],
    ],
  );
});

test('a stopped search says so and gives what it has', () => {
  // In small folders, which are read without asking in between.
  const names = Array.from({ length: 600 }, (_, index) => `${Math.floor(index / 100)}/a${index}`);
  using tree = Tree.of(names);
  const isCancelled = onThirdAsking();
  const outcome = runSearch(request(tree, 'a'), isCancelled);
  assert.equal(outcome.cancelled, true);
  assert.equal(outcome.files.length, 50);
  assert.deepEqual(
    runSearch(request(tree, 'a'), () => true),
    { files: [], cancelled: true },
  );
});

test('the fzf ranking scores as that package does and counts positions in the same units', () => {
  using tree = Tree.of(['src/main.rs', 'e\u0301/👨main', 'Main', 'other']);
  const { files } = runSearch(request(tree, 'main', { ranking: 'fzf' }), () => false);
  assert.deepEqual(
    files.map(({ path, indices }) => [path, indices]),
    [
      ['Main', [0, 1, 2, 3]],
      ['e\u0301/👨main', [3, 4, 5, 6]],
      ['src/main.rs', [4, 5, 6, 7]],
    ],
  );
  assert.equal(files[0]?.score, 104);
});

test('the fzf ranking understands its own query signs', () => {
  using tree = Tree.of(['foo.ts', 'bar.ts', 'bar.rs', 'baz']);
  const paths = (query: string): string[] =>
    runSearch(request(tree, query, { ranking: 'fzf' }), () => false)
      .files.map(({ path }) => path)
      .sort();
  assert.deepEqual(paths('foo | bar'), ['bar.rs', 'bar.ts', 'foo.ts']);
  assert.deepEqual(paths('^ba !.rs$'), ['bar.ts', 'baz']);
  assert.deepEqual(paths("'ar"), ['bar.rs', 'bar.ts']);
  assert.deepEqual(paths('  '), ['bar.rs', 'bar.ts', 'baz', 'foo.ts']);
  assert.deepEqual(paths('FOO'), []);
});

test('the fzf ranking keeps the best of more files than it ranks at once', () => {
  using tree = Tree.of([...Array.from({ length: 4_500 }, (_, index) => `d/xx${index}a`), 'a']);
  assert.deepEqual(search(tree, 'a', { ranking: 'fzf', limit: 1 }).length, 1);
  assert.match(search(tree, 'a', { ranking: 'fzf', limit: 1 })[0] ?? '', /^a /);
});

test('the fzf ranking finds a name however the letters of either are written', () => {
  for (const name of ['né.txt', 'ne\u0301.txt']) {
    using tree = Tree.of([`d/${name}`]);
    for (const query of ['né', 'ne\u0301']) {
      const { files } = runSearch(request(tree, query, { ranking: 'fzf' }), () => false);
      assert.deepEqual(
        files.map(({ path, indices }) => [path, indices]),
        [[`d/${name}`, [2, 3]]],
        JSON.stringify(query),
      );
    }
  }
});
