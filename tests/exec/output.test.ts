import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregate, OutputCollector } from '../../src/exec/output.ts';
import { decodeOutput } from '../../src/exec/text-decoding.ts';

const shares = (out: number, err: number, limit: number): string =>
  aggregate(Buffer.alloc(out, 'o'), Buffer.alloc(err, 'e'), limit).toString();

test('what fits is kept whole, standard output first', () => assert.equal(shares(2, 3, 5), 'ooeee'));

test('of a full aggregate standard output is sure of a third', () => {
  assert.equal(shares(20, 20, 9), 'oooeeeeee');
  assert.equal(shares(1, 20, 9), 'oeeeeeeee');
});

test('what standard error does not need goes to standard output', () => assert.equal(shares(20, 2, 9), 'oooooooee'));

test('a closed collector neither keeps nor passes on', () => {
  let passed = 0;
  const collector = new OutputCollector(() => {
    passed += 1;
  });
  collector.add('stdout', Buffer.from('a'));
  assert.equal(collector.close().stdout, 'a');
  collector.add('stdout', Buffer.from('b'));
  assert.equal(passed, 1);
  assert.equal(collector.close().stdout, 'a');
});

test('a chunk is kept even if its buffer is used again', () => {
  const collector = new OutputCollector(undefined);
  const read = Buffer.from('first');
  collector.add('stderr', read);
  read.fill('x');
  assert.equal(collector.close().stderr, 'first');
});

const LEGACY: readonly (readonly [hex: string, text: string, what: string])[] = [
  ['e974e920636166e9', 'été café', 'Western European'],
  ['6e61937665942096', 'na“ve” –', 'typographic quotes of Windows'],
  ['cff0e8e2e5f220ece8f0', 'Привет мир', 'Cyrillic of Windows'],
  ['8fe0a8a2a5e220aca8e0', 'Привет мир', 'Cyrillic of DOS'],
  ['f0d2c9d7c5d420cdc9d2', 'Привет мир', 'Cyrillic of old Unix'],
  ['c4e3bac3cac0bde7', '你好世界', 'simplified Chinese'],
  ['82b182f182c982bf82cd', 'こんにちは', 'Japanese of Windows'],
];

for (const [hex, text, what] of LEGACY) {
  test(`output that is not UTF-8 is read as ${what}`, () => assert.equal(decodeOutput(Buffer.from(hex, 'hex')), text));
}

test('UTF-8 is read as it is, a byte order mark included', () => {
  for (const text of ['', 'plain', 'été 😀 你好', '\ufeffx']) assert.equal(decodeOutput(Buffer.from(text)), text);
});

test('damaged or cut UTF-8 and binary output get replacement characters', () => {
  assert.equal(decodeOutput(Buffer.from('\u2713 ok \u2713').subarray(0, -1)), '✓ ok �');
  assert.equal(decodeOutput(Buffer.from([0x68, 0xc3, 0xa9, 0x20, 0xe9])), 'hé �');
  assert.equal(decodeOutput(Buffer.from([0, 0xff, 0xfe])), '\0��');
});
