import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SseDecoder } from '../../src/upstream/sse.ts';
import type { UpstreamEvent } from '../../src/upstream/types.ts';
import {
  completed,
  created,
  customToolCall,
  functionCall,
  itemAdded,
  itemDone,
  localShellCall,
  type ModelEvent,
  message,
  messageItem,
  reasoning,
  reasoningDelta,
  summaryDelta,
  summaryPartAdded,
  textDelta,
  webSearchCall,
} from '../support/model-events.ts';
import { within } from '../support/processor-time.ts';

const bytesOf = (events: readonly ModelEvent[], end = '\n'): Buffer =>
  Buffer.from(events.map((event) => `event: ${event.type}${end}data: ${JSON.stringify(event)}${end}${end}`).join(''));

function decode(bytes: Uint8Array, cuts: readonly number[] = []): { events: UpstreamEvent[]; decoder: SseDecoder } {
  const decoder = new SseDecoder();
  const edges = [...cuts].map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other);
  let from = 0;
  for (const edge of [...edges, bytes.length]) {
    decoder.feed(bytes.subarray(from, edge));
    from = edge;
  }
  return { events: decoder.events, decoder };
}

const ALL: readonly ModelEvent[] = [
  created(),
  itemAdded(messageItem('m-1', null)),
  textDelta('Grüße 🚀'),
  textDelta(''),
  message('m-1', 'Grüße 🚀'),
  itemAdded({ type: 'reasoning', id: 'rs-1', summary: [] }),
  summaryPartAdded(0),
  summaryDelta('s', 0),
  reasoningDelta('r', 1),
  reasoning('rs-1', ['a'], ['b']),
  functionCall('c-1', 'shell', { command: ['ls'] }),
  customToolCall('c-2', 'apply_patch', '*** Begin Patch'),
  localShellCall('c-3', ['pwd']),
  webSearchCall('w-1', 'weather'),
  itemDone({ type: 'of a later version', id: 'x' }),
  { type: 'response.function_call_arguments.delta', delta: 'x' },
  completed('resp-9', { input: 3, output: 4 }),
];

const SHELL = { type: 'exec', command: ['pwd'], timeout_ms: null, working_directory: null, env: null, user: null };

test('every event that counts is decoded, the others are passed over', () => {
  const { events, decoder } = decode(bytesOf(ALL));
  assert.deepEqual(events, [
    { kind: 'itemAdded', item: { type: 'message', id: 'm-1', role: 'assistant', content: [] } },
    { kind: 'textDelta', delta: 'Grüße 🚀' },
    { kind: 'textDelta', delta: '' },
    {
      kind: 'itemDone',
      item: { type: 'message', id: 'm-1', role: 'assistant', content: [{ type: 'output_text', text: 'Grüße 🚀' }] },
    },
    {
      kind: 'itemAdded',
      item: { type: 'reasoning', id: 'rs-1', summary: [], content: null, encrypted_content: null },
    },
    { kind: 'summaryPartAdded', summaryIndex: 0 },
    { kind: 'summaryDelta', summaryIndex: 0, delta: 's' },
    { kind: 'reasoningDelta', contentIndex: 1, delta: 'r' },
    {
      kind: 'itemDone',
      item: {
        type: 'reasoning',
        id: 'rs-1',
        summary: [{ type: 'summary_text', text: 'a' }],
        content: [{ type: 'reasoning_text', text: 'b' }],
        encrypted_content: 'sealed-rs-1',
      },
    },
    {
      kind: 'itemDone',
      item: { type: 'function_call', name: 'shell', arguments: '{"command":["ls"]}', call_id: 'c-1' },
    },
    {
      kind: 'itemDone',
      item: { type: 'custom_tool_call', call_id: 'c-2', name: 'apply_patch', input: '*** Begin Patch' },
    },
    { kind: 'itemDone', item: { type: 'local_shell_call', call_id: 'c-3', status: 'completed', action: SHELL } },
    {
      kind: 'itemDone',
      item: { type: 'web_search_call', id: 'w-1', status: 'completed', action: { type: 'search', query: 'weather' } },
    },
    { kind: 'itemDone', item: { type: 'other' } },
    {
      kind: 'completed',
      responseId: 'resp-9',
      usage: { inputTokens: 3, cachedInputTokens: 0, outputTokens: 4, reasoningOutputTokens: 0, totalTokens: 7 },
    },
  ]);
  assert.equal(decoder.seen, ALL.length);
});

