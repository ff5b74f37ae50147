import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyChunks } from '../../src/patch/match.ts';
import type { PatchChunk, PatchLine } from '../../src/patch/parse.ts';

const lines = (kind: PatchLine['kind'], texts: readonly string[]): PatchLine[] => texts.map((text) => ({ kind, text }));

/** Lines that go, and lines that come in their place. */
const chunk = (removed: string[], added: string[], more: Partial<PatchChunk> = {}): PatchChunk => ({
  headers: [],
  lines: [...lines('remove', removed), ...lines('add', added)],
  atEndOfFile: false,
  ...more,
});

const apply = (original: string, ...chunks: PatchChunk[]): string => {
  const result = applyChunks(original, chunks, '/w/file');
  assert.ok(result.ok, result.ok ? '' : result.message);
  return result.content;
};

const errorOf = (original: string, ...chunks: PatchChunk[]): string => {
  const result = applyChunks(original, chunks, '/w/file');
  assert.ok(!result.ok, 'the chunks matched');
  return result.message;
};

test('old lines give way to new ones, at the first place', () => {
  assert.equal(apply('a\nb\na\n', chunk(['a'], ['x', 'y'])), 'x\ny\nb\na\n');
});

test('a later chunk is looked for behind the earlier one', () => {
  assert.equal(apply('a\nb\na\n', chunk(['a'], ['x']), chunk(['a'], ['y'])), 'x\nb\ny\n');
  assert.match(errorOf('a\nb\n', chunk(['b'], ['x']), chunk(['a'], ['y'])), /^Failed to find expected lines/);
});

test('a context moves the search behind its line', () => {
  assert.equal(apply('f\nx\ng\nx\n', chunk(['x'], ['y'], { headers: ['g'] })), 'f\nx\ng\ny\n');
});

test('a context that is not there is an error', () => {
  assert.equal(errorOf('a\n', chunk(['a'], [], { headers: ['g'] })), "Failed to find context 'g' in /w/file");
});

test('lines that are not there are an error that shows them', () => {
  assert.equal(errorOf('a\n', chunk(['b', 'c'], [])), 'Failed to find expected lines in /w/file:\nb\nc');
});

test('a chunk of additions without a header goes to the end', () => {
  assert.equal(apply('a\nb\n', chunk([], ['x'])), 'a\nb\nx\n');
});

test('a chunk of additions with a header goes behind its line, and so do the next ones', () => {
  const behindA = chunk([], ['x'], { headers: ['a'] });
  assert.equal(apply('a\nb\na\nb\n', behindA), 'a\nx\nb\na\nb\n');
  assert.equal(apply('a\nb\na\nb\n', behindA, behindA), 'a\nx\nb\na\nx\nb\n');
});

test('headers are looked for one behind the other', () => {
  const nested = chunk(['x'], ['y'], { headers: ['b', 'f'] });
  assert.equal(apply('a\nf\nx\nb\nx\nf\nx\n', nested), 'a\nf\nx\nb\nx\nf\ny\n');
  assert.equal(errorOf('f\nb\nx\n', nested), "Failed to find context 'f' in /w/file");
});

test('additions go before a final empty line', () => {
  assert.equal(apply('a\n\n', chunk([], ['x'])), 'a\nx\n\n');
});

test('additions to an empty file are its text', () => {
  assert.equal(apply('', chunk([], ['x'])), 'x\n');
});

test('the end marker takes the lines at the end only', () => {
  assert.equal(apply('a\nb\na\n', chunk(['a'], ['z'], { atEndOfFile: true })), 'a\nb\nz\n');
  assert.match(errorOf('a\nb\n', chunk(['a'], ['z'], { atEndOfFile: true })), /^Failed to find expected lines/);
});

test('at the end of the file a context may name a line of the match', () => {
  assert.equal(apply('a\nb\n', chunk(['a', 'b'], ['c'], { headers: ['a'], atEndOfFile: true })), 'c\n');
});

test('lines that an earlier chunk replaced are not replaced again', () => {
  const again = chunk(['a'], ['y'], { atEndOfFile: true });
  assert.match(errorOf('a\n', chunk(['a'], ['x']), again), /^Failed to find expected lines/);
});

test('an empty last line is given up when it does not match', () => {
  assert.equal(apply('a\nb\n', chunk(['a', 'b', ''], ['a', 'c', ''])), 'a\nc\n');
  assert.equal(apply('a\nb\n', chunk(['b', ''], ['c'])), 'a\nc\n');
});

test('a strict match anywhere goes before a lenient one', () => {
  assert.equal(apply('a \na\n', chunk(['a'], ['x'])), 'a \nx\n');
  assert.equal(apply(' a\na \n', chunk(['a'], ['x'])), ' a\nx\n');
});

test('white space at the ends does not matter, then typography', () => {
  assert.equal(apply('\t a\n', chunk(['a'], ['x'])), 'x\n');
  assert.equal(apply('\u2018a\u2019 \u2013 \u201cb\u201d\u00a0c\n', chunk(['\'a\' - "b" c'], ['x'])), 'x\n');
  assert.match(errorOf('a  b\n', chunk(['a b'], ['x'])), /^Failed to find expected lines/);
});

test('an empty kept line that is given up stays where additions follow it', () => {
  const kept = { ...chunk([], []), lines: [...lines('keep', ['b', '']), ...lines('add', ['x'])] };
  assert.equal(apply('a\nb\n', kept), 'a\nb\n\nx\n');
});

test('a file of almost equal lines is given up', () => {
  const width = 25_000;
  const wanted = Array.from({ length: width }, (_, at) => (at % 2 === 0 || at === width - 2 ? 'a' : 'b'));
  wanted[width - 1] = 'a';
  const file = 'a\nb\n'.repeat(width);
  assert.match(errorOf(file, chunk(wanted, [])), /^Failed to (find expected lines in|update) \/w\/file/);
});

test('blank lines at the end of the file are kept', () => {
  assert.equal(apply('a\n\n\n', chunk(['a'], ['x'])), 'x\n\n\n');
  assert.equal(apply('a\n', chunk(['a'], ['a', ''])), 'a\n\n');
});

test('a line replaced by itself leaves any file as it was', () => {
  const line = fc.constantFrom('a', 'b', '', ' a', 'c\rd');
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.nat(), (lines, at) => {
      const picked = lines[at % lines.length] ?? '';
      assert.equal(apply(`${lines.join('\n')}\n`, chunk([picked], [picked])), `${lines.join('\n')}\n`);
    }),
  );
});

test('a chunk cut out of a file with unlike lines puts the new lines in its place', () => {
  const lines = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1 });
  fc.assert(
    fc.property(
      lines,
      fc.nat(),
      fc.nat(),
      fc.array(fc.string({ unit: fc.constantFrom('x', ' ') })),
      (all, a, b, fresh) => {
        const from = a % all.length;
        const to = from + 1 + (b % (all.length - from));
        const expected = [...all.slice(0, from), ...fresh, ...all.slice(to)];
        const result = apply(`${all.join('\n')}\n`, chunk(all.slice(from, to), fresh));
        assert.equal(result, expected.length === 0 ? '' : `${expected.join('\n')}\n`);
      },
    ),
  );
});
