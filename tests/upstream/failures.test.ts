import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { UpstreamFailure } from '../../src/upstream/types.ts';
import { completed, created, failed, incomplete, message } from '../support/model-events.ts';
import { cut, hang, ModelServer, type Reply, rawStream, status, stream } from '../support/model-server.ts';
import { failureFrom, failureOf, never, provider, samplingRequest, upstreamClient } from './setup.ts';

interface Row {
  readonly when: string;
  readonly reply: Reply;
  /** `@` stands for the address. */
  readonly message: string | RegExp;
  readonly info?: UpstreamFailure['info'];
  readonly retryable: boolean;
  readonly noticeStatus?: number;
  readonly more?: Partial<UpstreamFailure>;
}

const INVALID_IMAGE = 'The image data you provided does not represent a valid image';
const unexpected = (code: number, text: string): Row => ({
  when: `status ${code}`,
  reply: status(code, 'some text'),
  message: `unexpected status ${text}: some text, url: @`,
  retryable: true,
  noticeStatus: code,
});
const usage = (type: string, more: object = {}): object => ({ error: { type, message: 'ignored', ...more } });

const HTTP_ROWS: readonly Row[] = [
  { when: '400', reply: status(400, '{"error": "as it is"}'), message: '{"error": "as it is"}', retryable: false },
  {
    when: '400 about an image',
    reply: status(400, { error: { message: `${INVALID_IMAGE}.` } }),
    message: /^Invalid image in your last message\./,
    info: 'badRequest',
    retryable: false,
    more: { reason: 'invalidImage' },
  },
  {
    when: '401',
    reply: status(401, 'the key sk-1 is wrong'),
    message: 'unexpected status 401 Unauthorized: ',
    info: 'unauthorized',
    retryable: false,
    more: { reason: 'unauthorized', status: 401 },
  },
  unexpected(402, '402 Payment Required'),
  unexpected(403, '403 Forbidden'),
  unexpected(404, '404 Not Found'),
  unexpected(413, '413 Payload Too Large'),
  unexpected(418, "418 I'm a teapot"),
  unexpected(502, '502 Bad Gateway'),
  unexpected(503, '503 Service Unavailable'),
  unexpected(599, '599 <unknown status code>'),
  {
    when: '404 with an endless page',
    reply: status(404, '😀'.repeat(100_000)),
    message: /^unexpected status 404 Not Found: (?:😀){4096}…, url: @$/,
    retryable: true,
    noticeStatus: 404,
  },
  {
    when: '404 with a request id',
    reply: status(404, 'gone', { 'x-request-id': 'req-7', 'x-oai-request-id': 'later' }),
    message: 'unexpected status 404 Not Found: gone, url: @, request id: req-7',
    retryable: true,
    noticeStatus: 404,
  },
  {
    when: '403 of a firewall',
    reply: status(403, '<html>Cloudflare: you have been blocked</html>', { 'cf-ray': 'ray-1' }),
    message: /^Access blocked by Cloudflare\..*\(status 403 Forbidden\), url: @, request id: ray-1$/,
    retryable: true,
    noticeStatus: 403,
  },
  {
    when: '500',
    reply: status(500, 'not shown'),
    message: /high demand/,
    info: 'internalServerError',
    retryable: true,
  },
  {
    when: '429 for a model at capacity',
    reply: status(429, usage('usage_limit_reached'), {
      'x-codex-model-cap-model': 'big-model',
      'x-codex-model-cap-reset-after-seconds': '120',
    }),
    message: /big-model.*in 2m\.$/,
    info: { modelCap: { model: 'big-model', reset_after_seconds: 120 } },
    retryable: false,
  },
  {
    when: '429 for a model at capacity without a time',
    reply: status(429, '', { 'x-codex-model-cap-model': 'big-model' }),
    message: /big-model.*later\.$/,
    info: { modelCap: { model: 'big-model', reset_after_seconds: null } },
    retryable: false,
  },
  {
    when: '429 usage_limit_reached',
    reply: status(429, usage('usage_limit_reached'), { 'x-codex-primary-used-percent': '100.0' }),
    message: "You've hit your usage limit. Try again later.",
    info: 'usageLimitExceeded',
    retryable: false,
    more: {
      rateLimits: {
        primary: { usedPercent: 100, windowDurationMins: null, resetsAt: null },
        secondary: null,
        credits: null,
        planType: null,
      },
    },
  },
  {
    when: '429 usage_limit_reached with an offer',
    reply: status(429, usage('usage_limit_reached', { plan_type: 'pro' }), { 'x-codex-promo-message': 'Half price' }),
    message: "You've hit your usage limit. Half price, or try again later.",
    info: 'usageLimitExceeded',
    retryable: false,
  },
  {
    when: '429 usage_not_included',
    reply: status(429, usage('usage_not_included')),
    message: /Upgrade/,
    info: 'usageLimitExceeded',
    retryable: false,
  },
  {
    when: 'any other 429',
    reply: status(429, 'slow down', { 'x-request-id': 'req-1' }),
    message: 'exceeded retry limit, last status: 429 Too Many Requests, request id: req-1; the service says: slow down',
    info: { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
    retryable: false,
  },
];

const DISCONNECTED = 'stream disconnected before completion: ';
const closed = `${DISCONNECTED}stream closed before response.completed`;
const broken = (when: string, reply: Reply, text: string | RegExp): Row => ({
  when,
  reply,
  message: text,
  retryable: true,
});

const STREAM_ROWS: readonly Row[] = [
  broken('a stream that ends early', stream(created(), message('m', 'hi')), closed),
  broken(
    'response.incomplete',
    stream(created(), incomplete('max_output_tokens')),
    `${DISCONNECTED}the response is incomplete (max_output_tokens)`,
  ),
  broken('an event called error', stream(created(), { type: 'error', message: 'no' }), `${DISCONNECTED}no`),
  broken(
    'an event that breaks off',
    rawStream('data: {"type":"response.created"}\n\ndata: {"type":"response.comp'),
    `${DISCONNECTED}the stream broke off in the middle of an event`,
  ),
  broken(
    'a connection that breaks',
    cut(created(), message('m', 'hi')),
    /^stream disconnected before completion: .*broke/,
  ),
  broken('response.failed with some code', stream(failed('server_error', 'why')), `${DISCONNECTED}why`),
  broken('server_is_overloaded', stream(failed('server_is_overloaded', 'busy')), `${DISCONNECTED}busy`),
  broken('slow_down', stream(failed('slow_down', 'calm')), `${DISCONNECTED}calm`),
  broken('response.failed that breaks off', cut(failed('server_error', 'why')), `${DISCONNECTED}why`),
  broken(
    'response.failed without an error',
    stream({ type: 'response.failed', response: { id: 'r' } }),
    `${DISCONNECTED}response.failed event received`,
  ),
  {
    when: 'context_length_exceeded',
    reply: stream(failed('context_length_exceeded')),
    message: /^Codex ran out of room/,
    info: 'contextWindowExceeded',
    retryable: false,
    more: { reason: 'contextWindow' },
  },
  {
    when: 'insufficient_quota',
    reply: stream(failed('insufficient_quota')),
    message: /^Quota exceeded\./,
    info: 'usageLimitExceeded',
    retryable: false,
  },
  {
    when: 'usage_not_included',
    reply: stream(failed('usage_not_included')),
    message: /Upgrade/,
    info: 'usageLimitExceeded',
    retryable: false,
  },
  {
    when: 'invalid_prompt',
    reply: stream(failed('invalid_prompt', 'not that')),
    message: 'not that',
    retryable: false,
  },
  {
    when: 'invalid_prompt without words',
    reply: stream({ type: 'response.failed', response: { error: { code: 'invalid_prompt' } } }),
    message: 'Invalid request.',
    retryable: false,
  },
  {
    when: 'response.cancelled',
    reply: stream({ type: 'response.cancelled', response: { id: 'r', status: 'cancelled' } }),
    message: `${DISCONNECTED}the model service cancelled the response`,
    retryable: true,
  },
  {
    when: 'a completion that calls itself cancelled',
    reply: stream({ type: 'response.completed', response: { id: 'r', status: 'cancelled' } }),
    message: `${DISCONNECTED}the model service cancelled the response`,
    retryable: true,
  },
  {
    when: 'rate_limit_exceeded',
    reply: stream(failed('rate_limit_exceeded', 'Please try again in 1.5s.')),
    message: `${DISCONNECTED}Please try again in 1.5s.`,
    retryable: true,
    more: { retryAfterMs: 1500 },
  },
];

for (const row of [...HTTP_ROWS, ...STREAM_ROWS]) {
  test(`${row.when} is reported as the reference does`, async () => {
    await using model = await ModelServer.start();
    model.script(row.reply);
    const found = await failureFrom(model.baseUrl);
    const text = found.message.replace(`${model.baseUrl}/responses`, '@');
    if (typeof row.message === 'string') assert.equal(text, row.message);
    else assert.match(text, row.message);
    assert.deepEqual(found.info, row.info ?? 'other');
    assert.equal(found.retryable, row.retryable);
    assert.equal(found.noticeStatus, row.noticeStatus ?? null);
    for (const [name, value] of Object.entries(row.more ?? {})) assert.deepEqual(Reflect.get(found, name), value, name);
    assert.equal(model.received.length, 1);
  });
}

test('a refused connection is a send failure that names the address', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`;
  await new Promise((resolve) => server.close(resolve));
  const found = await failureFrom(baseUrl);
  assert.ok(found.message.startsWith(DISCONNECTED) && found.message.includes(`${baseUrl}/responses`), found.message);
  assert.deepEqual([found.info, found.retryable, found.noticeStatus], ['other', true, null]);
});

test('a connection that closes before the head is a send failure', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()).on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const found = await failureFrom(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`);
  await new Promise((resolve) => server.close(resolve));
  assert.match(found.message, /could not be sent/);
  assert.equal(found.retryable, true);
});

