/**
 * Whatever reads foreign bytes, fed at length: it never throws, and how the input was cut makes no difference.
 *
 *   SEED=1 SOAK_SECONDS=300 npm run soak
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { LineSplitter } from '../../src/base/line-splitter.ts';
import { readToml } from '../../src/config/toml.ts';
import { applyChunks } from '../../src/patch/match.ts';
import { parsePatch } from '../../src/patch/parse.ts';
import { rebuildContext } from '../../src/rollout/context.ts';
import { decodeEntry, encode } from '../../src/rollout/format.ts';
import { StoredLines } from '../../src/rollout/read.ts';
import { decodeLine } from '../../src/transport/decode-line.ts';
import { SseDecoder } from '../../src/upstream/sse.ts';
import { turnsOf } from '../rollout/fixtures.ts';
import { PATCH_PIECES, TOML_PIECES } from '../support/fuzz.ts';
import { completed, created, functionCall, message, reasoning, textDelta } from '../support/model-events.ts';
import { seedOf } from '../support/random.ts';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 15);

/** Runs a property until its time is over. */
async function soak<T>(context: TestContext, values: fc.Arbitrary<T>, rule: (value: T) => void): Promise<void> {
  let runs = 0;
  const property = fc.property(values, (value) => {
    runs += 1;
    rule(value);
  });
  const options = { numRuns: 1e9, interruptAfterTimeLimit: SECONDS * 1000, endOnFailure: false };
  fc.assert(property, { seed: seedOf(context), ...options });
  process.stderr.write(`${context.name}: ${runs} runs\n`);
}

const cuts = fc.array(fc.nat(4000), { maxLength: 6 });

function pieces(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const edges = [0, ...at.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

/** Text made of fragments that mean something to the reader, with noise between them. */
const textOf = (...fragments: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 40 })
    .map((parts) => parts.join(''));

const LINES = textOf(
  '\n',
  '\r\n',
  '{"id":1,"method":"a"}',
  '{"method":"b","params":{}}',
  '{"id":1,"result":{}}',
  '[',
  '"\\ud800"',
  '{"id":1e3}',
  '{}',
);

test('lines of the client are the same however they are cut, and each is read', async (context) => {
  await soak(context, fc.tuple(LINES, fc.uint8Array({ maxLength: 30 }), cuts), ([text, noise, at]) => {
    const bytes = Buffer.concat([Buffer.from(text), noise, Buffer.from('\nend')]);
    const whole = new LineSplitter();
    const cut = new LineSplitter();
    const expected = [...whole.push(bytes), ...whole.end()];
    const found = [...pieces(bytes, at).flatMap((piece) => [...cut.push(piece)]), ...cut.end()];
    assert.deepEqual(found, expected);
    for (const line of found) if (line.kind === 'line') assert.ok(decodeLine(line.bytes).kind.length > 0);
  });
});

const EVENTS = [
  created(),
  message('m', 'Grüße 👋'),
  textDelta('d'),
  reasoning('r', ['s']),
  functionCall('c', 'shell', '{'),
  completed(),
];
const SSE = textOf(
  ...EVENTS.map((event) => `data: ${JSON.stringify(event)}\n\n`),
  'data:',
  'event: x\r\n',
  ': ping\n\n',
  '\r',
  '\n\n',
  '{"type":"response.failed"}',
  'retry: 1\n',
);

/** Items without an id are given a random one. */
const withoutIds = (events: readonly object[]): string =>
  JSON.stringify(events, (key, value) => (key === 'id' ? null : value));

test('a model stream means the same however it is cut', async (context) => {
  await soak(context, fc.tuple(SSE, fc.uint8Array({ maxLength: 20 }), cuts), ([text, noise, at]) => {
    const bytes = Buffer.concat([Buffer.from(text), noise, Buffer.from('\n\ndata: {}\n\n')]);
    const whole = new SseDecoder();
    whole.feed(bytes);
    const cut = new SseDecoder();
    for (const piece of pieces(bytes, at)) cut.feed(piece);
    assert.deepEqual(withoutIds(cut.events), withoutIds(whole.events));
    assert.equal(cut.completed, whole.completed);
    assert.deepEqual(cut.failed, whole.failed);
  });
});

const PATCH = textOf(...PATCH_PIECES);

test('any patch is read or refused, and what is read can be tried on any file', async (context) => {
  const wrapped = PATCH.map((body) => `*** Begin Patch\n${body}\n*** End Patch`);
  await soak(context, fc.tuple(fc.oneof(PATCH, wrapped), textOf('same\n', 'old\n', 'x\n', '\r\n')), ([text, file]) => {
    const parsed = parsePatch(text);
    if (!parsed.ok) {
      assert.ok(parsed.message.length > 0);
      return;
    }
    for (const section of parsed.sections) {
      if (section.kind === 'update') assert.equal(typeof applyChunks(file, section.chunks, 'b'), 'object');
    }
  });
});

const TOML = textOf(...TOML_PIECES);

test('any configuration text is a table or a fault with a place', async (context) => {
  await soak(context, TOML, (text) => {
    const read = readToml(text);
    if (read.ok) assert.equal(Object.getPrototypeOf(read.table), null);
    else assert.ok(read.fault.range.start.line >= 1 && read.fault.reason.length > 0);
  });
});

const stored = (type: string, payload: unknown): string =>
  `${JSON.stringify({ timestamp: '2026-01-01T00:00:00.000Z', type, payload })}\n`;
const ROLLOUT = textOf(
  stored('session_meta', {
    id: '0199c0de-0000-7000-8000-000000000000',
    timestamp: 't',
    cwd: '/',
    originator: 'o',
    cli_version: '0',
    source: 'cli',
    model_provider: 'p',
  }),
  stored('response_item', { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }] }),
  stored('response_item', { type: 'function_call', name: 'shell', arguments: '{}', call_id: 'c' }),
  stored('response_item', { type: 'function_call_output', call_id: 'c', output: 'o' }),
  stored('event_msg', { type: 'user_message', message: 'x', images: [], local_images: [], text_elements: [] }),
  stored('event_msg', { type: 'agent_message', message: 'y' }),
  stored('event_msg', { type: 'turn_aborted', reason: 'interrupted' }),
  stored('event_msg', { type: 'thread_rolled_back', num_turns: 1 }),
  stored('compacted', { message: 's' }),
  stored('shardex', { type: 'turn_started', turn_id: 't1' }),
  stored('shardex', { type: 'turn_completed', turn_id: 't1', status: 'failed', error: null }),
  stored('unheard_of', {}),
  '{"timestamp":',
  '\n',
);

test('any thread file can be read back, whatever was torn or glued in it', async (context) => {
  await soak(context, fc.tuple(ROLLOUT, fc.uint8Array({ maxLength: 8 }), cuts), ([text, noise, at]) => {
    const bytes = Buffer.concat([Buffer.from(text), noise]);
    const whole = new StoredLines();
    const cut = new StoredLines();
    const lines = [...whole.push(bytes), whole.end()];
    assert.deepEqual([...pieces(bytes, at).flatMap((piece) => cut.push(piece)), cut.end()], lines);
    const entries = lines.flatMap((line) => (typeof line === 'string' ? (decodeEntry(line) ?? []) : []));
    for (const entry of entries) assert.deepEqual(decodeEntry(encode(entry, 0)), entry);
    const context = rebuildContext(entries, { compacted: (items) => items });
    assert.ok(Array.isArray(context.items));
    assert.ok(turnsOf(entries).every(({ items }) => Array.isArray(items)));
  });
});