test('however the bytes are cut, the events are the same', () => {
  for (const end of ['\n', '\r\n']) {
    const bytes = bytesOf(ALL, end);
    const whole = decode(bytes).events;
    for (let cut = 0; cut <= bytes.length; cut += 1) assert.deepEqual(decode(bytes, [cut]).events, whole);
    fc.assert(fc.property(fc.array(fc.nat()), (cuts) => assert.deepEqual(decode(bytes, cuts).events, whole)));
  }
});

test('garbage never throws and never hides what follows it', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({ type: fc.constantFrom(...ALL.map(({ type }) => type)), item: fc.jsonValue() }),
  );
  const lines = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.string().map((text) => Buffer.from(text)),
    value.map((data) => Buffer.from(`data: ${JSON.stringify(data)}`)),
  );
  const items = fc.record(
    {
      type: fc.constantFrom('message', 'reasoning', 'function_call', 'local_shell_call', 'web_search_call'),
      content: fc.jsonValue(),
      summary: fc.jsonValue(),
      action: fc.jsonValue(),
      call_id: fc.jsonValue(),
    },
    { requiredKeys: ['type'] },
  );
  const damaged = fc.oneof(
    lines,
    items.map((item) => Buffer.from(`data: ${JSON.stringify(itemDone(item))}`)),
  );
  fc.assert(
    fc.property(fc.array(damaged, { maxLength: 8 }), (parts) => {
      const junk = parts.flatMap((part) => [part, Buffer.from('\n\n')]);
      const { events, decoder } = decode(Buffer.concat([...junk, bytesOf([textDelta('after')])]));
      if (!decoder.over) assert.deepEqual(events.at(-1), { kind: 'textDelta', delta: 'after' });
    }),
    { numRuns: 500 },
  );
});

test('items that cannot be used are no items, and a response that held one says so', () => {
  const items = [
    null,
    'text',
    {},
    { type: 7 },
    { type: 'message', role: 'assistant', content: [{ type: 'of a later version' }] },
    { type: 'function_call', arguments: {}, call_id: 'c' },
    { type: 'custom_tool_call', name: 'apply_patch', call_id: 'c' },
    { type: 'local_shell_call', status: 'completed', action: { type: 'exec', command: [1] } },
    { type: 'compaction' },
  ];
  for (const item of items) {
    const { events, decoder } = decode(bytesOf([{ type: 'response.output_item.done', item }, completed()]));
    assert.deepEqual(events, [], JSON.stringify(item));
    assert.match(decoder.broken?.message ?? '', /^the model service sent an? .*, which cannot be used$/);
    assert.equal(decoder.broken?.retryable, true);
  }
});

test('deltas without their members are passed over', () => {
  const events = [
    { type: 'response.output_text.delta' },
    { type: 'response.reasoning_summary_text.delta', delta: 'x' },
    { type: 'response.reasoning_text.delta', delta: 'x', content_index: -1 },
    { type: 'response.reasoning_summary_part.added', summary_index: 'first' },
  ];
  assert.deepEqual(decode(bytesOf(events)).events, []);
});

test('usage may come without its details, and be null', () => {
  const ended = (usage: unknown): UpstreamEvent | undefined =>
    decode(bytesOf([{ type: 'response.completed', response: { id: 'r', usage } }])).events[0];
  const details = {
    input_tokens: 1,
    input_tokens_details: null,
    output_tokens: 2,
    output_tokens_details: null,
    total_tokens: 9,
  };
  const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 2, reasoningOutputTokens: 0, totalTokens: 9 };
  assert.deepEqual(ended(details), { kind: 'completed', responseId: 'r', usage });
  for (const none of [null, undefined, {}, 'many'])
    assert.deepEqual(ended(none), { kind: 'completed', responseId: 'r', usage: null });
});

test('very many deltas are decoded at a cost that does not grow with their number', () => {
  const events = Array.from({ length: 60_000 }, (_none, index) => ({
    ...textDelta(`word ${index} `),
    item_id: 'msg-1',
    output_index: 0,
  }));
  const bytes = bytesOf(events);
  const cuts = Array.from({ length: Math.floor(bytes.length / 16_384) }, (_none, index) => index * 16_384);
  const { events: decoded } = within(10_000, 'deltas', () => decode(bytes, cuts));
  assert.equal(decoded.length, events.length + 1); // the message that they belong to is one more
});
