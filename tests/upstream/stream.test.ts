import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { UpstreamClient } from '../../src/upstream/client.ts';
import { UpstreamError } from '../../src/upstream/errors.ts';
import { ResponseEvents } from '../../src/upstream/response-events.ts';
import { SseDecoder } from '../../src/upstream/sse.ts';
import type { UpstreamEvent, UpstreamFailure } from '../../src/upstream/types.ts';
import { HeldTime } from '../support/held-time.ts';
import { completed, created, itemAdded, messageItem, reasoningItem, says, textDelta } from '../support/model-events.ts';
import {
  gate,
  hang,
  json,
  ModelServer,
  type Reply,
  rawStream,
  status,
  stream,
  withHeaders,
} from '../support/model-server.ts';
import { compactRequest, eventsOf, failureOf, never, provider, samplingRequest, upstreamClient } from './setup.ts';

const ask = (
  client: UpstreamClient,
  model: ModelServer,
  signal = never(),
  streamIdleTimeoutMs = 10_000,
): AsyncIterable<UpstreamEvent> =>
  client.stream(samplingRequest({ provider: provider({ baseUrl: model.baseUrl, streamIdleTimeoutMs }) }), signal);

test('the head of an answer comes first, with limits and sticky values', async () => {
  await using model = await ModelServer.start();
  const headers = {
    'x-codex-primary-used-percent': '7',
    'x-reasoning-included': '',
    'x-codex-turn-state': 'sticky',
  };
  model.script(withHeaders(headers, stream(says('hi'))));
  await using client = upstreamClient();
  const [first] = await eventsOf(ask(client, model));
  assert.deepEqual(first, {
    kind: 'headers',
    rateLimits: {
      primary: { usedPercent: 7, windowDurationMins: null, resetsAt: null },
      secondary: null,
      credits: null,
      planType: null,
    },
    reasoningIncluded: true,
    turnState: 'sticky',
  });
});

test('deltas arrive while the answer is still open', async () => {
  await using model = await ModelServer.start();
  const held = gate();
  model.script(stream(created(), itemAdded(messageItem('m', null)), textDelta('He'), held.wait, says('Hello', 'm')));
  await using client = upstreamClient();
  const kinds: string[] = [];
  for await (const event of ask(client, model)) {
    kinds.push(event.kind);
    if (event.kind === 'textDelta') held.open();
  }
  assert.deepEqual(kinds, ['headers', 'itemAdded', 'textDelta', 'itemDone', 'completed']);
});

test('nothing after the completion is read', async () => {
  await using model = await ModelServer.start();
  model.script(hang(completed('r', { input: 10, cached: 2, output: 5, reasoning: 1 }), textDelta('late')));
  await using client = upstreamClient();
  const events = await eventsOf(ask(client, model));
  const usage = { inputTokens: 10, cachedInputTokens: 2, outputTokens: 5, reasoningOutputTokens: 1, totalTokens: 15 };
  assert.deepEqual(events.slice(1), [{ kind: 'completed', responseId: 'r', usage }]);
});

test('an abort while streaming closes the connection and ends with its reason', async () => {
  await using model = await ModelServer.start();
  model.script(hang(created(), textDelta('a')));
  await using client = upstreamClient();
  const abort = new AbortController();
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const event of ask(client, model, abort.signal)) {
      seen.push(event.kind);
      if (event.kind === 'textDelta') abort.abort(new Error('interrupted'));
    }
  }, /^Error: interrupted$/);
  assert.deepEqual(seen, ['headers', 'itemAdded', 'textDelta']);
  await (await model.waitForRequest()).closed;
});

test('an abort while waiting for the head closes the connection', async () => {
  await using model = await ModelServer.start();
  model.script({ ...stream(says('late')), delayMs: 60_000 });
  await using client = upstreamClient();
  const abort = new AbortController();
  const failing = eventsOf(ask(client, model, abort.signal));
  const { closed } = await model.waitForRequest();
  abort.abort(new Error('interrupted'));
  await assert.rejects(failing, /^Error: interrupted$/);
  await closed;
});

test('an abort from before sends nothing', async () => {
  await using model = await ModelServer.start();
  await using client = upstreamClient();
  await assert.rejects(eventsOf(ask(client, model, AbortSignal.abort(new Error('no')))), /^Error: no$/);
  assert.equal(model.received.length, 0);
});

test('leaving a stream early closes the connection', async () => {
  await using model = await ModelServer.start();
  model.script(hang(created(), textDelta('a')));
  await using client = upstreamClient();
  for await (const event of ask(client, model)) if (event.kind === 'textDelta') break;
  await (await model.waitForRequest()).closed;
});

test('silence ends the stream', async () => {
  await using model = await ModelServer.start();
  model.script(hang(created(), textDelta('a')));
  await using client = upstreamClient();
  const found = await failureOf(ask(client, model, never(), 30));
  assert.match(found.message, /^stream disconnected before completion: .*timeout/);
  assert.deepEqual([found.retryable, found.info], [true, 'other']);
  await (await model.waitForRequest()).closed;
});

