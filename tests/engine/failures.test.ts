import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, type BoxOptions, textOf } from '../support/box.ts';
import {
  created,
  failed,
  incomplete,
  itemAdded,
  message,
  messageItem,
  says,
  streams,
  textDelta,
} from '../support/model-events.ts';
import { cut, hang, type Reply, status, stream, withHeaders } from '../support/model-server.ts';

/** The error that a turn ends with. */
async function failure(replies: readonly Reply[], options: BoxOptions = {}) {
  await using box = await Box.open(options);
  box.model.script(...replies);
  const turn = await box.turn(await box.thread(), 'go');
  const ended = await turn.ended();
  assert.equal(ended.status, 'failed');
  const errors = turn.all('error');
  const last = errors.at(-1);
  assert.equal(last.willRetry, false);
  assert.deepEqual(last.error, ended.error);
  assert.equal(ended.error.additionalDetails, null);
  const [stored] = await box.turnsOf(turn.threadId);
  assert.deepEqual([stored.status, stored.error], ['failed', ended.error]);
  return { ...ended.error, errors, requests: box.model.to().length };
}

const ONE_RETRY = { provider: 'request_max_retries = 0\nstream_max_retries = 1\n' };

test('a 400 is shown with its body and not tried again', async () => {
  const error = await failure([status(400, 'the body')], ONE_RETRY);
  assert.deepEqual([error.message, error.codexErrorInfo, error.requests], ['the body', 'other', 1]);
});

test('unauthorized: a 401 without a login is unauthorized and never retried', async () => {
  const error = await failure([status(401, 'secret body')], ONE_RETRY);
  assert.equal(error.codexErrorInfo, 'unauthorized');
  assert.equal(error.requests, 1);
  assert.match(error.message, /^unexpected status 401 Unauthorized/);
  assert.ok(!error.message.includes('secret body'));
});

test('an unexpected status is retried by the stream layer, and named at last', async () => {
  const error = await failure(
    [status(404, 'nope', { 'x-request-id': 'req-1' }), status(404, 'nope', { 'x-request-id': 'req-1' })],
    ONE_RETRY,
  );
  assert.equal(error.requests, 2);
  const [notice] = error.errors;
  assert.equal(notice.willRetry, true);
  assert.equal(notice.error.message, 'Reconnecting... 1/1');
  assert.deepEqual(notice.error.codexErrorInfo, { responseStreamDisconnected: { httpStatusCode: 404 } });
  assert.match(
    error.message,
    /^unexpected status 404 Not Found: nope, url: http:\/\/.*\/v1\/responses, request id: req-1$/,
  );
  assert.equal(error.codexErrorInfo, 'other');
});

test('a 500 is retried by both layers, and its body is not shown', async () => {
  const error = await failure(
    Array.from({ length: 4 }, () => status(500, 'inner secret')),
    { provider: 'request_max_retries = 1\nstream_max_retries = 1\n' },
  );
  assert.deepEqual([error.codexErrorInfo, error.requests], ['internalServerError', 4]);
  assert.ok(!error.message.includes('inner secret'));
});

