import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createLogger, parseLogFilter, redact } from '../../src/base/log.ts';
import { LogSink } from '../../src/base/log-sink.ts';

function record(filter: string | undefined) {
  const lines: string[] = [];
  const log = createLogger(
    parseLogFilter(filter),
    (line) => lines.push(line),
    () => 0,
  );
  return { log, lines };
}

test('only errors are written unless more is asked for', () => {
  const { log, lines } = record(undefined);
  log.warn('rpc', 'odd');
  log.error('rpc', 'broken', { requestId: 3 });
  assert.deepEqual(lines, [
    '{"time":"1970-01-01T00:00:00.000Z","level":"error","area":"rpc","event":"broken","requestId":3}\n',
  ]);
});

test('a filter sets the level for all areas and for single ones, and skips what it cannot read', () => {
  const { log, lines } = record('warn,rpc=debug,codex_core::x[y]=what,pool=off');
  log.debug('rpc', 'a');
  log.info('other', 'b');
  log.warn('other', 'c');
  log.error('pool', 'd');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).event),
    ['a', 'c'],
  );
});

test('fields named like secrets are masked at any depth, counters are not', () => {
  const masked = redact({ a: [{ accessToken: 'x', api_key: 'y' }], headers: { Authorization: 'z' }, total_tokens: 5 });
  assert.deepEqual(masked, {
    a: [{ accessToken: '[redacted]', api_key: '[redacted]' }],
    headers: { Authorization: '[redacted]' },
    total_tokens: 5,
  });
});

test('cycles, hostile getters and errors do not break logging', () => {
  const { log, lines } = record('debug');
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  log.error('x', 'cycle', { cycle });
  log.error('x', 'getter', {
    value: {
      toJSON: () => {
        throw new Error('no');
      },
    },
  });
  log.error('x', 'error', { error: new Error('why', { cause: new Error('deeper') }) });
  assert.equal(lines.length, 3);
  assert.equal(JSON.parse(lines[2] ?? '').error.cause.message, 'deeper');
});

test('a reader that never reads costs a bounded queue; what was dropped is counted afterwards', async () => {
  const written: string[] = [];
  const held: (() => void)[] = [];
  const stream = new Writable({
    decodeStrings: false,
    highWaterMark: 1,
    write: (chunk: unknown, _encoding, done) => {
      written.push(String(chunk));
      held.push(done);
    },
  });
  const sink = new LogSink(() => stream);
  const line = `${'x'.repeat(1023)}\n`;
  for (let sent = 0; sent < 1000; sent += 1) sink.write(line);
  assert.ok(stream.writableLength <= 256 * 1024);

  const flushed = sink.flushed();
  const release = (): void => {
    for (let done = held.shift(); done !== undefined; done = held.shift()) done();
    if (stream.writableLength > 0) setImmediate(release);
  };
  release();
  await flushed;
  sink.write('last\n');
  release();
  await sink.flushed();
  assert.deepEqual(JSON.parse(written.at(-2) ?? '').lines, 1000 - 256);
  assert.equal(written.at(-1), 'last\n');
});
