/** Tokens that the parent application owns: login, what it rules out, renewal on a 401. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  announced,
  authText,
  bearers,
  failedTurn,
  hasAuth,
  openAuthBox,
  REFRESH,
} from '../../account/support/auth-box.ts';
import { external, idToken, ONE, stored, TWO } from '../../account/support/tokens.ts';
import type { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { status, stream } from '../../support/model-server.ts';

const EXPIRED = status(401, { error: { message: 'expired' } });
const AUTH_MODE = { authMode: 'chatgptAuthTokens' };

async function loggedIn(box: Box, params: object = external()): Promise<Box> {
  await box.call('account/login/start', params);
  return box;
}

/** Answers the next request for newer tokens. */
async function answerRefresh(box: Box, result: unknown): Promise<unknown> {
  const asked = await box.client.takeMethod(REFRESH);
  box.client.answer(asked, result);
  return asked.params;
}

const newer = (claims = TWO, accessToken = 'access-2'): object => ({ idToken: idToken(claims), accessToken });

test('a login with tokens is announced, kept in memory, and sent upstream with its account', async () => {
  await using box = await openAuthBox();
  box.model.script(stream(says('first')));
  assert.deepEqual(await box.call('account/login/start', external()), { type: 'chatgptAuthTokens' });
  await box.client.takeMethod('account/updated');
  const methods = box.client.messages.slice(-3).map(({ method, result }) => method ?? result);
  assert.deepEqual(methods, [{ type: 'chatgptAuthTokens' }, 'account/login/completed', 'account/updated']);
  assert.deepEqual(announced(box, 'account/login/completed'), [{ loginId: null, success: true, error: null }]);
  assert.deepEqual(announced(box), [AUTH_MODE]);
  const account = { type: 'chatgpt', email: 'one@example.com', planType: 'pro' };
  assert.deepEqual(await box.call('account/read'), { account, requiresOpenaiAuth: true });
  assert.deepEqual(await box.call('getAuthStatus', { includeToken: true }), {
    authMethod: 'chatgptAuthTokens',
    authToken: 'access-1',
    requiresOpenaiAuth: true,
  });
  assert.deepEqual(await box.call('userInfo', undefined), { allegedUserEmail: 'one@example.com' });
  await box.completed(await box.thread(), 'hello');
  assert.deepEqual(bearers(box), ['access-1']);
  const headers = box.model.to()[0]?.headers;
  assert.equal(headers?.['chatgpt-account-id'], 'org-one');
  assert.equal(headers?.originator, 'raw-client');
  assert.match(String(headers?.['user-agent']), /^raw-client\/.* \(raw-client; 1\.2\.3\)$/);
  assert.equal(hasAuth(box), false);
});

test('the account is read without asking the client for newer tokens, or the issuer for those they hide', async () => {
  const auth = stored({ claims: TWO, ageDays: 9 });
  await using box = await loggedIn(await openAuthBox({ auth }));
  const { account } = await box.call('account/read', { refreshToken: true });
  assert.equal(account.email, 'one@example.com');
  await box.call('getAuthStatus', { refreshToken: true });
  assert.deepEqual(box.client.ofMethod(REFRESH), []);
  assert.deepEqual(box.model.to('/oauth/token'), []);
  assert.equal(authText(box), JSON.stringify(auth));
});

test('a login that names account and plan beside the token needs no id token', async () => {
  await using box = await openAuthBox();
  const accessToken = idToken({ email: 'mail@example.com' });
  const params = { type: 'chatgptAuthTokens', accessToken, chatgptAccountId: 'org-x', chatgptPlanType: 'team' };
  await loggedIn(box, params);
  const account = { type: 'chatgpt', email: 'mail@example.com', planType: 'team' };
  assert.deepEqual((await box.call('account/read')).account, account);
  await loggedIn(box, { ...params, accessToken: 'opaque', chatgptPlanType: null });
  assert.deepEqual((await box.call('account/read')).account, { type: 'chatgpt', email: '', planType: 'unknown' });
  box.model.script(stream(says('hello')));
  await box.completed(await box.thread(), 'hello');
  assert.equal(box.model.to()[0]?.headers['chatgpt-account-id'], 'org-x');
});

test('a token without email or plan logs in, and the account cannot be shown', async () => {
  await using box = await loggedIn(await openAuthBox(), external({ email: 'one@example.com' }));
  const message = 'email and plan type are required for chatgpt authentication';
  assert.deepEqual(await box.error('account/read', {}), { code: -32600, message });
});

