import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeByDeclaration, plainParams } from '../../src/handlers/initialize.ts';

const odd = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null), fc.constant([]), fc.constant({}));
const text = fc.oneof({ weight: 4, arbitrary: fc.string() }, { weight: 1, arbitrary: odd });
const clientInfo = fc.record({ name: text, title: text, version: text, extra: odd }, { requiredKeys: [] });
const capabilities = fc.record(
  {
    experimentalApi: fc.oneof(fc.boolean(), odd),
    optOutNotificationMethods: fc.oneof(fc.array(fc.string()), fc.array(odd), odd),
    extra: odd,
  },
  { requiredKeys: [] },
);
const params = fc.oneof(
  fc.record(
    { clientInfo: fc.oneof(clientInfo, odd), capabilities: fc.oneof(capabilities, odd), extra: odd },
    { requiredKeys: [] },
  ),
  odd,
);

test('the short way decodes as the declaration does, and takes nothing that the declaration refuses', async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(params, async (value) => {
      const plain = plainParams(value);
      if (plain === undefined) return;
      taken += 1;
      assert.deepEqual(plain, await decodeByDeclaration(value));
    }),
    { numRuns: 2000 },
  );
  assert.ok(taken > 50);
});

test('what clients send takes the short way', () => {
  const info = { name: 'ide', title: null, version: '1' };
  assert.deepEqual(plainParams({ clientInfo: { name: 'ide', version: '1' } }), { clientInfo: info });
  const optOut = { optOutNotificationMethods: ['codex/event/*'] };
  assert.deepEqual(plainParams({ clientInfo: info, capabilities: optOut }), { clientInfo: info, capabilities: optOut });
  assert.deepEqual(plainParams({ clientInfo: info, capabilities: null }), { clientInfo: info, capabilities: null });
});
