import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FzfRanking } from '../../src/search/fzf-ranking.ts';
import { scanSlices } from '../../src/search/scan.ts';
import { TextTools } from '../../src/search/text-tools.ts';
import vectors from './fixtures/score-vectors.json' with { type: 'json' };
import { onThirdAsking } from './support/flag.ts';
import { pathsOf } from './support/indexes.ts';
import { plainMatch } from './support/plain-matcher.ts';
import { bitsFor, countBits, partOf, requestOf, scanned, snapshotOf } from './support/snapshots.ts';

/** The fifty best, worked out with the plain implementation. */
function plainSearch(query: string, paths: readonly string[], limit = 50): unknown[] {
  const matches = [...new Set(paths)].flatMap((path) => {
    const result = plainMatch(query, path);
    return result === null
      ? []
      : [{ path, ...result, bytes: Buffer.from(path), length: [...new Intl.Segmenter('en').segment(path)].length }];
  });
  matches.sort((a, b) => b.score - a.score || a.length - b.length || Buffer.compare(a.bytes, b.bytes));
  const kept = matches.slice(0, limit);
  kept.sort((a, b) => b.score - a.score || Buffer.compare(a.bytes, b.bytes));
  return kept.map(({ path, score, indices }) => [0, path, score, indices]);
}

test('every observed query and path has its score and indices through an index', () => {
  for (const [query, path, score, indices] of vectors) {
    const expected = score === null ? [] : [[0, path, score, indices]];
    const part = partOf(snapshotOf([String(path)]));
    assert.deepEqual(scanned(String(query), [part]), expected, `${query} on ${path}`);
  }
});

const name = fc.string({
  unit: fc.constantFrom(...'aabcAB1_-. é日', 'e\u0301', '\r', '\n', '👨'),
  minLength: 1,
  maxLength: 6,
});
const paths = fc.uniqueArray(
  fc.tuple(fc.array(name, { maxLength: 3 }), name).map(([folders, last]) => [...folders, last].join('/')),
  { maxLength: 40 },
);
const term = fc
  .tuple(
    fc.constantFrom('', '', '', '', "'", '^', '!', '!^'),
    fc.string({ unit: fc.constantFrom(...'abAB1_./é'), minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', '', '$'),
  )
  .map((parts) => parts.join(''));
const query = fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => terms.join(' '));

test('an index gives the files, scores and indices that the plain implementation gives', () => {
  fc.assert(
    fc.property(paths, query, fc.integer({ min: 1, max: 12 }), (all, asked, limit) => {
      assert.deepEqual(scanned(asked, [partOf(snapshotOf(all))], { limit }), plainSearch(asked, all, limit));
    }),
    { numRuns: 3_000 },
  );
});

test('a query that continues another one finds the same among its matches as among all files', () => {
  const typed = fc.string({ unit: fc.constantFrom(...'abAB1_./ é'), minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(paths, typed, (all, asked) => {
      const snapshot = snapshotOf(all);
      let among: SharedArrayBuffer | undefined;
      for (let length = 1; length <= asked.length; length++) {
        const matched = bitsFor(snapshot);
        const found = scanned(asked.slice(0, length), [partOf(snapshot, { among, matched })], { limit: 5 });
        assert.deepEqual(found, plainSearch(asked.slice(0, length), all, 5));
        among = matched;
      }
    }),
    { numRuns: 1_000 },
  );
});

const many = Array.from({ length: 20_000 }, (_, index) => `folder-${index % 700}/file-${index}.txt`);

test('only files that matched the query before are looked at again', () => {
  const snapshot = snapshotOf(many);
  const matched = bitsFor(snapshot);
  scanned('19999', [partOf(snapshot, { matched })]);
  assert.equal(countBits(matched), plainSearch('19999', many, 20_000).length);
  assert.equal(scanned('file', [partOf(snapshot, { among: bitsFor(snapshot) })]).length, 0);
  assert.deepEqual(
    scanned('file', [partOf(snapshot, { among: matched })], { limit: 1_000 }).length,
    countBits(matched),
  );
});

test('threads that share a counter divide the slices: no file is seen twice, none is left out', () => {
  const snapshot = snapshotOf(many);
  assert.ok(snapshot.slices.length > 5);
  const nextSlice = new SharedArrayBuffer(4);
  Atomics.store(new Int32Array(nextSlice), 0, 3);
  const more = { limit: many.length, nextSlice };
  const rest = scanSlices(requestOf('file', [partOf(snapshot)], more), () => false).files;
  const first = scanSlices(
    requestOf('file', [partOf({ ...snapshot, slices: snapshot.slices.slice(0, 4) })], { limit: many.length }),
    () => false,
  ).files;
  assert.deepEqual([...rest, ...first].map(({ path }) => path).sort(), [...many].sort());
  assert.deepEqual(scanSlices(requestOf('file', [partOf(snapshot)], more), () => false).files, []);
});

test('a scan that is stopped says so and gives what it has', () => {
  const part = partOf(snapshotOf(many));
  const outcome = scanSlices(requestOf('file', [part]), onThirdAsking());
  assert.equal(outcome.cancelled, true);
  assert.equal(outcome.files.length, 50);
  assert.deepEqual(
    scanSlices(requestOf('file', [part]), () => true),
    { files: [], cancelled: true },
  );
});

test('a file below nested roots is reported below the deepest one', () => {
  const all = ['a/x', 'a/b/x', 'a/bc/x', 'x', 'é/b/x'];
  const inner = [
    { folder: 'a/', rootIndex: 1 },
    { folder: 'a/b/', rootIndex: 2 },
    { folder: 'é/', rootIndex: 3 },
  ];
  assert.deepEqual(scanned('x', [partOf(snapshotOf(all), { inner })]), [
    [3, 'b/x', 34, [2]],
    [1, 'bc/x', 34, [3]],
    [0, 'x', 34, [0]],
    [1, 'x', 34, [0]],
    [2, 'x', 34, [0]],
  ]);
});

test('the fzf ranking gives the same through an index as without', () => {
  const all = ['src/main.rs', 'e\u0301/👨main', 'Main', 'other', 'm/a-i/n', 'domain'];
  for (const asked of ['main', "'main", 'mn | other', '!main', 'éma']) {
    const plain = new FzfRanking(asked, 3, new TextTools());
    for (const path of all) plain.offer(0, '', path);
    const expected = plain.finish().map((file) => [file.rootIndex, file.path, file.score, file.indices]);
    assert.deepEqual(scanned(asked, [partOf(snapshotOf(all))], { ranking: 'fzf', limit: 3 }), expected);
  }
});

test('names and folders come back from shared memory as they went in', () => {
  fc.assert(
    fc.property(paths, (all) => {
      assert.deepEqual(pathsOf(snapshotOf(all)), [...all].sort());
    }),
  );
});