test('a 429 is final, whatever it says', async () => {
  const plain = await failure([status(429, 'slow down', { 'cf-ray': 'ray-1' })], ONE_RETRY);
  assert.equal(
    plain.message,
    'exceeded retry limit, last status: 429 Too Many Requests, request id: ray-1; the service says: slow down',
  );
  assert.deepEqual(plain.codexErrorInfo, { responseTooManyFailedAttempts: { httpStatusCode: 429 } });
  assert.equal(plain.requests, 1);
  const capped = await failure([
    status(429, 'x', { 'x-codex-model-cap-model': 'big', 'x-codex-model-cap-reset-after-seconds': '120' }),
  ]);
  assert.deepEqual(capped.codexErrorInfo, { modelCap: { model: 'big', reset_after_seconds: 120 } });
  const limited = await failure([
    status(429, { error: { type: 'usage_limit_reached', plan_type: 'pro', resets_at: 2_000_000_000 } }),
  ]);
  assert.equal(limited.codexErrorInfo, 'usageLimitExceeded');
  assert.match(limited.message, /^You've hit your usage limit\./);
});

test('rate limits of a refusal are told before the refusal', async () => {
  await using box = await Box.open();
  const reply = status(429, { error: { type: 'usage_limit_reached' } });
  box.model.script(
    withHeaders({ 'x-codex-primary-used-percent': '100', 'x-codex-primary-window-minutes': '60' }, reply),
  );
  const turn = await box.turn(await box.thread(), 'go');
  await turn.ended();
  const methods = box.client.messages.map(({ method }) => method);
  assert.ok(methods.indexOf('account/rateLimits/updated') < methods.indexOf('error'));
  const [{ params }] = box.client.ofMethod('account/rateLimits/updated') as [{ params: Record<string, unknown> }];
  assert.deepEqual(params.rateLimits, {
    primary: { usedPercent: 100, windowDurationMins: 60, resetsAt: null },
    secondary: null,
    credits: null,
    planType: null,
  });
});

test('response.failed: its code decides whether it is tried again and how it is named', async () => {
  const cases: [string, string, unknown, RegExp, number][] = [
    ['context_length_exceeded', 'x', 'contextWindowExceeded', /^Codex ran out of room/, 1],
    ['insufficient_quota', 'x', 'usageLimitExceeded', /^Quota exceeded\./, 1],
    ['usage_not_included', 'x', 'usageLimitExceeded', /./, 1],
    ['invalid_prompt', 'bad prompt', 'other', /^bad prompt$/, 1],
    ['server_is_overloaded', 'busy', 'other', /^stream disconnected before completion: busy$/, 2],
  ];
  for (const [code, text, info, pattern, requests] of cases) {
    const reply = stream(created(), failed(code, text));
    const error = await failure([reply, reply], ONE_RETRY);
    assert.deepEqual([code, error.codexErrorInfo, error.requests], [code, info, requests]);
    assert.match(error.message, pattern);
  }
});

test('a full context window shows as full', async () => {
  await using box = await Box.open({ top: 'model_context_window = 1000\n' });
  box.model.script(stream(created(), failed('context_length_exceeded')));
  const turn = await box.turn(await box.thread(), 'go');
  await turn.ended();
  const { tokenUsage } = turn.all('thread/tokenUsage/updated').at(-1);
  assert.equal(tokenUsage.total.totalTokens, 1000);
  assert.equal(tokenUsage.modelContextWindow, 1000);
});

test('a stream that ends early is tried again; its finished items stay, its open one ends', async () => {
  await using box = await Box.open(ONE_RETRY);
  box.model.script(
    cut(created(), message('msg-1', 'kept'), itemAdded(messageItem('msg-2', null)), textDelta('half')),
    stream(says('whole', 'msg-3')),
    stream(says('next', 'msg-4')),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'go');
  assert.deepEqual(
    turn.items('agentMessage').map(({ id, text }) => [id, text]),
    [
      ['msg-1', 'kept'],
      ['msg-2', 'half'],
      ['msg-3', 'whole'],
    ],
  );
  const [{ error, willRetry }] = turn.all('error');
  assert.equal(willRetry, true);
  assert.deepEqual(error.codexErrorInfo, { responseStreamDisconnected: { httpStatusCode: null } });
  assert.match(error.additionalDetails, /^stream disconnected before completion: /);
  await box.completed(threadId, 'more');
  const texts = (await box.sent(3)).map(textOf);
  assert.deepEqual(texts.slice(-4), ['go', 'kept', 'whole', 'more']);
});

test('turn-status: a turn that succeeds after retries is completed', async () => {
  await using box = await Box.open({ provider: 'request_max_retries = 0\nstream_max_retries = 3\n' });
  box.model.script(status(502, 'x'), stream(created(), incomplete('max_tokens')), stream(says('fine')));
  const turn = await box.completed(await box.thread(), 'go');
  assert.equal(turn.all('error').length, 2);
});

test('a stream that falls silent is given up after the idle time', async () => {
  const error = await failure([hang(created())], {
    provider: 'request_max_retries = 0\nstream_max_retries = 0\nstream_idle_timeout_ms = 100\n',
  });
  assert.match(error.message, /^stream disconnected before completion: /);
  assert.equal(error.codexErrorInfo, 'other');
});

test('a missing env_key fails the turn with the name of the variable', async () => {
  const error = await failure([], { provider: 'env_key = "SOME_UNSET_KEY"\nenv_key_instructions = "Set it."\n' });
  assert.equal(error.message, 'Missing environment variable: `SOME_UNSET_KEY`. Set it.');
});

test('turn-status: a failed turn does not colour the next one', async () => {
  await using box = await Box.open();
  box.model.script(status(400, 'no'), stream(streams(['yes'])));
  const threadId = await box.thread();
  assert.equal((await (await box.turn(threadId, 'a')).ended()).status, 'failed');
  await box.completed(threadId, 'b');
  assert.deepEqual(
    (await box.turnsOf(threadId)).map((turn) => turn.status),
    ['failed', 'completed'],
  );
});
