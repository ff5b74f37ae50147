import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { piecesOf } from '../../src/demo/model/answer-events.ts';
import { EmbeddedModel } from '../../src/demo/model/server.ts';
import { eventsOf, never, provider, samplingRequest, upstreamClient } from '../upstream/setup.ts';
import { DIALECTS, userMessage } from './tool-runner.ts';

test('answers stream like those of the real API, with deltas and usage', async () => {
  await using model = await EmbeddedModel.start({ port: 0, deltaDelayMs: 0 });
  await using client = upstreamClient();
  const { body } = samplingRequest();
  const request = samplingRequest({
    provider: provider({ baseUrl: model.baseUrl }),
    body: { ...body, input: [userMessage('say hello there, world')], tools: DIALECTS['shell alone'] ?? [] },
  });
  const events = await eventsOf(client.stream(request, never()));
  assert.deepEqual(
    [...new Set(events.map(({ kind }) => kind))],
    ['headers', 'itemAdded', 'textDelta', 'itemDone', 'completed'],
  );
  const text = events.map((event) => (event.kind === 'textDelta' ? event.delta : '')).join('');
  assert.equal(text, 'hello there, world');
  const last = events.at(-1);
  assert.ok(
    last?.kind === 'completed' && last.usage !== null && last.usage.inputTokens > 0 && last.usage.outputTokens > 0,
  );
});

test('a call comes with words before it and an id of its own', async () => {
  await using model = await EmbeddedModel.start({ port: 0, deltaDelayMs: 0 });
  await using client = upstreamClient();
  const { body } = samplingRequest();
  const request = samplingRequest({
    provider: provider({ baseUrl: model.baseUrl }),
    body: { ...body, input: [userMessage('run ls')], tools: DIALECTS['shell alone'] ?? [] },
  });
  const ids = new Set<string>();
  for (let turn = 0; turn < 2; turn += 1) {
    const done = (await eventsOf(client.stream(request, never()))).flatMap((event) =>
      event.kind === 'itemDone' ? [event.item] : [],
    );
    assert.deepEqual(
      done.map(({ type }) => type),
      ['message', 'function_call'],
    );
    for (const item of done) if (item.type === 'function_call') ids.add(item.call_id);
  }
  assert.equal(ids.size, 2);
});

test('what is no request is refused in plain words', async () => {
  await using model = await EmbeddedModel.start({ port: 0, deltaDelayMs: 0 });
  const ask = async (path: string, body: string): Promise<[number, unknown]> => {
    const response = await fetch(`${model.baseUrl}${path}`, { method: 'POST', body });
    const answer = (await response.json()) as { error?: { message: string } };
    return [response.status, answer.error?.message];
  };
  assert.deepEqual(await ask('/responses', 'no json'), [400, '`input` must be an array']);
  assert.deepEqual(await ask('/responses', '{}'), [400, '`input` must be an array']);
  assert.equal((await ask('/chat/completions', '{}'))[0], 404);
  assert.deepEqual(await (await fetch(`${model.baseUrl}/models`)).json(), { models: [], data: [] });
});

test('the pieces of a text make up the text', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.equal(piecesOf(text).join(''), text)));
  assert.ok(piecesOf('a few words and averyveryveryveryveryverylongone').every((piece) => piece.length <= 26));
});