/** What comes of a stream that says each of these a hundred milliseconds after the one before, and may be silent for 250. */
async function paced(context: TestContext, steps: readonly string[]): Promise<string> {
  const time = new HeldTime(context);
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const step of steps) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      yield Buffer.from(step);
    }
  }
  const report = (failure: UpstreamFailure): UpstreamError => new UpstreamError(failure);
  const limits = { idleTimeoutMs: 250, graceMs: 5, contentType: null, report, signal: never() };
  const events = new ResponseEvents(Object.assign(body(), { destroy: () => undefined }), new SseDecoder(), limits);
  const outcome = eventsOf(events).then(
    () => 'completed',
    ({ failure }) => failure.message,
  );
  await time.msOf(outcome);
  return outcome;
}

const frames = (events: readonly object[]): string[] => events.map((event) => `data: ${JSON.stringify(event)}\n\n`);
const END = frames([completed()]);

test('comments do not count as life', async (context) => {
  assert.match(await paced(context, [...Array<string>(6).fill(': ping\n\n'), ...END]), /timeout/);
});

test('unknown events count as life', async (context) => {
  assert.equal(await paced(context, [...Array<string>(6).fill('data: not json\n\n'), ...END]), 'completed');
});

test('words that come slowly are waited for, far longer than a silence may last', async (context) => {
  const words = Array.from({ length: 40 }, (_, at) => textDelta(`word ${at} `));
  const slow = frames([created(), itemAdded(messageItem('m', null)), ...words]);
  assert.equal(await paced(context, [...slow, ...END]), 'completed');
});

test('the wait for the head is not limited by the idle timeout', async (context) => {
  await using model = await ModelServer.start();
  model.script({ ...stream(says('late')), delayMs: 60 });
  await using client = upstreamClient();
  const time = new HeldTime(context);
  const events = eventsOf(ask(client, model, never(), 20));
  await model.waitForRequest();
  time.pass(60);
  assert.equal((await events).at(-1)?.kind, 'completed');
});

test('connections are used again', async () => {
  await using model = await ModelServer.start();
  model.script(...Array.from({ length: 5 }, () => stream(says('hi'))));
  await using client = upstreamClient();
  for (let turn = 0; turn < 5; turn += 1) await eventsOf(ask(client, model));
  assert.equal(model.received.length, 5);
  assert.ok(model.connections <= 2, `${model.connections} connections`);
});

test('a body in any cut and line ending reads the same', async () => {
  await using model = await ModelServer.start();
  const text =
    'data: {"type":"response.output_item.added","item":{"type":"message","id":"m"}}\r\n\r\ndata: {"type":"response.output_text.delta",\r\ndata: "delta":"grüße"}\r\n\r\ndata:{"type":"response.done"}\r\n\r\n';
  const bytes = Buffer.from(text);
  model.script(rawStream(...Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1))));
  await using client = upstreamClient();
  const events = await eventsOf(ask(client, model));
  assert.deepEqual(events.slice(2), [
    { kind: 'textDelta', delta: 'grüße' },
    {
      kind: 'itemDone',
      item: { type: 'message', id: 'm', role: 'assistant', content: [{ type: 'output_text', text: 'grüße' }] },
    },
    { kind: 'completed', responseId: null, usage: null },
  ]);
});

test('a compaction gives back the items that replace the history', async () => {
  await using model = await ModelServer.start();
  model.compact(
    json({
      output: [
        messageItem('m', 'short'),
        { type: 'compaction_summary', encrypted_content: 'x' },
        reasoningItem('r', ['s']),
      ],
    }),
  );
  await using client = upstreamClient();
  const items = await client.compact(compactRequest({ provider: provider({ baseUrl: model.baseUrl }) }), never());
  assert.deepEqual(items, [
    { type: 'message', id: 'm', role: 'assistant', content: [{ type: 'output_text', text: 'short' }] },
    { type: 'compaction', encrypted_content: 'x' },
    {
      type: 'reasoning',
      id: 'r',
      summary: [{ type: 'summary_text', text: 's' }],
      content: null,
      encrypted_content: 'sealed-r',
    },
  ]);
});

test('a compaction that fails says that it was one', async () => {
  await using model = await ModelServer.start();
  await using client = upstreamClient();
  const request = compactRequest({ provider: provider({ baseUrl: model.baseUrl, requestMaxRetries: 1 }) });
  const message = async (...replies: readonly Reply[]): Promise<string> => {
    model.compact(...replies);
    return (await failureOf(client.compact(request, never()))).message.replace(model.baseUrl, '@');
  };
  const prefix = 'Error running remote compact task: ';
  assert.equal(
    await message(status(404, 'gone')),
    `${prefix}unexpected status 404 Not Found: gone, url: @/responses/compact`,
  );
  assert.equal(
    await message(status(401, 'who')),
    `${prefix}unexpected status 401 Unauthorized: who, url: @/responses/compact`,
  );
  assert.match(await message(json({ output: [{ type: 'function_call' }] })), /could not be parsed/);
  assert.match(await message(json('no')), /could not be parsed/);
  assert.match(await message(status(500), status(500)), /high demand/);
  assert.equal(model.received.length, 6, 'the request layer retries');
});
