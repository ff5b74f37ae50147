import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import ignore from 'ignore';
import { NameFilter } from '../../src/search/name-filter.ts';

const unit = fc.constantFrom('a', 'b', '.', '*', '**', '?', '/', '!', '[ab]', '\\', ' ', '#', '(', '+');
const line = fc.string({ unit, maxLength: 7 });
const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', ' ', '#', '(', '+'), minLength: 1, maxLength: 4 });

test('a name that no line is about is never one that the rules decide on', () => {
  const cases = fc.record({ lines: fc.array(line, { maxLength: 4 }), folders: fc.array(name, { maxLength: 2 }), name });
  fc.assert(
    fc.property(cases, ({ lines, folders, name: last }) => {
      const rules = ignore({ ignoreCase: false }).add(lines);
      const folder = folders.map((each) => `${each}/`).join('');
      for (const asked of [last, `${last}/`]) {
        if (/^\.\.?$/.test(last) || folders.some((each) => /^\.\.?$/.test(each))) return;
        if (new NameFilter(lines).mayConcern(asked)) return;
        if (folder !== '' && ancestorsIgnored(rules, folders)) return;
        const { ignored, unignored } = rules.test(folder + asked);
        assert.deepEqual(
          { ignored, unignored },
          { ignored: false, unignored: false },
          JSON.stringify({ lines, asked }),
        );
      }
    }),
    { numRuns: 5_000 },
  );
});

function ancestorsIgnored(rules: ReturnType<typeof ignore>, folders: readonly string[]): boolean {
  return folders.some((_, index) => {
    const { ignored, unignored } = rules.test(
      folders
        .slice(0, index + 1)
        .map((each) => `${each}/`)
        .join(''),
    );
    return ignored || unignored;
  });
}

test('names that lines are about are found by name, ending and pattern', () => {
  const filter = new NameFilter(['# note', '', '*.o', '/build/', 'a?c*', '!keep']);
  for (const about of ['x.o', 'build', 'build/', 'abcd', 'keep']) assert.equal(filter.mayConcern(about), true, about);
  for (const other of ['x.c', 'builds', 'note', 'o', 'ac']) assert.equal(filter.mayConcern(other), false, other);
});
