import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWellFormed, wellFormed } from '../../src/base/well-formed.ts';

test('halves of pairs become U+FFFD at any depth, in keys too, and the rest stays', () => {
  const broken = { text: 'see \ud83d', list: ['\udc00x', { 'k\ud83d': 1 }], pair: '😀', count: 3, none: null };
  assert.deepEqual(wellFormed(broken), {
    text: 'see \ufffd',
    list: ['\ufffdx', { 'k\ufffd': 1 }],
    pair: '😀',
    count: 3,
    none: null,
  });
});

test('whole values are given back as they are, without a copy', () => {
  const whole = { text: 'see 😀', list: ['x', { k: 1 }] };
  assert.equal(wellFormed(whole), whole);
  const half = { kept: whole, broken: '\ud83d' };
  assert.equal(wellFormed(half).kept, whole);
});

test('a member called __proto__ stays a member', () => {
  const mended = wellFormed(JSON.parse('{"__proto__":{"a":"\\ud83d"}}'));
  assert.deepEqual(Object.entries(mended), [['__proto__', { a: '\ufffd' }]]);
});

test('JSON is read with whole text, however a half is spelt', () => {
  assert.deepEqual(parseWellFormed('{"a":"\\uD83d","b":"\\ud83d\\ude00","c":"\\\\ud83d"}'), {
    a: '\ufffd',
    b: '😀',
    c: '\\ud83d',
  });
  assert.throws(() => parseWellFormed('{"a":"\\ud83'), SyntaxError);
});