test('browser and key logins are refused while the client owns the login', async () => {
  await using box = await loggedIn(await openAuthBox());
  for (const [method, params] of [
    ['account/login/start', { type: 'chatgpt' }],
    ['loginChatGpt', undefined],
    ['account/login/start', { type: 'apiKey', apiKey: 'sk-x' }],
    ['loginApiKey', { apiKey: 'sk-x' }],
  ] as const) {
    const error = await box.error(method, params);
    assert.equal(error.code, -32600);
    assert.match(error.message, /^External auth is active\./);
  }
  assert.equal((await box.call('account/read')).account.email, 'one@example.com');
});

test('a login with tokens cancels a pending browser login', async () => {
  await using box = await openAuthBox();
  const { loginId, authUrl } = await box.call('account/login/start', { type: 'chatgpt' });
  await loggedIn(box);
  const ended = await box.client.take(({ params }) => params?.loginId === loginId, 'the end of the login');
  const error = 'Login server error: Login was not completed';
  assert.deepEqual(ended.params, { loginId, success: false, error });
  const port = new URL(new URL(authUrl).searchParams.get('redirect_uri') ?? '').port;
  await assert.rejects(fetch(`http://127.0.0.1:${port}/cancel`));
  await box.client.takeMethod('account/updated');
  assert.deepEqual(announced(box), [AUTH_MODE]);
  assert.equal(hasAuth(box), false);
});

test('broken and foreign tokens are refused, and those of before stay', async () => {
  await using box = await loggedIn(await openAuthBox({ top: 'forced_chatgpt_workspace_id = "org-one"' }));
  const wrong = (claims: object): object => external(claims);
  for (const [params, message] of [
    [{ ...external(), idToken: 'bad' }, 'invalid id token: invalid ID token format'],
    [{ ...external(), idToken: 'a..c' }, 'invalid id token: invalid ID token format'],
    [wrong({ account: 'org-two' }), 'External auth must use workspace org-one, but received Some("org-two").'],
    [wrong({}), 'External auth must use workspace org-one, but received None.'],
  ] as const) {
    assert.deepEqual(await box.error('account/login/start', params), { code: -32600, message });
  }
  const { message } = await box.error('account/login/start', { ...external(), idToken: 'a.!!.c' });
  assert.match(message, /^invalid id token: /);
  const { message: claim } = await box.error('account/login/start', wrong({ auth: { chatgpt_plan_type: 7 } }));
  assert.match(claim, /^invalid id token: .*chatgpt_plan_type/);
  assert.equal((await box.call('account/read')).account.email, 'one@example.com');
  assert.equal(announced(box).length, 1, 'the first login only');
  assert.equal(hasAuth(box), false);
});

test('tokens are refused when API keys are forced', async () => {
  await using box = await openAuthBox({ top: 'forced_login_method = "api"' });
  const message = 'External ChatGPT auth is disabled. Use API key login instead.';
  assert.deepEqual(await box.error('account/login/start', external()), { code: -32600, message });
  assert.equal((await box.call('account/read')).account, null);
  assert.equal(hasAuth(box), false);
});

test('logout-external: the tokens go, the stored login stays and is read at the next start', async () => {
  await using box = await openAuthBox({ auth: stored({ claims: TWO }) });
  await box.call('account/read');
  const before = authText(box);
  await loggedIn(box);
  assert.equal((await box.call('account/read')).account.email, 'one@example.com');
  assert.deepEqual(await box.call('account/logout', undefined), {});
  assert.equal((await box.call('account/read')).account, null);
  await box.call('account/logout', undefined);
  assert.equal(authText(box), before);
  await box.start();
  assert.equal((await box.call('account/read')).account.email, 'two@example.com');
});

test('a 401 asks the client for newer tokens, and the request is repeated with them', async () => {
  await using box = await loggedIn(await openAuthBox());
  box.model.script(EXPIRED, stream(says('second')), stream(says('third')));
  const thread = await box.thread();
  const turn = await box.turn(thread, 'hello');
  const params = await answerRefresh(box, { ...newer(), unknownMember: true });
  assert.deepEqual(params, { reason: 'unauthorized', previousAccountId: 'org-one' });
  assert.equal((await turn.ended()).status, 'completed');
  await box.completed(thread, 'again');
  assert.deepEqual(bearers(box), ['access-1', 'access-2', 'access-2']);
  assert.deepEqual(
    box.model.to().map(({ headers }) => headers['chatgpt-account-id']),
    ['org-one', 'org-two', 'org-two'],
  );
  const account = { type: 'chatgpt', email: 'two@example.com', planType: 'plus' };
  assert.deepEqual((await box.call('account/read')).account, account);
  assert.equal(announced(box).length, 1, 'a renewal is not announced');
  assert.equal(hasAuth(box), false);
});

