import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineSplitter } from '../../src/base/line-splitter.ts';
import { within } from '../support/processor-time.ts';

function split(chunks: readonly Uint8Array[], maxBytes?: number): string[] {
  const splitter = new LineSplitter(maxBytes);
  const lines = [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()];
  return lines.map((line) => (line.kind === 'line' ? line.bytes.toString() : `oversized ${line.sizeBytes}`));
}

test('lines are the same at whatever bytes the stream is cut', () => {
  const bytes = Buffer.from('{"a":"é😀"}\r\n\nsecond\nlast without newline');
  const whole = ['{"a":"é😀"}\r', '', 'second', 'last without newline'];
  for (let at = 0; at <= bytes.length; at += 1) {
    assert.deepEqual(split([bytes.subarray(0, at), bytes.subarray(at)]), whole, `cut at ${at}`);
  }
  assert.deepEqual(split([...bytes].map((byte) => Buffer.of(byte))), whole);
});

test('any text in any chunks gives the lines of the text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text.replaceAll('x', '\n')))),
      (chunks) => {
        const expected = Buffer.concat(chunks).toString().split('\n');
        if (expected.at(-1) === '') expected.pop();
        assert.deepEqual(split(chunks), expected);
      },
    ),
  );
});

test('a line of 64 MiB in small chunks takes time in proportion to its length', () => {
  const chunk = Buffer.alloc(64 * 1024, 'a');
  within(5_000, '64 MiB', () => {
    const splitter = new LineSplitter();
    for (let sent = 0; sent < 1024; sent += 1) assert.equal([...splitter.push(chunk)].length, 0);
    const [line] = splitter.push(Buffer.from('\n'));
    assert.ok(line?.kind === 'line' && line.bytes.length === 64 * 1024 * 1024);
  });
});

test('a line that no string can hold is skipped and reported, the next one is read', () => {
  assert.deepEqual(split([Buffer.from('aaaa'), Buffer.from('aaaa\nbb\n')], 5), ['oversized 8', 'bb']);
});
