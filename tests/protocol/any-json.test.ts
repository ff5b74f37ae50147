import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allClientRequests, allNotifications, allServerRequests } from '../../src/protocol/registry.ts';
import { read } from '../../src/protocol/schema/decode.ts';
import { decode, decodeParams } from '../../src/protocol/schema/issues.ts';
import type { AnySchema } from '../../src/protocol/schema/schema.ts';

/** Names of members of the params, so that random objects reach the inner types too. */
const membersOf = (schema: AnySchema | null): string[] => {
  const definition = schema?.zod._zod.def as { readonly shape?: object } | undefined;
  return Object.keys(definition?.shape ?? {});
};

const paramsLike = (schema: AnySchema | null): fc.Arbitrary<unknown> => {
  const names = [...membersOf(schema), 'type', 'data', '__proto__'];
  const words = schema === null ? [] : (schema.meta.variants ?? []);
  const leaf = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(...words, 'text', 'image', 5, null));
  return fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names), leaf), fc.array(leaf));
};

for (const declaration of allClientRequests) {
  test(`${declaration.method}: params of any shape are decoded or refused, never thrown`, () => {
    fc.assert(
      fc.property(paramsLike(declaration.params), (params) => {
        const decoded = decodeParams(declaration, params);
        if (!decoded.ok)
          assert.match(
            decoded.message,
            /^Invalid request: (?:missing field|invalid |unknown variant|data did not match|Absolute|UUID)/,
          );
      }),
      { numRuns: 150 },
    );
  });
}

test('what the check accepts, the reader accepts, and decoding twice changes nothing', () => {
  for (const declaration of allClientRequests) {
    const schema: AnySchema | null = declaration.params;
    if (schema === null) continue;
    fc.assert(
      fc.property(paramsLike(schema), (params) => {
        const decoded = decode(schema, params);
        if (!decoded.ok) return;
        read(schema.zod, params);
        const again = decode(schema, decoded.value);
        assert.ok(again.ok);
        assert.deepEqual(again.value, decoded.value);
      }),
      { numRuns: 60 },
    );
  }
});

test('a value nested without end is refused', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 200_000; i += 1) deep = [deep];
  for (const declaration of [...allServerRequests, ...allNotifications]) {
    const params: AnySchema = declaration.params;
    assert.ok(!decode(params, deep).ok, declaration.method);
  }
});