test('a token without account asks with a null account, and a reply may name one without id token', async () => {
  await using box = await loggedIn(await openAuthBox(), external({ email: 'one@example.com', plan: 'pro' }));
  box.model.script(EXPIRED, stream(says('second')));
  const turn = await box.turn(await box.thread(), 'hello');
  const reply = { accessToken: 'access-2', chatgptAccountId: 'org-three', chatgptPlanType: 'free' };
  assert.deepEqual(await answerRefresh(box, reply), { reason: 'unauthorized', previousAccountId: null });
  assert.equal((await turn.ended()).status, 'completed');
  assert.deepEqual(
    box.model.to().map(({ headers }) => headers['chatgpt-account-id']),
    [undefined, 'org-three'],
  );
});

const REFUSALS: readonly (readonly [string, (box: Box) => Promise<void>, string])[] = [
  [
    'an error',
    async (box) => box.client.answerError(await box.client.takeMethod(REFRESH), -32000, 'the client’s own words'),
    'auth refresh request canceled: channel closed',
  ],
  [
    'a reply without id token',
    async (box) => void (await answerRefresh(box, { nonsense: true })),
    'missing field `idToken`',
  ],
  [
    'a broken id token',
    async (box) => void (await answerRefresh(box, { idToken: 'not-a-jwt', accessToken: 'access-2' })),
    'invalid ID token format',
  ],
  [
    'another workspace',
    async (box) => void (await answerRefresh(box, newer())),
    'external auth refresh returned workspace Some("org-two"), expected "org-one"',
  ],
];

for (const [what, answer, message] of REFUSALS) {
  test(`unauthorized: ${what} fails the turn with its cause, and the next request asks again`, async () => {
    await using box = await loggedIn(await openAuthBox({ top: 'forced_chatgpt_workspace_id = "org-one"' }));
    box.model.script(EXPIRED, EXPIRED, stream(says('at last')));
    const thread = await box.thread();
    const turn = await box.turn(thread, 'hello');
    await answer(box);
    const { status: end, error } = await turn.ended();
    assert.equal(end, 'failed');
    assert.deepEqual(error, { message, codexErrorInfo: 'unauthorized', additionalDetails: null });
    assert.deepEqual(
      turn.all('error').map(({ error: told, willRetry }) => [told, willRetry]),
      [[error, false]],
    );
    assert.equal(box.client.ofMethod(REFRESH).length, 1);
    assert.equal((await box.call('account/read')).account.email, 'one@example.com', 'the old tokens stay');
    const next = await box.turn(thread, 'again');
    await answerRefresh(box, newer(ONE));
    assert.equal((await next.ended()).status, 'completed');
    assert.deepEqual(bearers(box), ['access-1', 'access-1', 'access-2']);
    assert.equal(hasAuth(box), false);
  });
}

test('unauthorized: a client that is silent for ten seconds fails the turn; its late answer changes nothing', async () => {
  await using box = await loggedIn(await openAuthBox());
  box.model.script(EXPIRED, EXPIRED, stream(says('at last')));
  const thread = await box.thread();
  const turn = await box.turn(thread, 'hello');
  const asked = await box.client.takeMethod(REFRESH);
  const { error } = await turn.ended();
  assert.equal(error.message, 'auth refresh request timed out after 10s');
  assert.equal(error.codexErrorInfo, 'unauthorized');
  box.client.answer(asked, newer(TWO, 'too-late'));
  assert.equal((await box.call('account/read')).account.email, 'one@example.com');
  const next = await box.turn(thread, 'again');
  await answerRefresh(box, newer());
  assert.equal((await next.ended()).status, 'completed');
  assert.deepEqual(bearers(box), ['access-1', 'access-1', 'access-2']);
});

test('an answer that comes twice counts once', async () => {
  await using box = await loggedIn(await openAuthBox());
  box.model.script(EXPIRED, stream(says('second')), stream(says('third')));
  const thread = await box.thread();
  const turn = await box.turn(thread, 'hello');
  const asked = await box.client.takeMethod(REFRESH);
  box.client.answer(asked, newer());
  box.client.answer(asked, newer(ONE, 'access-of-the-second-answer'));
  assert.equal((await turn.ended()).status, 'completed');
  await box.completed(thread, 'again');
  assert.deepEqual(bearers(box), ['access-1', 'access-2', 'access-2']);
});

