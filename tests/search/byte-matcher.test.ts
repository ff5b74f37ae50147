import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteMatcher } from '../../src/search/byte-matcher.ts';
import { letterBit, parseQuery } from '../../src/search/query.ts';
import { NO_MATCH } from '../../src/search/score.ts';
import { TextTools } from '../../src/search/text-tools.ts';
import { isPlainAscii } from '../../src/search/units.ts';
import vectors from './fixtures/score-vectors.json' with { type: 'json' };
import { plainMatch } from './support/plain-matcher.ts';

const { table, splitter, asciiBonuses } = new TextTools();

const matcherOf = (query: string): ByteMatcher | undefined =>
  ByteMatcher.of(parseQuery(query, table, splitter), asciiBonuses);

function scoreOf(matcher: ByteMatcher, folder: string, name: string): number | null {
  const bytes = Buffer.from(folder + name);
  matcher.enter(bytes, 0, folder.length);
  const score = matcher.score(bytes, folder.length, bytes.length, folder.length);
  return score === NO_MATCH ? null : score;
}

const divided = (path: string): [string, string] => {
  const slash = path.lastIndexOf('/') + 1;
  return [path.slice(0, slash), path.slice(slash)];
};

test('plain ASCII paths get the observed scores for fuzzy queries', () => {
  let seen = 0;
  for (const [query, path, score] of vectors) {
    const matcher = matcherOf(String(query));
    if (matcher === undefined || !isPlainAscii(String(path))) continue;
    seen += 1;
    assert.equal(scoreOf(matcher, ...divided(String(path))), score, `${query} on ${path}`);
  }
  assert.ok(seen > 60, `${seen}`);
});

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'aabbcABC12_-. '), minLength: 1, maxLength });

const lettersOf = (name: string): number =>
  [...name.toLowerCase()].reduce((letters, char) => letters | letterBit(char.charCodeAt(0)), 0);

test('no name is worth more than what its letters promise', () => {
  const cases = fc.record({
    folders: fc.array(fc.string({ unit: fc.constantFrom(...'abcB1_-'), minLength: 1, maxLength: 8 }), { maxLength: 4 }),
    name: fc.string({ unit: fc.constantFrom(...'abcB1_-'), minLength: 1, maxLength: 10 }),
    query: fc.string({ unit: fc.constantFrom(...'aabc1_///'), minLength: 1, maxLength: 6 }),
  });
  fc.assert(
    fc.property(cases, ({ folders, name, query }) => {
      const matcher = matcherOf(query);
      if (matcher === undefined) return;
      const folder = folders.map((each) => `${each}/`).join('');
      const score = scoreOf(matcher, folder, name) ?? 0;
      const bound = matcher.bound(lettersOf(name));
      assert.ok(bound >= score, JSON.stringify({ query, folder, name, score, bound }));
    }),
    { numRuns: 20_000 },
  );
});

test('names of one folder get the scores of the plain implementation, whatever was scored before', () => {
  const cases = fc.record({
    folders: fc.array(text(8), { maxLength: 3 }),
    names: fc.array(text(12), { minLength: 1, maxLength: 5 }),
    query: text(6),
  });
  fc.assert(
    fc.property(cases, ({ folders, names, query }) => {
      const matcher = matcherOf(query);
      if (matcher === undefined) return;
      const folder = folders.map((each) => `${each}/`).join('');
      matcher.enter(Buffer.from(folder), 0, folder.length);
      for (const name of [...names, ...names]) {
        const bytes = Buffer.from(`??${name}`);
        const score = matcher.score(bytes, 2, bytes.length, folder.length);
        const expected = plainMatch(query, folder + name)?.score ?? NO_MATCH;
        assert.equal(score, expected, JSON.stringify({ query, folder, name }));
      }
    }),
    { numRuns: 10_000 },
  );
});

test('queries with signs, other letters or very long terms are left to the general matcher', () => {
  for (const query of ["'a", '^a', 'a$', '!a', 'é', 'x'.repeat(31)]) assert.equal(matcherOf(query), undefined, query);
  assert.notEqual(matcherOf('x'.repeat(30)), undefined);
});
