/** Random files and edits against a model that works on bytes, and random patches against files that do not fit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyPatch as applyUnified } from 'diff';
import fc from 'fast-check';
import { applyChunks } from '../../src/patch/match.ts';
import { parsePatch } from '../../src/patch/parse.ts';
import { type PatchReader, verifyPatch } from '../../src/patch/verify.ts';
import { patch } from './support/workspace.ts';

/** One line of the file before the patch, and what the patch does about it. */
interface EditedLine {
  readonly text: string;
  readonly isRemoved: boolean;
  /** Lines that come behind it. */
  readonly added: readonly string[];
  readonly end: string;
  /** A chunk of the patch ends here. */
  readonly endsChunk: boolean;
}

interface EditedFile {
  readonly mark: string;
  readonly lines: readonly EditedLine[];
  readonly isUnfinished: boolean;
  /** How the patch spells what it finds, and ends its own lines. */
  readonly respell: (text: string) => string;
  readonly patchEnd: string;
}

const piece = fc.constantFrom('a', 'Z', ' ', '\t', '\u2019', '\u2013', '\u00a0', 'é', '\f', '\u2028', '\rz', '@', '*');
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const RESPELLINGS: readonly ((text: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  (line) => line.replaceAll('\u2019', "'").replaceAll('\u2013', '-').replaceAll('\u00a0', ' '),
];

const edited = (end: fc.Arbitrary<string>): fc.Arbitrary<EditedFile> =>
  fc
    .record({
      mark: fc.constantFrom('', '\ufeff'),
      lines: fc.array(
        fc.record({
          text,
          isRemoved: fc.boolean(),
          added: fc.array(text, { maxLength: 3 }),
          end,
          endsChunk: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      isUnfinished: fc.boolean(),
      respell: fc.constantFrom(...RESPELLINGS),
      patchEnd: fc.constantFrom('\n', '\r\n'),
    })
    // Unlike lines, so that there is one place for each.
    .map((file) => ({
      ...file,
      lines: file.lines.map((line, at) => ({ ...line, text: `${line.text}${at}.${line.text}x` })),
    }));

const LF = fc.constant('\n');
const CRLF = fc.constant('\r\n');

function contentOf({ mark, lines, isUnfinished }: EditedFile): string {
  const last = lines.length - 1;
  return mark + lines.map((line, at) => line.text + (isUnfinished && at === last ? '' : line.end)).join('');
}

function patchOf({ lines, respell, patchEnd }: EditedFile): string {
  const body = lines.flatMap((line, at) => [
    ...(at === 0 || lines[at - 1]?.endsChunk === true ? ['@@'] : []),
    (line.isRemoved ? '-' : ' ') + respell(line.text),
    ...line.added.map((added) => `+${added}`),
  ]);
  return patch('*** Update File: f', ...body).replaceAll('\n', patchEnd);
}

/** The lines afterwards; `end` is undefined where the rules for added lines decide. */
function expectedLines({ lines, isUnfinished }: EditedFile): { text: string; end: string | undefined }[] {
  const last = lines.length - 1;
  return lines.flatMap(({ text: kept, isRemoved, added, end }, at) => [
    ...(isRemoved ? [] : [{ text: kept, end: isUnfinished && at === last ? undefined : end }]),
    ...added.map((one) => ({ text: one, end: undefined })),
  ]);
}

function apply(file: EditedFile): string {
  const parsed = parsePatch(patchOf(file));
  assert.ok(parsed.ok);
  const [section] = parsed.sections;
  assert.ok(section?.kind === 'update');
  const result = applyChunks(contentOf(file), section.chunks, 'f');
  assert.ok(result.ok, result.ok ? '' : result.message);
  return result.content;
}

for (const [name, end] of [
  ['LF', LF],
  ['CRLF', CRLF],
] as const) {
  test(`kept-bytes: in a file of ${name} every byte is where the model has it`, () => {
    fc.assert(
      fc.property(edited(end), (file) => {
        const lines = expectedLines(file);
        // A single line without an end says nothing about line ends.
        const ending = file.isUnfinished && file.lines.length === 1 ? '\n' : (file.lines[0]?.end ?? '');
        const whole = lines.map((line) => line.text + (line.end ?? ending)).join('');
        const isUnfinished = file.isUnfinished && lines.at(-1)?.end === undefined;
        const expected = file.mark + (isUnfinished ? whole.slice(0, whole.length - ending.length) : whole);
        assert.equal(JSON.stringify(apply(file)), JSON.stringify(expected));
      }),
      { numRuns: 1_000 },
    );
  });
}

test('kept-bytes: in a file of mixed line ends kept lines keep theirs, and every line but the last has one', () => {
  fc.assert(
    fc.property(edited(fc.constantFrom('\n', '\r\n')), (file) => {
      let rest = apply(file).slice(file.mark.length);
      const lines = expectedLines(file);
      for (const [at, { text: line, end }] of lines.entries()) {
        const isLast = at === lines.length - 1;
        const ends = end === undefined ? ['\r\n', '\n', ...(isLast && file.isUnfinished ? [''] : [])] : [end];
        const found = ends.find((one) => rest.startsWith(line + one));
        assert.ok(found !== undefined, JSON.stringify([rest, line, ends]));
        rest = rest.slice(line.length + found.length);
      }
      assert.equal(rest, '');
    }),
    { numRuns: 1_000 },
  );
});

const FILES = ['a', 'b', 'dir/c'];
const patchLine = fc.oneof(
  fc.constantFrom('@@', '@@ x', '*** End of File', '', ' x', '-x', '+x', ' y ', '-y', '+', '-', ' ', '+\ufeffx'),
  fc
    .constantFrom(...FILES)
    .chain((name) =>
      fc.constantFrom(
        `*** Add File: ${name}`,
        `*** Delete File: ${name}`,
        `*** Update File: ${name}`,
        `*** Move to: ${name}`,
      ),
    ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const fileText = fc.array(fc.constantFrom('x', 'y', '\n', '\r\n', '\ufeff', 'x\n', 'y\n'), { maxLength: 8 });

function memory(files: ReadonlyMap<string, string>): PatchReader {
  return {
    async readFile(path) {
      const content = files.get(path);
      if (content === undefined) throw Object.assign(new Error('no file'), { code: 'ENOENT', errno: -2 });
      return Buffer.from(content);
    },
    readLink: async () => null,
    place: async (path) => path,
    isSameName: async () => false,
  };
}

test('any patch is refused in words or planned, and the diff that is shown is what the plan does', async () => {
  const contents = fc.record({ a: fileText, b: fileText });
  await fc.assert(
    fc.asyncProperty(fc.array(patchLine, { maxLength: 14 }), contents, async (lines, { a, b }) => {
      const parsed = parsePatch(patch(...lines));
      if (!parsed.ok) return assert.ok(parsed.message.length > 0);
      const files = new Map([
        ['/w/a', a.join('')],
        ['/w/b', b.join('')],
      ]);
      const verified = await verifyPatch(parsed.sections, { cwd: '/w', disk: memory(files), names: 'absolute' });
      if (!verified.ok) return assert.ok(verified.message.startsWith('Failed to '), verified.message);
      for (const change of verified.changes) {
        if (change.kind !== 'update' || change.unifiedDiff === '') continue;
        assert.equal(change.oldContent, files.get(change.path));
        const shown = applyUnified(change.oldContent, change.unifiedDiff, { autoConvertLineEndings: false });
        assert.equal(shown, change.newContent);
        const place = change.movePath ?? change.path;
        assert.equal(verified.plan.steps.find((step) => step.place === place)?.after, change.newContent);
      }
    }),
    { numRuns: 2_000 },
  );
});
