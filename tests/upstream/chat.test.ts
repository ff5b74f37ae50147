import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chatBody } from '../../src/upstream/chat-body.ts';
import { ChatDecoder } from '../../src/upstream/chat-stream.ts';
import type { UpstreamEvent } from '../../src/upstream/types.ts';
import { hang, ModelServer, rawStream, status } from '../support/model-server.ts';
import { eventsOf, failureOf, never, provider, samplingRequest, upstreamClient } from './setup.ts';

const chunk = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const DONE = 'data: [DONE]\n\n';
const { body } = samplingRequest();

const call = (index: number, id: string | null, name: string | null, args: string): object => ({
  tool_calls: [
    { index, ...(id === null ? {} : { id }), function: { ...(name === null ? {} : { name }), arguments: args } },
  ],
});

/** Without the ids, which are made up. */
const bare = (events: readonly UpstreamEvent[]): unknown[] =>
  events.map((event) => ('item' in event ? { ...event, item: { ...event.item, id: undefined } } : event));

function decode(text: string, cuts: readonly number[] = []): UpstreamEvent[] {
  const decoder = new ChatDecoder();
  const bytes = Buffer.from(text);
  let from = 0;
  for (const edge of [...cuts.map((cut) => cut % bytes.length).sort((one, other) => one - other), bytes.length]) {
    decoder.feed(bytes.subarray(from, edge));
    from = edge;
  }
  if (!decoder.completed && decoder.broken === null) decoder.ended('end');
  return decoder.events;
}

const ANSWER = [
  chunk({ role: 'assistant', reasoning_content: 'hm ' }),
  chunk({ reasoning: 'well' }),
  chunk({ content: 'Let me ' }),
  chunk({ content: 'look' }),
  chunk(call(0, 'call_a', 'shell', '')),
  chunk(call(0, null, null, '{"command":')),
  chunk(call(1, 'call_b', 'shell', '{}')),
  chunk(call(0, null, null, '["ls"]}')),
  chunk({}, 'tool_calls'),
  `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 7 } })}\n\n`,
  DONE,
].join('');

const thoughts = [{ type: 'reasoning_text', text: 'hm well' }];
const REASONING = { type: 'reasoning', id: undefined, summary: [], encrypted_content: null };
const MESSAGE = { type: 'message', id: undefined, role: 'assistant' };
const usage = { inputTokens: 5, cachedInputTokens: 0, outputTokens: 7, reasoningOutputTokens: 0, totalTokens: 12 };
const EVENTS = [
  { kind: 'itemAdded', item: { ...REASONING, content: [] } },
  { kind: 'reasoningDelta', contentIndex: 0, delta: 'hm ' },
  { kind: 'reasoningDelta', contentIndex: 0, delta: 'well' },
  { kind: 'itemDone', item: { ...REASONING, content: thoughts } },
  { kind: 'itemAdded', item: { ...MESSAGE, content: [] } },
  { kind: 'textDelta', delta: 'Let me ' },
  { kind: 'textDelta', delta: 'look' },
  { kind: 'itemDone', item: { ...MESSAGE, content: [{ type: 'output_text', text: 'Let me look' }] } },
  {
    kind: 'itemDone',
    item: { type: 'function_call', id: undefined, name: 'shell', arguments: '{"command":["ls"]}', call_id: 'call_a' },
  },
  {
    kind: 'itemDone',
    item: { type: 'function_call', id: undefined, name: 'shell', arguments: '{}', call_id: 'call_b' },
  },
  { kind: 'completed', responseId: null, usage },
];

test('a chat answer becomes items, deltas and calls, however it is cut', () => {
  assert.deepEqual(bare(decode(ANSWER)), EVENTS);
  fc.assert(fc.property(fc.array(fc.nat()), (cuts) => assert.deepEqual(bare(decode(ANSWER, cuts)), EVENTS)));
});

test('an item has one id from its beginning to its end', () => {
  const ids = decode(ANSWER).flatMap((event) => ('item' in event && 'id' in event.item ? [event.item.id] : []));
  assert.equal(new Set(ids).size, 2);
});

test('garbage never makes the reader fail', () => {
  const junk = fc.oneof(
    fc.string(),
    fc.jsonValue().map((value) => `data: ${JSON.stringify(value)}`),
    fc.jsonValue().map((delta) => `data: ${JSON.stringify({ choices: [{ delta, finish_reason: null }] })}`),
    fc.jsonValue().map((calls) => `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [calls] } }] })}`),
  );
  fc.assert(
    fc.property(fc.array(junk), (parts) => void decode(`${parts.join('\n\n')}\n\n`)),
    { numRuns: 300 },
  );
});

