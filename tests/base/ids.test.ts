import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUuid, parseUuid, uuidV7 } from '../../src/base/ids.ts';

const UUID = '0192f3a1-7b6c-7def-8abc-0123456789ab';
const BARE = UUID.replaceAll('-', '');
const badCharacter = (found: string, at: number): string =>
  `invalid character: expected an optional prefix of \`urn:uuid:\` followed by [0-9a-fA-F-], found \`${found}\` at ${at}`;

test('a new id is a version 7 UUID that begins with the time', () => {
  const id = uuidV7(0x0192f3a17b6c, (size) => new Uint8Array(size).fill(0xff));
  assert.equal(id, '0192f3a1-7b6c-7fff-bfff-ffffffffffff');
  assert.ok(isUuid(uuidV7()));
});

test('later ids sort behind earlier ones', () => {
  assert.ok(uuidV7(1_700_000_000_000) < uuidV7(1_700_000_000_001));
});

test('every spelling of a UUID is read as the hyphenated lower-case one', () => {
  for (const text of [UUID, UUID.toUpperCase(), BARE, BARE.toUpperCase(), `{${UUID}}`, `urn:uuid:${UUID}`]) {
    assert.deepEqual(parseUuid(text), { ok: true, value: UUID }, text);
  }
});

test('a text that is no UUID is refused with the text that clients know', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'invalid length: expected length 32 for simple format, found 0'],
    ['abc', 'invalid length: expected length 32 for simple format, found 3'],
    ['a'.repeat(36), 'invalid length: expected length 32 for simple format, found 36'],
    [`{${'a'.repeat(36)}}`, 'invalid length: expected length 32 for simple format, found 36'],
    [`{${'a'.repeat(30)}}`, 'invalid group count: expected 5, found 1'],
    [`{${BARE}}`, 'invalid group count: expected 5, found 1'],
    ['{}', 'invalid group count: expected 5, found 1'],
    ['{', badCharacter('{', 1)],
    [`${UUID}}`, badCharacter('}', 37)],
    [`{${UUID.slice(0, -1)}g}`, badCharacter('g', 36)],
    [`{${UUID} }`, badCharacter(' ', 38)],
    [`URN:UUID:${UUID}`, badCharacter('U', 1)],
    ['urn:uuid:x', badCharacter('x', 10)],
    ['urn:uuid:', 'invalid group count: expected 5, found 1'],
    ['not-a-uuid', badCharacter('n', 1)],
    ['a日', badCharacter('日', 2)],
    ['😀bc', badCharacter('😀', 1)],
    ['-', 'invalid group count: expected 5, found 2'],
    ['1-2-3-4-5', 'invalid group length in group 0: expected 8, found 1'],
    [`${UUID}0`, 'invalid group length in group 4: expected 12, found 13'],
    [`{${UUID}0}`, 'invalid group length in group 4: expected 12, found 15'],
    [`urn:uuid:${UUID}0`, 'invalid group length in group 4: expected 12, found 22'],
    ['0192f3a1-7b6c-7def--8abc0123456789ab', 'invalid group length in group 3: expected 4, found 0'],
    ['0192f3a1-7b6c-7def-8abc-', 'invalid group length in group 4: expected 12, found 0'],
  ];
  for (const [text, message] of cases) assert.deepEqual(parseUuid(text), { ok: false, message }, text);
});

test('any text is either a canonical UUID or refused with a reason', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.uuid(), fc.stringMatching(/^[{]?[0-9a-g-]{30,40}[}]?$/)), (text) => {
      const read = parseUuid(text);
      assert.ok(
        read.ok ? isUuid(read.value) && read.value === read.value.toLowerCase() : read.message.startsWith('invalid'),
      );
    }),
  );
});
