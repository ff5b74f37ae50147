/** `account/read`, `getAuthStatus`, `userInfo`: what stored logins look like to a client, and which are not used. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authText, bearers, hasAuth, openAuthBox } from '../../account/support/auth-box.ts';
import { idToken, ONE, stored } from '../../account/support/tokens.ts';
import { says } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';

const NOBODY = { account: null, requiresOpenaiAuth: true };
const NO_STATUS = { authMethod: null, authToken: null, requiresOpenaiAuth: true };
const KEY = { OPENAI_API_KEY: 'sk-key' };

test('nobody is logged in', async () => {
  await using box = await openAuthBox();
  assert.deepEqual(await box.call('account/read'), NOBODY);
  assert.deepEqual(await box.call('getAuthStatus', { includeToken: true }), NO_STATUS);
  assert.deepEqual(await box.call('userInfo', undefined), { allegedUserEmail: null });
  assert.equal(hasAuth(box), false, 'reading makes no file');
});

test('a stored ChatGPT login is shown by its claims', async () => {
  const auth = stored();
  await using box = await openAuthBox({ auth });
  const account = { type: 'chatgpt', email: 'one@example.com', planType: 'pro' };
  assert.deepEqual(await box.call('account/read'), { account, requiresOpenaiAuth: true });
  assert.deepEqual(await box.call('userInfo', undefined), { allegedUserEmail: 'one@example.com' });
  assert.equal(authText(box), JSON.stringify(auth), 'reading leaves the file as it is');
});

test('the token of getAuthStatus is given only when it is asked for', async () => {
  await using box = await openAuthBox({ auth: KEY });
  assert.deepEqual(await box.call('account/read'), { account: { type: 'apiKey' }, requiresOpenaiAuth: true });
  const shown = { authMethod: 'apikey', authToken: null, requiresOpenaiAuth: true };
  assert.deepEqual(await box.call('getAuthStatus', {}), shown);
  assert.deepEqual(await box.call('getAuthStatus', { includeToken: null, refreshToken: null }), shown);
  assert.deepEqual(await box.call('getAuthStatus', { includeToken: true }), { ...shown, authToken: 'sk-key' });
  assert.equal(authText(box), JSON.stringify(KEY));
});

test('a provider that needs no login hides the account', async () => {
  await using box = await openAuthBox({ auth: KEY, provider: '' });
  assert.deepEqual(await box.call('account/read'), { account: null, requiresOpenaiAuth: false });
  const hidden = { authMethod: null, authToken: null, requiresOpenaiAuth: false };
  assert.deepEqual(await box.call('getAuthStatus', { includeToken: true }), hidden);
  assert.equal(authText(box), JSON.stringify(KEY));
});

test('refreshToken may be left out, and is no null', async () => {
  await using box = await openAuthBox();
  assert.deepEqual(await box.call('account/read', {}), NOBODY);
  const { code, message } = await box.error('account/read', { refreshToken: null });
  assert.equal(code, -32600);
  assert.match(message, /^Invalid request: /);
});

const stored1 = stored() as { readonly tokens: object };

const KINDS: readonly (readonly [string, object | string, string | null])[] = [
  ['a key without a mode', { OPENAI_API_KEY: 'sk-key', tokens: stored1.tokens }, 'apiKey'],
  ['a ChatGPT login beside a key', stored({ key: 'sk-key' }), 'chatgpt'],
  ['tokens without a mode', { tokens: stored1.tokens, last_refresh: '2026-01-01T00:00:00Z' }, 'chatgpt'],
  ['tokens of a parent application', { ...stored1, auth_mode: 'chatgptAuthTokens' }, 'chatgpt'],
  ['a mode of API keys without a key', { auth_mode: 'apikey', OPENAI_API_KEY: null }, null],
  ['an unknown mode', { ...stored1, auth_mode: 'telepathy' }, null],
  ['an id token that cannot be read', { ...stored1, tokens: { ...stored1.tokens, id_token: 'bad' } }, null],
  ['tokens that lack one', { auth_mode: 'chatgpt', tokens: { id_token: idToken(ONE) } }, null],
  ['a time that is none', { ...stored1, last_refresh: 'yesterday' }, null],
  ['no JSON', 'sk-key', null],
  ['half a file', JSON.stringify(stored1).slice(0, 80), null],
  ['another kind of JSON', '[1,2]', null],
  ['an empty file', '', null],
];

for (const [what, auth, type] of KINDS) {
  test(`auth.json with ${what} counts as ${type ?? 'no login'}, and is left as it is`, async () => {
    await using box = await openAuthBox({ auth });
    const { account } = await box.call('account/read');
    assert.equal(account?.type ?? null, type);
    assert.equal(authText(box), typeof auth === 'string' ? auth : JSON.stringify(auth));
  });
}

test('ChatGPT data without a time of renewal or without tokens is no usable login', async () => {
  await using undated = await openAuthBox({ auth: stored({ ageDays: null }) });
  assert.deepEqual(await undated.call('getAuthStatus', { includeToken: true }), NO_STATUS);
  assert.equal((await undated.call('account/read')).account.type, 'chatgpt');
  await using bare = await openAuthBox({ auth: { auth_mode: 'chatgpt', last_refresh: '2026-01-01T00:00:00Z' } });
  assert.deepEqual(await bare.call('getAuthStatus', { includeToken: true }), NO_STATUS);
  await using empty = await openAuthBox({ auth: {} });
  const message = 'email and plan type are required for chatgpt authentication';
  assert.deepEqual(await empty.error('account/read', {}), { code: -32600, message });
  empty.model.script(stream(says('without a token')));
  await empty.completed(await empty.thread(), 'hello');
  assert.deepEqual(bearers(empty), [undefined]);
});

const FORBIDDEN: readonly (readonly [string, string, object])[] = [
  ['an API key', 'forced_login_method = "chatgpt"', { OPENAI_API_KEY: 'sk-key' }],
  ['a ChatGPT login', 'forced_login_method = "api"', stored()],
  ['a login of another workspace', 'forced_chatgpt_workspace_id = "org-wanted"', stored()],
];

for (const [what, top, auth] of FORBIDDEN) {
  test(`forced-at-start: ${what} against ${top} is not used, and a configWarning says why`, async () => {
    await using box = await openAuthBox({ auth, top });
    const { summary } = (await box.client.takeMethod('configWarning')).params;
    assert.match(summary, /^Stored credentials are not used: .*forced_/);
    assert.deepEqual(await box.call('account/read'), NOBODY);
    box.model.script(stream(says('without a token')));
    await box.completed(await box.thread(), 'hello');
    assert.deepEqual(bearers(box), [undefined]);
    assert.equal(hasAuth(box), true);
  });
}

test('forced-at-start: credentials that fit are used without a word', async () => {
  const top = 'forced_login_method = "chatgpt"\nforced_chatgpt_workspace_id = "org-one"';
  await using box = await openAuthBox({ auth: stored(), top });
  assert.equal((await box.call('account/read')).account.type, 'chatgpt');
  assert.deepEqual(box.client.ofMethod('configWarning'), []);
});
