import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Candidate } from '../../src/search/candidate.ts';
import { parseQuery } from '../../src/search/query.ts';
import { NO_MATCH, PathMatcher } from '../../src/search/score.ts';
import { UnitTable } from '../../src/search/unit-table.ts';
import { UnitSplitter } from '../../src/search/units.ts';
import vectors from './fixtures/score-vectors.json' with { type: 'json' };
import { type PlainResult, plainMatch } from './support/plain-matcher.ts';

const table = new UnitTable();
const splitter = new UnitSplitter();
const candidate = new Candidate(table, splitter);

function match(query: string, path: string): PlainResult | null {
  const matcher = new PathMatcher(parseQuery(query, table, splitter));
  const slash = path.lastIndexOf('/') + 1;
  candidate.load(path.slice(0, slash), path.slice(slash));
  const score = matcher.score(candidate);
  return score === NO_MATCH ? null : { score, indices: matcher.positions(candidate) };
}

/** Query, path, and what codex app-server 0.94.0 answers: score and indices, or null. */
const observed = vectors.map(([query, path, score, indices]) => ({
  query: String(query),
  path: String(path),
  expected: score === null ? null : { score, indices },
}));

test('scores and indices are those observed for every known query and path', () => {
  assert.equal(observed.length, 153);
  for (const { query, path, expected } of observed)
    assert.deepEqual(match(query, path), expected, `${query} on ${path}`);
});

test('the plain implementation gives the observed scores and indices as well', () => {
  for (const { query, path, expected } of observed) {
    assert.deepEqual(plainMatch(query, path), expected, `${query} on ${path}`);
  }
});

const asciiText = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(..."aabbcABC12_-. /\\$!^'"), minLength: 1, maxLength });
const anyText = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...'aabBc1_. /éÉü日本ßıİøØ\u00a0\u3000ΣК', 'e\u0301', '👨\u200d👩', '\r\n', '\u000b', '\\'),
    minLength: 1,
    maxLength,
  });

/** A query made of letters of the path, so that most of them match. */
const queryWithin = (path: string, picks: readonly number[]): string => {
  const chars = [...path];
  return [...new Set(picks.map((pick) => pick % chars.length))]
    .sort((a, b) => a - b)
    .map((at) => chars[at])
    .join('');
};

for (const [name, text] of [
  ['ASCII', asciiText],
  ['any', anyText],
] as const) {
  test(`the matcher agrees with the plain implementation on ${name} paths and queries`, () => {
    const mark = fc.constantFrom('', '', '', "'", '^', '!');
    const cases = fc.record({
      path: text(40),
      other: text(6),
      picks: fc.array(fc.nat(), { minLength: 1, maxLength: 7 }),
      mark,
      end: fc.constantFrom('', '', '$'),
      lower: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ path, other, picks, mark, end, lower }) => {
        const within = queryWithin(path, picks);
        for (const raw of [within, mark + within + end, mark + path.slice(1, 4) + end, other]) {
          const query = lower ? raw.toLowerCase() : raw;
          assert.deepEqual(match(query, path), plainMatch(query, path), JSON.stringify({ query, path }));
        }
      }),
      { numRuns: 3_000 },
    );
  });
}

/** A path of a given length in which the first match is poor and a good one comes late. */
function longPath(length: number, letter: string): { query: string; path: string } {
  const repeats = 22;
  const head = `s${'b'.repeat(repeats)}${letter}`;
  const tail = `${'/b'.repeat(repeats)}/e`;
  const middle = `${'x'.repeat(99)}/`.repeat(40).slice(0, length - head.length - tail.length);
  return { query: `s${'b'.repeat(repeats)}e`, path: head + middle.replace(/\/$/, 'x') + tail };
}

test('a path is aligned up to the size where the reference does so, and matched greedily beyond', () => {
  const scoreAt = (length: number, letter: string): number | undefined => {
    const { query, path } = longPath(length, letter);
    assert.equal(path.length, length);
    assert.deepEqual(match(query, path), plainMatch(query, path));
    return match(query, path)?.score;
  };
  assert.deepEqual([scoreAt(3_935, ''), scoreAt(3_936, '')], [509, 25]);
  assert.deepEqual([scoreAt(3_616, '日'), scoreAt(3_617, '日')], [509, 25]);
});

test('a folder that is kept from the name before does not leak into the next path', () => {
  const matcher = new PathMatcher(parseQuery('abc', table, splitter));
  const scoreOf = (folder: string, name: string): number => {
    candidate.load(folder, name);
    return matcher.score(candidate);
  };
  assert.equal(scoreOf('abc/', 'é'), match('abc', 'abc/é')?.score);
  assert.equal(scoreOf('abc/', 'x'), match('abc', 'abc/x')?.score);
  assert.equal(scoreOf('x/', 'abc'), match('abc', 'x/abc')?.score);
  assert.equal(scoreOf('é/', 'abc'), match('abc', 'é/abc')?.score);
  assert.equal(scoreOf('x/', `${'y/'.repeat(4_000)}abc`), 84);
  assert.equal(scoreOf('x/', 'y'), NO_MATCH);
});

test('a term counts as often as the query has it', () => {
  assert.deepEqual(match('ab ab c ab', 'ab/c'), { score: 3 * 59 + 34, indices: [0, 1, 3] });
});

test('any text can be a query', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', minLength: 1 }), (query, path) => {
      const found = match(query, path);
      if (found === null) return;
      assert.ok(Number.isSafeInteger(found.score) && found.score >= 0);
      assert.deepEqual(
        [...new Set(found.indices)].sort((a, b) => a - b),
        found.indices,
      );
    }),
  );
});

const SPELLINGS = ['café', 'Über', 'й', 'が', '한글', 'ά', 'Ǭ', 'é日本', 'naïve'];

test('a query finds a name however the letters of either are written, at the places of the name as it is', () => {
  for (const word of SPELLINGS) {
    const path = `src/${word}.txt`;
    const length = [...new Intl.Segmenter('en').segment(word)].length;
    const places = Array.from({ length }, (_, at) => 4 + at);
    for (const name of [path.normalize('NFC'), path.normalize('NFD')]) {
      for (const query of [word.normalize('NFC'), word.normalize('NFD')]) {
        for (const asked of [query, `'${query}`, `${query}.txt$`]) {
          const indices = match(asked, name)?.indices.slice(0, length);
          assert.deepEqual(indices, places, JSON.stringify({ asked, name }));
        }
        assert.equal(match(`!${query}`, name), null, JSON.stringify({ query, name }));
      }
    }
  }
});

test('a letter with a combining mark is found without it as in codex app-server 0.94.0, and not by another mark', () => {
  assert.deepEqual(match('cafe', 'cafe\u0301')?.indices, [0, 1, 2, 3]);
  assert.deepEqual(match('и', 'и\u0306.txt')?.indices, [0]);
  for (const name of ['è', 'e\u0300', 'e']) assert.equal(match('é', name), null, name);
  assert.equal(match('й', 'и.txt'), null);
});
