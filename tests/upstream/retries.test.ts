import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { failure, requestedDelayMs } from '../../src/upstream/errors.ts';
import { backOffMs, streamRetryDelayMs, withRetries } from '../../src/upstream/retry.ts';
import { says } from '../support/model-events.ts';
import { cut, ModelServer, type Reply, status, stream } from '../support/model-server.ts';
import { eventsOf, failureFrom, failureOf, never, provider, samplingRequest, upstreamClient } from './setup.ts';

async function requestsFor(requestMaxRetries: number, ...replies: readonly Reply[]): Promise<number> {
  await using model = await ModelServer.start();
  model.script(...replies);
  await failureFrom(model.baseUrl, { requestMaxRetries }).catch(() => null);
  return model.received.length;
}

test('server errors are repeated unseen, as often as the provider allows', async () => {
  assert.equal(await requestsFor(2, status(500), status(503), status(502), stream(says('late'))), 3);
  assert.equal(await requestsFor(0, status(500), stream(says('late'))), 1);
});

test('a request that gets through after a server error is an ordinary answer', async () => {
  await using model = await ModelServer.start();
  model.script(status(500), stream(says('hello')));
  await using client = upstreamClient();
  const request = samplingRequest({ provider: provider({ baseUrl: model.baseUrl, requestMaxRetries: 1 }) });
  const events = await eventsOf(client.stream(request, never()));
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['headers', 'itemDone', 'completed'],
  );
  assert.deepEqual(model.received[0]?.bytes, model.received[1]?.bytes);
});

test('what the client did wrong, and what came too often, is not repeated', async () => {
  for (const code of [400, 401, 403, 404, 413, 429]) assert.equal(await requestsFor(3, status(code)), 1, String(code));
});

test('a stream that breaks is not repeated here: the turn decides', async () => {
  assert.equal(await requestsFor(3, cut({ type: 'response.created' }), stream(says('late'))), 1);
});

test('a request that cannot be sent is tried again', async () => {
  let tries = 0;
  const outcome = await withRetries(async () => (tries += 1), {
    maxRetries: 3,
    random: () => 0,
    signal: never(),
    shouldRetry: async (count) => count < 3,
  });
  assert.equal(outcome, 3);
});

test('waiting for the next attempt ends with the abort', async () => {
  await using model = await ModelServer.start();
  model.script(status(500));
  await using client = upstreamClient({ random: () => 1 });
  const abort = new AbortController();
  const request = samplingRequest({ provider: provider({ baseUrl: model.baseUrl, requestMaxRetries: 20 }) });
  const failing = failureOf(client.stream(request, abort.signal));
  const { closed } = await model.waitForRequest();
  await closed;
  abort.abort(new Error('enough'));
  await assert.rejects(failing, /^Error: enough$/);
  assert.equal(model.received.length, 1);
});

test('the back-off doubles from 200 ms and strays by ten percent', () => {
  assert.deepEqual(
    [1, 2, 3, 4].map((attempt) => backOffMs(attempt, () => 0.5)),
    [200, 400, 800, 1600],
  );
  const anything = fc.record({
    attempt: fc.integer({ min: 1, max: 20 }),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  fc.assert(
    fc.property(anything, ({ attempt, random }) => {
      const middle = 200 * 2 ** (attempt - 1);
      const found = backOffMs(attempt, () => random);
      return found >= middle * 0.9 - 1 && found <= middle * 1.1 + 1;
    }),
  );
  assert.ok(backOffMs(100, () => 1) < 2 ** 31, 'fits a timer');
});

test('a wait that the service asks for takes the place of the back-off', () => {
  assert.equal(
    streamRetryDelayMs(3, failure({ message: '', retryAfterMs: 1500 }), () => 0.5),
    1500,
  );
  assert.equal(
    streamRetryDelayMs(3, failure({ message: '' }), () => 0.5),
    800,
  );
});

test('the wait is read in seconds and milliseconds', () => {
  const texts = [
    'try again in 11.054s',
    'Try Again In 28ms.',
    'try again in 3 seconds',
    'try again in 1 second',
    'try again later',
  ];
  assert.deepEqual(texts.map(requestedDelayMs), [11_054, 28, 3000, 1000, null]);
});
