/** A new member of a union is noticed wherever the union is told apart: no switch and no table lets it through in silence. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type LookUpFound, readTypes, type SwitchFound, type TypedSource } from './support/type-reader.ts';

const at = ({ path, line, text }: SwitchFound | LookUpFound): string => `${path}:${line}: ${text}`;

/** A `default` belongs to open sets: strings from outside. */
const withDefault = ({ switches }: TypedSource): string[] =>
  switches.filter(({ values, hasDefault }) => values !== null && hasDefault).map(at);

/** The compiler notices these only where a function must return something. */
const incomplete = ({ switches }: TypedSource): string[] =>
  switches.flatMap((found) => {
    const missing = (found.values ?? []).filter((value) => !found.cases.includes(value));
    return missing.length === 0 || found.hasDefault ? [] : [`${at(found)} has no case for ${missing.join(', ')}`];
  });

const untyped = ({ lookUps }: TypedSource): string[] =>
  lookUps.filter(({ values, takesAnyKey }) => takesAnyKey && values !== null && values.length > 1).map(at);

test('a switch over a closed union has a case for each member and no default; a table of its members names them', () => {
  const product = readTypes(['src', 'workers']);
  assert.ok(product.switches.length > 100 && product.lookUps.length > 10, 'the source is read');
  assert.deepEqual(withDefault(product), [], 'switches over a closed union with a default');
  assert.deepEqual(incomplete(product), [], 'switches over a closed union without a case for each member');
  assert.deepEqual(untyped(product), [], 'look-ups by a member of a closed union in a table of any strings');
});

const PLANTED = `
type Kind = 'a' | 'b' | 'c';
const TABLE: Readonly<Record<string, number>> = { a: 1 };
const TYPED: { readonly [K in Kind]: number } = { a: 1, b: 2, c: 3 };
export function read(kind: Kind, word: string, event: { readonly kind: 'x' } | { readonly kind: 'y' }): void {
  switch (kind) { case 'a': break; default: }
  switch (event.kind) { case 'x': break; }
  switch (event.kind) { case 'x': case 'y': }
  switch (word) { case 'a': break; default: }
  void TABLE[kind];
  void TABLE[word];
  void TYPED[kind];
}
`;

test('the check finds what it is for, and leaves strings from outside alone', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'shardex-unions-')));
  try {
    mkdirSync(join(root, 'src'));
    writeFileSync(
      join(root, 'tsconfig.json'),
      '{ "compilerOptions": { "strict": true, "types": [] }, "include": ["src"] }',
    );
    writeFileSync(join(root, 'src', 'planted.ts'), PLANTED);
    const planted = readTypes(['src'], root);
    assert.deepEqual(withDefault(planted), ['src/planted.ts:6: kind']);
    assert.deepEqual(incomplete(planted), ['src/planted.ts:7: event.kind has no case for "y"']);
    assert.deepEqual(untyped(planted), ['src/planted.ts:10: kind']);
  } finally {
    rmSync(root, { recursive: true });
  }
});
