import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deriveQueries, keyStrokes, parseQueries } from '../../../bench/search/queries.ts';
import { rotated } from '../../../bench/search/steps.ts';

test('a query file has one query a line, typed ones marked, comments and blank lines left out', () => {
  const text = '# for reviewers\nmain\n\n> compidx\nsrc main\r\n   \n # no comment\n';
  assert.deepEqual(parseQueries(text), { single: ['main', 'src main', ' # no comment'], typed: ['compidx'] });
});

test('without marked queries the first long ones are typed', () => {
  assert.deepEqual(parseQueries('ab\nmain\nlib').typed, ['main', 'lib']);
  assert.deepEqual(parseQueries('ab').typed, ['ab']);
  assert.deepEqual(parseQueries('> main').single, ['main']);
});

test('a file without a query is an error', () => {
  assert.throws(() => parseQueries('# nothing\n\n'), /--queries.*no query/);
});

test('queries made up from paths are the same for the same seed, and never blank', () => {
  const paths = fc.array(fc.string({ minLength: 1 }), { minLength: 1 });
  fc.assert(
    fc.property(paths, fc.nat(), (names, seed) => {
      const made = deriveQueries(names, seed);
      assert.deepEqual(deriveQueries(names, seed), made);
      assert.equal(made.single.length, 60);
      assert.equal(made.typed.length, 5);
      assert.ok(made.typed.every((query) => query !== ''));
      assert.ok(made.single.every((query) => query.trim() !== ''));
    }),
  );
});

test('made up queries come from the names of files and their folders', () => {
  const { single } = deriveQueries(['src/components/user-session.tsx'], 1);
  for (const query of [
    'usersession',
    'user',
    'components usersession',
    'com/user',
    "'usersession",
    'user-session.tsx',
  ]) {
    assert.ok(single.includes(query), query);
  }
});

test('a query is typed letter by letter, and blanks alone are not asked for', () => {
  assert.deepEqual(keyStrokes('a é😀'), ['a', 'a ', 'a é', 'a é😀']);
  assert.deepEqual(keyStrokes(' a'), [' a']);
});

test('every round begins with other queries', () => {
  const list = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
  assert.deepEqual(rotated(list, 0), list);
  assert.deepEqual(rotated(list, 1).slice(0, 2), ['h', 'i']);
  assert.deepEqual(rotated([], 3), []);
});