const ask = async (model: ModelServer, idleTimeoutMs = 10_000): Promise<UpstreamEvent[]> => {
  await using client = upstreamClient({ graceMs: 5 });
  const chat = provider({ baseUrl: model.baseUrl, wireApi: 'chat', streamIdleTimeoutMs: idleTimeoutMs });
  return await eventsOf(
    client.stream(samplingRequest({ provider: chat, betaFeatures: ['x'], turnState: 'y' }), never()),
  );
};

test('a provider of the chat API is asked at its own address with its own headers', async () => {
  await using model = await ModelServer.start();
  model.route('POST', '/v1/chat/completions', rawStream(chunk({ content: 'hi' }, 'stop'), DONE));
  assert.equal((await ask(model)).at(-1)?.kind, 'completed');
  const request = await model.waitForRequest(1, '/v1/chat/completions');
  const own = ['session_id', 'accept', 'content-type', 'user-agent', 'originator'];
  const names = request.rawHeaders.filter((_text, index) => index % 2 === 0);
  assert.deepEqual(
    names.filter((name) => !['host', 'connection', 'content-length'].includes(name)),
    own,
  );
  assert.deepEqual(Object.keys(request.body), ['model', 'messages', 'stream', 'tools']);
});

test('the end of a chat stream completes it, with or without a closing marker', async () => {
  for (const reply of [rawStream(chunk({ content: 'hi' })), hang(Buffer.from(chunk({ content: 'hi' }, 'stop')))]) {
    await using model = await ModelServer.start();
    model.route('POST', '/v1/chat/completions', reply);
    assert.equal((await ask(model)).at(-1)?.kind, 'completed');
  }
});

test('what goes wrong with a chat stream is reported', async () => {
  const failed = async (reply: ReturnType<typeof rawStream>): Promise<string> => {
    await using model = await ModelServer.start();
    model.route('POST', '/v1/chat/completions', reply);
    return (await failureOf(ask(model, 50))).message;
  };
  assert.match(await failed(rawStream(chunk({ content: 'hi' }, 'length'), DONE)), /^Codex ran out of room/);
  assert.match(await failed(rawStream('data: {"error":{"message":"no memory"}}\n\n')), /completion: no memory$/);
  assert.match(await failed(rawStream()), /an empty answer/);
  assert.match(await failed(hang(Buffer.from(chunk({ content: 'hi' })))), /timeout/);
  assert.match(await failed(status(404, 'gone')), /404 Not Found: gone/);
});

test('a schema for the answer is refused before anything is sent', async () => {
  const withSchema = { ...body, text: { format: { type: 'json_schema' } } };
  await using client = upstreamClient();
  const chat = provider({ wireApi: 'chat' });
  const found = await failureOf(client.stream(samplingRequest({ provider: chat, body: withSchema }), never()));
  assert.equal(found.message, 'unsupported operation: output_schema is not supported for Chat Completions API');
  assert.deepEqual([found.info, found.retryable], ['badRequest', false]);
});

test('the history becomes messages: words and calls of a step in one, thoughts of the running task only', () => {
  const user = (text: string): object => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
  const says = (text: string): object => ({
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text }],
  });
  const thought = (text: string): object => ({
    type: 'reasoning',
    summary: [],
    content: [{ type: 'reasoning_text', text }],
  });
  const image = {
    type: 'message',
    role: 'user',
    content: [
      { type: 'input_text', text: 'see' },
      { type: 'input_image', image_url: 'data:x' },
    ],
  };
  const input = [
    user('one'),
    thought('old'),
    says('done'),
    image,
    thought('new'),
    says('Let me look'),
    { type: 'function_call', name: 'shell', arguments: '{}', call_id: 'a' },
    { type: 'custom_tool_call', name: 'apply_patch', input: 'patch', call_id: 'b' },
    { type: 'function_call_output', call_id: 'a', output: 'out' },
    { type: 'custom_tool_call_output', call_id: 'b', output: 'ok' },
    { type: 'ghost_snapshot' },
  ];
  const tools = [
    { type: 'function', name: 'shell', description: 'd', strict: false, parameters: {} },
    { type: 'custom', name: 'apply_patch' },
  ];
  const call = (id: string, name: string, args: string): object => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  });
  assert.deepEqual(chatBody({ ...body, input, tools }), {
    model: 'some-model',
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'done' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image_url', image_url: { url: 'data:x' } },
        ],
      },
      {
        role: 'assistant',
        content: 'Let me look',
        reasoning: 'new',
        tool_calls: [call('a', 'shell', '{}'), call('b', 'apply_patch', '{"input":"patch"}')],
      },
      { role: 'tool', tool_call_id: 'a', content: 'out' },
      { role: 'tool', tool_call_id: 'b', content: 'ok' },
    ],
    stream: true,
    tools: [
      { type: 'function', name: 'shell', function: { name: 'shell', description: 'd', strict: false, parameters: {} } },
    ],
  });
});
