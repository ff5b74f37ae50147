import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Linked } from './linked.ts';

/** Cuts bytes at the given places, in any order and number. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const noise = fc.oneof(
  fc.uint8Array().map((bytes) => Buffer.from(bytes.map((byte) => (byte === 10 ? 11 : byte)))),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .constantFrom('', ' ', '\r', '{', '{"id":1', '{"method":"$/cancelRequest"}', '{"id":0,"result":1}')
    .map((text) => Buffer.from(text)),
);
const line = fc.oneof({ weight: 2, arbitrary: fc.constant('request' as const) }, { weight: 1, arbitrary: noise });

test('random bytes in random chunks never end the connection: every good line gets its answer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 30 }),
      fc.array(fc.nat(), { maxLength: 40 }),
      async (lines, places) => {
        using linked = new Linked(async ({ params }) => ({ result: params }));
        let good = 0;
        const parts = lines.map((item) =>
          item === 'request' ? Buffer.from(`{"id":"good-${good}","method":"m","params":${good++}}`) : item,
        );
        parts.push(Buffer.from('{"id":"last","method":"m"}'));
        const bytes = Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]));
        for (const chunk of cut(bytes, places)) linked.send(chunk);
        await linked.connection.allAnswered();
        while (!linked.lines.includes('{"id":"last","result":null}')) await linked.lineCount(linked.lines.length + 1);
        for (let index = 0; index < good; index += 1) {
          assert.equal(linked.lines.filter((text) => text === `{"id":"good-${index}","result":${index}}`).length, 1);
        }
      },
    ),
    { numRuns: 200 },
  );
});
