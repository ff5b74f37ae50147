import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { emitJsonSchemas } from '../../src/protocol/schema/emit.ts';
import { difference } from './same-meaning.ts';

const rootOf = (from: string): string => (existsSync(join(from, 'package-lock.json')) ? from : rootOf(dirname(from)));
const fixtures = join(rootOf(dirname(fileURLToPath(import.meta.url))), 'tests/protocol/fixtures/json-schema');
const emitted = emitJsonSchemas();
const expected = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .sort();
const BUNDLE = 'codex_app_server_protocol.schemas.json';

const read = (name: string): { [key: string]: unknown } => JSON.parse(readFileSync(join(fixtures, name), 'utf8'));
const ours = (name: string): { [key: string]: unknown } => JSON.parse(emitted.get(name) ?? 'null');

test('the emitted file names are those of the reference', () => {
  const names = [...emitted.keys()].filter((name) => !name.startsWith('additions/')).sort();
  assert.deepEqual(names, expected);
});

for (const name of expected.filter((file) => file !== BUNDLE)) {
  test(`${name} means the same as the reference schema`, () => {
    const [a, b] = [ours(name), read(name)];
    assert.equal(difference({ schema: a, document: a }, { schema: b, document: b }), undefined);
  });
}

test('the bundle holds the same definitions with the same meaning', () => {
  const [a, b] = [ours(BUNDLE), read(BUNDLE)];
  for (const space of ['definitions', 'definitions/v2']) {
    const at = (document: { [key: string]: unknown }): { [key: string]: unknown } =>
      space.split('/').reduce((node, step) => node[step] as { [key: string]: unknown }, document);
    assert.deepEqual(Object.keys(at(a)).sort(), Object.keys(at(b)).sort());
    for (const id of Object.keys(at(b)).filter((key) => key !== 'v2')) {
      const found = difference({ schema: at(a)[id], document: a }, { schema: at(b)[id], document: b });
      assert.equal(found, undefined, `${space}/${id}`);
    }
  }
});
