import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../src/base/json/parse.ts';
import { headOf, stringifyWellFormed, TextJoiner, wellFormed, wellFormedJson } from '../../src/base/well-formed.ts';

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
  assert.deepEqual(parseJson('{"a":"\\uD83d","b":"\\ud83d\\ude00","c":"\\\\ud83d"}'), {
    a: '\ufffd',
    b: '😀',
    c: '\\ud83d',
  });
  assert.throws(() => parseJson('{"a":"\\ud83'), SyntaxError);
});

test('values are mended however deep they nest', () => {
  const deep = (inner: string): string => `${'[{"a":'.repeat(50_000)}${inner}${'}]'.repeat(50_000)}`;
  let value = parseJson(deep('"\\ud83d"'));
  for (let depth = 0; depth < 50_000; depth += 1) value = (value as [{ a: unknown }])[0].a;
  assert.equal(value, '\ufffd');
});

test('text that comes in parts is joined across a pair that was cut', () => {
  const join = (...parts: string[]): string[] => {
    const joiner = new TextJoiner();
    return [...parts.map((part) => joiner.push(part)), joiner.end()];
  };
  assert.deepEqual(join('a\ud83d', '\ude00b'), ['a', '😀b', '']);
  assert.deepEqual(join('\ud83d', '', '\ude00'), ['', '', '😀', '']);
  assert.deepEqual(join('\ud83d', 'x', '\ude00'), ['', '\ufffdx', '\ufffd', '']);
  assert.deepEqual(join('\ud83d\ud83d'), ['\ufffd', '\ufffd']);
});

test('a text is never cut inside a pair', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((length) => headOf('a😀b', length)),
    ['', 'a', 'a', 'a😀', 'a😀b'],
  );
});

test('JSON text keeps its spelling, but for escapes of halves', () => {
  const kept = ['{"a": "\\ud83d\\ude00", "b": "\\\\ud83d", "c":1.0}', 'no JSON', '{"a":"\\uD83D\\uDE00 é"}'];
  for (const text of kept) assert.equal(wellFormedJson(text), text);
  assert.equal(wellFormedJson('{"a":"\\ud83d x","b":"\\\\\\ude00"}'), '{"a":"\\ufffd x","b":"\\\\\\ufffd"}');
  assert.equal(wellFormedJson('"\\ude00\\ud83d\\ude00"'), '"\\ufffd\\ud83d\\ude00"');
  assert.equal(wellFormedJson('"\\ud83d\\ud83d\\ude00\\ude00"'), '"\\ufffd\\ud83d\\ude00\\ufffd"');
});

test('values are written with whole text', () => {
  assert.equal(stringifyWellFormed({ a: 'see \ud83d', b: '\\ud83d' }), '{"a":"see \ufffd","b":"\\\\ud83d"}');
  assert.equal(stringifyWellFormed(undefined), undefined);
});
