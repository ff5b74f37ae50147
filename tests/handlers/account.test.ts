import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

/** The provider wants a login, as the built-in one does. */
const LOGIN = { provider: 'requires_openai_auth = true\nrequest_max_retries = 0\nstream_max_retries = 0\n' };

const token = (claims: object): string =>
  [{ alg: 'none' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('sig')
    .join('.');

test('auth-file: logging in with an API key stores it for its owner alone, and is told after the answer', async () => {
  await using box = await Box.open(LOGIN);
  assert.deepEqual(await box.call('account/read'), { account: null, requiresOpenaiAuth: true });
  const id = box.client.start('account/login/start', { type: 'apiKey', apiKey: 'sk-one' });
  const reply = await box.client.reply(id);
  assert.deepEqual(reply.result, { type: 'apiKey' });
  const completed = await box.client.takeMethod('account/login/completed');
  assert.deepEqual(completed.params, { loginId: null, success: true, error: null });
  const updated = await box.client.takeMethod('account/updated');
  assert.equal(updated.params.authMode, 'apikey');
  assert.deepEqual(
    [reply, completed, updated].map((message) => box.client.messages.indexOf(message)),
    [0, 1, 2].map((n) => box.client.messages.indexOf(reply) + n),
  );
  const path = `${box.home}/auth.json`;
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).OPENAI_API_KEY, 'sk-one');
  assert.deepEqual(await box.call('account/read'), { account: { type: 'apiKey' }, requiresOpenaiAuth: true });
  // It is still there after a restart, and it is used.
  await box.start();
  box.model.script(stream(says('ok')));
  await box.completed(await box.thread(), 'go');
  assert.equal(box.model.to()[0]?.headers.authorization, 'Bearer sk-one');
});

test('tokens of the host stay in memory and are used by threads that run already', async () => {
  await using box = await Box.open(LOGIN);
  const threadId = await box.thread();
  const auth = { chatgpt_account_id: 'acct-1', chatgpt_plan_type: 'pro' };
  const accessToken = token({ email: 'a@b.c', 'https://api.openai.com/auth': auth });
  const reply = await box.call('account/login/start', {
    type: 'chatgptAuthTokens',
    accessToken,
    idToken: accessToken,
    chatgptAccountId: 'acct-1',
    chatgptPlanType: 'pro',
  });
  assert.deepEqual(reply, { type: 'chatgptAuthTokens' });
  assert.equal((await box.client.takeMethod('account/updated')).params.authMode, 'chatgptAuthTokens');
  assert.deepEqual((await box.call('account/read')).account, { type: 'chatgpt', email: 'a@b.c', planType: 'pro' });
  assert.throws(() => statSync(`${box.home}/auth.json`));
  box.model.script(stream(says('ok')));
  await box.completed(threadId, 'go');
  const headers = box.model.to()[0]?.headers;
  assert.equal(headers?.authorization, `Bearer ${accessToken}`);
  assert.equal(headers?.['chatgpt-account-id'], 'acct-1');
});