test('unauthorized: a second 401 after a good renewal fails the turn, without another question or a retry', async () => {
  await using box = await loggedIn(await openAuthBox({ provider: 'requires_openai_auth = true\n' }));
  box.model.script(EXPIRED, EXPIRED);
  const turn = await box.turn(await box.thread(), 'hello');
  await answerRefresh(box, newer());
  const { error } = await turn.ended();
  assert.equal(error.codexErrorInfo, 'unauthorized');
  assert.equal(error.message, 'unexpected status 401 Unauthorized: ');
  assert.equal(box.client.ofMethod(REFRESH).length, 1);
  assert.deepEqual(bearers(box), ['access-1', 'access-2']);
});

test('a login made while the client is asked wins over the answer', async () => {
  await using box = await loggedIn(await openAuthBox());
  box.model.script(EXPIRED, stream(says('second')));
  const turn = await box.turn(await box.thread(), 'hello');
  const asked = await box.client.takeMethod(REFRESH);
  await loggedIn(box, external(TWO, 'access-of-the-login'));
  assert.equal((await turn.ended()).status, 'completed');
  box.client.answer(asked, newer(ONE, 'access-of-the-answer'));
  assert.equal((await box.call('getAuthStatus', { includeToken: true })).authToken, 'access-of-the-login');
  assert.deepEqual(bearers(box), ['access-1', 'access-of-the-login']);
});

test('a logout made while the client is asked fails the turn, and the answer logs nobody in', async () => {
  await using box = await loggedIn(await openAuthBox());
  box.model.script(EXPIRED);
  const turn = await box.turn(await box.thread(), 'hello');
  const asked = await box.client.takeMethod(REFRESH);
  await box.call('account/logout', undefined);
  assert.equal((await turn.ended()).error.codexErrorInfo, 'unauthorized');
  box.client.answer(asked, newer());
  assert.equal((await box.call('account/read')).account, null);
});

test('a turn that waits for newer tokens can be interrupted', async () => {
  await using box = await loggedIn(await openAuthBox());
  box.model.script(EXPIRED);
  const turn = await box.turn(await box.thread(), 'hello');
  await box.client.takeMethod(REFRESH);
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
});

test('token-scope: tokens stay away from a provider that does not ask for a login, and its 401 asks nobody', async () => {
  await using box = await loggedIn(await openAuthBox({ provider: '' }));
  box.model.script(EXPIRED);
  assert.equal((await failedTurn(box, await box.thread())).codexErrorInfo, 'unauthorized');
  assert.deepEqual(bearers(box), [undefined]);
  assert.equal(box.model.to()[0]?.headers['chatgpt-account-id'], undefined);
  assert.deepEqual(box.client.ofMethod(REFRESH), []);
  assert.deepEqual(await box.call('account/read'), { account: null, requiresOpenaiAuth: false });
  const nobody = { authMethod: null, authToken: null, requiresOpenaiAuth: false };
  assert.deepEqual(await box.call('getAuthStatus', { includeToken: true }), nobody);
});

test('a provider with a key of its own sends that one, and its 401 asks nobody', async () => {
  const provider = 'requires_openai_auth = true\nenv_key = "OWN_KEY"\n';
  await using box = await loggedIn(await openAuthBox({ provider, env: { OWN_KEY: 'sk-own' } }));
  box.model.script(EXPIRED);
  assert.equal((await failedTurn(box, await box.thread())).codexErrorInfo, 'unauthorized');
  assert.deepEqual(bearers(box), ['sk-own']);
  assert.equal(box.model.to()[0]?.headers['chatgpt-account-id'], undefined);
  assert.deepEqual(box.client.ofMethod(REFRESH), []);
});

const REFUSED = {
  message: 'unexpected status 401 Unauthorized: ',
  codexErrorInfo: 'unauthorized',
  additionalDetails: null,
};

test('a 401 for nobody asks nobody', async () => {
  await using box = await openAuthBox();
  box.model.script(EXPIRED);
  assert.deepEqual(await failedTurn(box, await box.thread()), REFUSED);
  assert.deepEqual(bearers(box), [undefined]);
  assert.deepEqual(box.client.ofMethod(REFRESH), []);
});

test('a 401 for an API key asks nobody', async () => {
  await using box = await openAuthBox();
  await box.call('account/login/start', { type: 'apiKey', apiKey: 'sk-test-key' });
  box.model.script(EXPIRED);
  assert.deepEqual(await failedTurn(box, await box.thread()), REFUSED);
  assert.deepEqual(bearers(box), ['sk-test-key']);
  assert.deepEqual(box.client.ofMethod(REFRESH), []);
  assert.deepEqual(box.model.to('/oauth/token'), []);
  assert.equal(authText(box), JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'sk-test-key' }, null, 2));
});