test('an address that is none is reported without a retry', async () => {
  for (const baseUrl of ['not a url', 'file:///etc/passwd', 'http://[']) {
    const found = await failureFrom(baseUrl);
    assert.equal(found.message, 'invalid base_url of model provider `local`');
    assert.equal(found.retryable, false);
  }
});

test('a provider without its variable fails before anything is sent', async () => {
  await using client = upstreamClient({ env: { SOME_KEY: '  ' } });
  const ask = (envKeyInstructions: string | null): Promise<UpstreamFailure> =>
    failureOf(
      client.stream(samplingRequest({ provider: provider({ envKey: 'SOME_KEY', envKeyInstructions }) }), never()),
    );
  const found = await ask('Get one at example.test.');
  assert.equal(found.message, 'Missing environment variable: `SOME_KEY`. Get one at example.test.');
  assert.deepEqual([found.info, found.retryable, found.status], ['other', false, null]);
  assert.equal((await ask(null)).message, 'Missing environment variable: `SOME_KEY`.');
});

test('a completion after response.failed wins', async () => {
  await using model = await ModelServer.start();
  model.script(stream(failed('server_error'), message('m', 'after all'), completed()));
  await using client = upstreamClient();
  const kinds: string[] = [];
  const request = samplingRequest({ provider: provider({ baseUrl: model.baseUrl }) });
  for await (const event of client.stream(request, never())) kinds.push(event.kind);
  assert.deepEqual(kinds, ['headers', 'itemDone', 'completed']);
});

test('a failure is reported soon although the connection stays open', async () => {
  await using model = await ModelServer.start();
  model.script(hang(failed('server_error', 'why')));
  await using client = upstreamClient({ graceMs: 5 });
  const request = samplingRequest({ provider: provider({ baseUrl: model.baseUrl, streamIdleTimeoutMs: 600_000 }) });
  assert.equal((await failureOf(client.stream(request, never()))).message, `${DISCONNECTED}why`);
});
