import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WriteQueue } from '../../src/transport/write-queue.ts';

/** A sink whose writes are finished by the test. */
function heldSink() {
  const written: Uint8Array[] = [];
  const held: ((error?: Error | null) => void)[] = [];
  return {
    written,
    sink: {
      write: (bytes: Uint8Array, done: (error?: Error | null) => void) => {
        written.push(Buffer.from(bytes));
        held.push(done);
      },
    },
    finish: (error: Error | null = null) => held.shift()?.(error),
    text: () => Buffer.concat(written).toString(),
  };
}

/** A sink that takes everything in a later turn. */
function openSink() {
  const sizes: number[] = [];
  const written: Uint8Array[] = [];
  return {
    sizes,
    sink: {
      write: (bytes: Uint8Array, done: () => void) => {
        sizes.push(bytes.length);
        written.push(Buffer.from(bytes));
        setImmediate(done);
      },
    },
    text: () => Buffer.concat(written).toString(),
  };
}

const quiet = { onPressure: () => undefined, onBroken: () => undefined };
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('all lines of one turn leave in one write', async () => {
  const { sink, sizes, text } = openSink();
  const queue = new WriteQueue(sink, quiet);
  for (const line of ['a\n', 'b\n', 'c\n']) queue.push([line]);
  await queue.flushed();
  assert.deepEqual([text(), sizes], ['a\nb\nc\n', [6]]);
});

test('a huge line leaves in pieces over several turns, and no other line comes into it', async () => {
  const { sink, sizes, text } = openSink();
  const queue = new WriteQueue(sink, quiet);
  const chunks = Array.from({ length: 10 }, (_, index) => Buffer.alloc(300_000, String(index)));
  queue.push(['{"x":"', ...chunks, '"}\n']);
  queue.push(['next\n']);
  await queue.flushed();
  assert.equal(text(), `{"x":"${chunks.map(String).join('')}"}\nnext\n`);
  assert.ok(sizes.length >= 10 && Math.max(...sizes) <= 256 * 1024 + 4);
});

test('a long text is cut between characters, never inside one', async () => {
  const { sink, text } = openSink();
  const queue = new WriteQueue(sink, quiet);
  const long = `x${'😀'.repeat(400_000)}é`;
  queue.push([long]);
  await queue.flushed();
  assert.ok(text() === long);
});

test('any pieces come out whole and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array()))), async (lines) => {
      const { sink, text } = openSink();
      const queue = new WriteQueue(sink, quiet);
      for (const pieces of lines) queue.push(pieces);
      await queue.flushed();
      assert.equal(text(), Buffer.concat(lines.flat().map((piece) => Buffer.from(piece as string))).toString());
    }),
    { numRuns: 50 },
  );
});

test('a client that does not read raises the pressure; ready and flushed wait until it reads', async () => {
  const seen: boolean[] = [];
  const { sink, finish } = heldSink();
  const queue = new WriteQueue(sink, { onPressure: (high) => seen.push(high), onBroken: () => undefined });
  const line = 'x'.repeat(100_000);
  await queue.ready();
  for (let sent = 0; sent < 12; sent += 1) queue.push([line]);
  assert.deepEqual([queue.high, queue.queuedBytes, seen], [true, 1_200_000, [true]]);

  let ready = false;
  const waiting = queue.ready().then(() => {
    ready = true;
  });
  await tick();
  assert.equal(ready, false);
  while (queue.queuedBytes > 0) {
    finish();
    await tick();
  }
  await waiting;
  await queue.flushed();
  assert.deepEqual(seen, [true, false]);
});

test('a client that is gone is reported once; everything waiting goes on and later lines vanish', async () => {
  const broken: Error[] = [];
  const { sink, finish, written } = heldSink();
  const queue = new WriteQueue(sink, { onPressure: () => undefined, onBroken: (error) => broken.push(error) });
  queue.push(['x'.repeat(2_000_000)]);
  const waiting = Promise.all([queue.ready(), queue.flushed()]);
  await tick();
  finish(new Error('EPIPE'));
  await waiting;
  queue.push(['more\n']);
  await queue.flushed();
  await tick();
  assert.deepEqual([broken.length, written.length, queue.queuedBytes], [1, 1, 0]);
});
