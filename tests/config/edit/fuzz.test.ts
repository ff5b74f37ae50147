import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDocument, printDocument } from '../../../src/config/edit/document.ts';
import { applyEdit, editToml, sameValue, type TomlEdit, type TomlPath } from '../../../src/config/edit/edit.ts';
import { readToml, type TomlTable, type TomlValue } from '../../../src/config/toml.ts';
import { type Comment, type RandomDocument, randomDocuments } from './documents.ts';

const RUNS = { numRuns: 1500 };

const strings = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('"', "'", '\\', '\n', '\t', '\r', '\u0007', 'a', '#', ' ', 'é', '\u007f') }),
);
const scalars: fc.Arbitrary<TomlValue> = fc.oneof(
  strings,
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double(),
  fc.boolean(),
);
const { values } = fc.letrec<{ values: TomlValue; tables: TomlTable }>((tie) => ({
  values: fc.oneof({ maxDepth: 3 }, scalars, fc.array(tie('values'), { maxLength: 3 }), tie('tables')),
  tables: fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', ''), strings), tie('values'), { maxKeys: 3 }),
}));

const read = (text: string): TomlTable => {
  const result = readToml(text);
  assert.ok(result.ok, result.ok ? '' : `${result.fault.reason}\n${text}`);
  return result.table;
};

const from = <T>(list: readonly T[], index: number, other: T): T => list[index % Math.max(list.length, 1)] ?? other;

/** One edit of something that is there, or of something new in a table or at the end of a list. */
const editOf = (document: RandomDocument): fc.Arbitrary<TomlEdit> =>
  fc
    .record({ kind: fc.constantFrom('set', 'remove', 'add', 'append', 'below'), index: fc.nat(), value: values })
    .map(({ kind, index, value }): TomlEdit => {
      const path = from(document.paths, index, ['new']);
      if (kind === 'remove') return { kind, path };
      // What is no table cannot be written as an item with a section, and a list not as a table: they change as a whole.
      if (typeof path.at(-1) === 'number' && kind !== 'below') return { kind: 'set', path, value: { value } };
      if (kind === 'set' || document.lists.includes(path)) return { kind: 'set', path, value };
      if (kind === 'below') return { kind: 'set', path: [...path, 'below', 'deep'], value };
      if (kind === 'add') return { kind: 'set', path: [...from(document.tables, index, []), 'new'], value };
      return { kind: 'set', path: [...from(document.lists, index, ['list']), 99], value: { added: 'item' } };
    });

const editsOf = (most: number) =>
  randomDocuments.chain((document) =>
    fc.record({
      document: fc.constant(document),
      edits: fc.array(editOf(document), { minLength: 1, maxLength: most }),
    }),
  );

test('the pieces of a document make up its text', () => {
  fc.assert(
    fc.property(randomDocuments, ({ text }) => assert.equal(printDocument(parseDocument(text)), text)),
    RUNS,
  );
});

test('edits give what was intended and nothing else', () => {
  fc.assert(
    fc.property(editsOf(4), ({ document, edits }) => {
      const intended = read(document.text);
      for (const edit of edits) applyEdit(intended, edit);
      const edited = editToml(document.text, edits);
      assert.ok(sameValue(read(edited), intended), edited);
    }),
    RUNS,
  );
});

test('comments of what was not edited stay, in their order', () => {
  fc.assert(
    fc.property(editsOf(1), ({ document, edits }) => {
      const edited = editToml(document.text, edits);
      const [edit] = edits;
      const kept = document.comments.filter((comment) => !isTouched(comment, edit?.path ?? [], document));
      const found = kept.map(({ text }) => edited.indexOf(text));
      assert.ok(!found.includes(-1), `a comment is gone:\n${document.text}\n---\n${edited}`);
      assert.deepEqual(
        found,
        [...found].sort((a, b) => a - b),
        'the order changed',
      );
    }),
    RUNS,
  );
});

test('an edit that changes no value changes no text', () => {
  fc.assert(
    fc.property(randomDocuments, fc.nat(), ({ text, paths }, index) => {
      const crlf = text.replaceAll('\n', '\r\n');
      const path = from(paths, index, ['new']);
      const value = path.reduce<unknown>((at, key) => Object(at)[key], read(text)) as TomlValue | undefined;
      if (value === undefined) return;
      assert.equal(editToml(text, [{ kind: 'set', path, value }]), text);
      assert.equal(editToml(crlf, [{ kind: 'remove', path: ['nowhere', 3] }]), crlf);
    }),
    { numRuns: 300 },
  );
});

/** What lies at or below the edited place; and a value that stood in the way of the path. */
function isTouched({ at, within }: Comment, edited: TomlPath, { tables, lists }: RandomDocument): boolean {
  const place = at ?? within;
  if (place === null) return false;
  const isTable = [...tables, ...lists].some((table) => table.join('\n') === place.join('\n'));
  return isPrefix(edited, place) || (!isTable && isPrefix(place, edited));
}

const isPrefix = (shorter: TomlPath, path: TomlPath): boolean => shorter.every((key, index) => path[index] === key);
