/** `account/login/start` with `chatgpt`, `loginChatGpt`, and their ends. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { test } from 'node:test';
import { announced, authFile, authFileMode, bearers, hasAuth, openAuthBox } from '../../account/support/auth-box.ts';
import { idToken, ONE, TWO } from '../../account/support/tokens.ts';
import type { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { json, type ReceivedRequest, status, stream } from '../../support/model-server.ts';

const CLIENT_ID = 'app_EMoamEEZ73f0CkXaXp7hrann';
const CANCELLED = 'Login server error: Login cancelled';

const accessToken = idToken({ plan: 'pro' });
const tokens = (claims = ONE): object => ({
  id_token: idToken({
    ...claims,
    auth: { is_org_owner: true, organization_id: 'org/1', project_id: 'proj', completed_platform_onboarding: false },
  }),
  access_token: accessToken,
  refresh_token: 'refresh-1',
});

const form = ({ bytes }: ReceivedRequest): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(bytes.toString('utf8')));

/** Codes become tokens, id tokens become a key. */
function issue(box: Box, claims = ONE): void {
  box.model.route('POST', '/oauth/token', (request) =>
    form(request).grant_type === 'authorization_code' ? json(tokens(claims)) : json({ access_token: 'sk-exchanged' }),
  );
}

interface Started {
  readonly loginId: string;
  readonly url: URL;
  /** The callback's address with the given parameters. */
  callback(parameters?: Record<string, string>): string;
  at(path: string): string;
}

async function start(box: Box, method = 'account/login/start'): Promise<Started> {
  const { loginId, authUrl } = await box.call(method, method === 'loginChatGpt' ? undefined : { type: 'chatgpt' });
  const url = new URL(authUrl);
  const port = new URL(url.searchParams.get('redirect_uri') ?? '').port;
  const at = (path: string): string => `http://127.0.0.1:${port}${path}`;
  const good = { code: 'code-1', state: url.searchParams.get('state') ?? '' };
  return { loginId, url, at, callback: (own = good) => at(`/auth/callback?${new URLSearchParams(own)}`) };
}

/** What a browser does: follows the redirect, on loopback. */
async function browse(address: string): Promise<Response> {
  const response = await fetch(address, { redirect: 'manual', headers: { accept: 'text/html' } });
  const { location } = Object.fromEntries(response.headers);
  return location === undefined ? response : fetch(location.replace('//localhost:', '//127.0.0.1:'));
}

// biome-ignore lint/suspicious/noExplicitAny: looked at as it came
async function endOf(box: Box, { loginId }: Started, method = 'account/login/completed'): Promise<any> {
  const fits = (message: { method?: string; params?: { loginId?: string } }): boolean =>
    message.method === method && message.params?.loginId === loginId;
  return (await box.client.take(fits, `${method} of ${loginId}`)).params;
}

test('the authorize URL has every parameter, in order', async () => {
  await using box = await openAuthBox();
  const { url } = await start(box);
  assert.equal(`${url.origin}${url.pathname}`, `${box.model.origin}/oauth/authorize`);
  const names = [...url.searchParams.keys()];
  assert.deepEqual(names, [
    'response_type',
    'client_id',
    'redirect_uri',
    'scope',
    'code_challenge',
    'code_challenge_method',
    'id_token_add_organizations',
    'codex_cli_simplified_flow',
    'state',
    'originator',
  ]);
  const fixed = { ...Object.fromEntries(url.searchParams), redirect_uri: '', code_challenge: '', state: '' };
  assert.deepEqual(fixed, {
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: '',
    scope: 'openid profile email offline_access',
    code_challenge: '',
    code_challenge_method: 'S256',
    id_token_add_organizations: 'true',
    codex_cli_simplified_flow: 'true',
    state: '',
    originator: 'raw-client',
  });
  assert.match(url.searchParams.get('redirect_uri') ?? '', /^http:\/\/localhost:\d+\/auth\/callback$/);
  assert.match(url.searchParams.get('code_challenge') ?? '', /^[\w-]{43}$/);
  assert.match(url.searchParams.get('state') ?? '', /^[\w-]{43}$/);
  assert.match(url.search, /scope=openid%20profile%20email%20offline_access/);
});

test('without an override the issuer and its address are those of the service', async () => {
  await using box = await openAuthBox({ env: { SHARDEX_ISSUER: undefined } });
  const { url } = await start(box);
  assert.equal(`${url.origin}${url.pathname}`, 'https://auth.openai.com/oauth/authorize');
});

test('a whole login: exchanged, stored, announced, used', async () => {
  await using box = await openAuthBox();
  issue(box);
  const login = await start(box);
  const redirect = await fetch(login.callback(), { redirect: 'manual' });
  assert.equal(redirect.status, 302);
  const location = new URL(redirect.headers.get('location') ?? '');
  assert.equal(location.hostname, 'localhost');
  assert.deepEqual([...location.searchParams.entries()].slice(1), [
    ['needs_setup', 'true'],
    ['org_id', 'org/1'],
    ['project_id', 'proj'],
    ['plan_type', 'pro'],
    ['platform_url', 'https://platform.openai.com'],
  ]);
  const page = await fetch(login.at(`${location.pathname}${location.search}`));
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(await page.text(), /<h1>Signed in<\/h1>/);

  assert.deepEqual(await endOf(box, login), { loginId: login.loginId, success: true, error: null });
  assert.deepEqual((await box.client.takeMethod('account/updated')).params, { authMode: 'chatgpt' });
  await assert.rejects(fetch(login.at('/success')), 'the port is closed');

  const [exchange, keyExchange] = box.model.to('/oauth/token');
  assert.ok(exchange && keyExchange);
  const { code_verifier = '', redirect_uri = '', ...sent } = form(exchange);
  assert.deepEqual(sent, { grant_type: 'authorization_code', code: 'code-1', client_id: CLIENT_ID });
  assert.equal(redirect_uri, login.url.searchParams.get('redirect_uri'));
  assert.equal(code_verifier.length, 86);
  const challenge = createHash('sha256').update(code_verifier).digest('base64url');
  assert.equal(challenge, login.url.searchParams.get('code_challenge'));
  for (const { headers } of [exchange, keyExchange]) {
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(headers['user-agent'], undefined);
    assert.equal(headers.originator, undefined);
  }
  assert.deepEqual(form(keyExchange), {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    client_id: CLIENT_ID,
    requested_token: 'openai-api-key',
    subject_token: (tokens() as { id_token: string }).id_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
  });

  const { last_refresh, ...file } = authFile(box);
  assert.deepEqual(file, {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: 'sk-exchanged',
    tokens: { ...tokens(), account_id: 'org-one' },
  });
  assert.match(last_refresh, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  assert.equal(authFileMode(box), '600');
  const account = { type: 'chatgpt', email: 'one@example.com', planType: 'pro' };
  assert.deepEqual((await box.call('account/read')).account, account);
  box.model.script(stream(says('hello')));
  await box.completed(await box.thread(), 'hello');
  assert.deepEqual(bearers(box), [accessToken]);
  assert.equal(box.model.to()[0]?.headers['chatgpt-account-id'], 'org-one');
});

test('loginChatGpt ends in the words of its generation only', async () => {
  await using box = await openAuthBox();
  issue(box);
  const login = await start(box, 'loginChatGpt');
  await browse(login.callback());
  const ended = await endOf(box, login, 'loginChatGptComplete');
  assert.deepEqual(ended, { loginId: login.loginId, success: true, error: null });
  assert.deepEqual((await box.client.takeMethod('authStatusChange')).params, { authMethod: 'chatgpt' });
  assert.deepEqual(authFile(box).tokens, { ...tokens(), account_id: 'org-one' });
  await box.call('account/read');
  assert.deepEqual(announced(box), []);
  assert.deepEqual(announced(box, 'account/login/completed'), []);
});

test('a browser that stops at the redirect has signed in all the same', async () => {
  await using box = await openAuthBox();
  issue(box);
  const login = await start(box);
  await fetch(login.callback(), { redirect: 'manual' });
  assert.equal((await endOf(box, login)).success, true);
  assert.deepEqual((await box.client.takeMethod('account/updated')).params, { authMode: 'chatgpt' });
});

test('the page of success is not shown, and the login not ended, before anybody has signed in', async () => {
  await using box = await openAuthBox();
  issue(box);
  const login = await start(box);
  assert.equal((await fetch(login.at('/success'))).status, 400);
  assert.deepEqual(announced(box, 'account/login/completed'), []);
  await browse(login.callback());
  assert.equal((await endOf(box, login)).success, true);
});

test('a callback that is not ours, or brings nothing, leaves the login waiting', async () => {
  await using box = await openAuthBox();
  issue(box);
  const login = await start(box);
  const state = login.url.searchParams.get('state') ?? '';
  const shown = async (address: string): Promise<string> => {
    const response = await fetch(address, { redirect: 'manual' });
    return `${response.status} ${await response.text()}`;
  };
  assert.equal(await shown(login.callback({ code: 'code-1', state: 'other' })), '400 State mismatch');
  assert.equal(await shown(login.callback({ code: 'code-1' })), '400 State mismatch');
  assert.equal(await shown(login.callback({ state })), '400 Missing authorization code');
  assert.equal(await shown(login.callback({ state, error: 'access_denied' })), '400 Missing authorization code');
  assert.equal(await shown(login.at('/elsewhere')), '404 Not Found');
  assert.deepEqual(box.model.to('/oauth/token'), []);
  await browse(login.callback());
  assert.equal((await endOf(box, login)).success, true);
});

test('a browser gets a page for what went wrong, and nothing of the address on it', async () => {
  await using box = await openAuthBox();
  const login = await start(box);
  const address = login.callback({ code: '<script>', state: '<script>' });
  const response = await fetch(address, { headers: { accept: 'text/html' } });
  const text = await response.text();
  assert.match(text, /State mismatch/);
  assert.doesNotMatch(text, /<script/);
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
});

test('a token exchange that fails is told with its status, and may be tried again', async () => {
  await using box = await openAuthBox();
  const login = await start(box);
  const shown = async (): Promise<string> => (await fetch(login.callback(), { redirect: 'manual' })).text();
  const redirected = { location: `${box.model.origin}/elsewhere` };
  const answers = [
    [status(400, { error: 'invalid_grant' }), /^Token exchange failed: .*400 Bad Request/],
    [status(500, 'oops'), /^Token exchange failed: .*500 Internal Server Error/],
    [status(302, '', redirected), /^Token exchange failed: .*302 Found/],
    [status(200, 'garbage'), /^Token exchange failed: error decoding response body/],
    [json({ id_token: 'x' }), /^Token exchange failed: error decoding response body/],
    [json({ ...tokens(), id_token: 'bad' }), /^Unable to persist auth file: invalid ID token format$/],
  ] as const;
  for (const [answer, text] of answers) {
    box.model.route('POST', '/oauth/token', answer);
    assert.match(await shown(), text);
  }
  assert.deepEqual(box.model.to('/elsewhere'), []);
  assert.equal(hasAuth(box), false);
  issue(box);
  await browse(login.callback());
  assert.equal((await endOf(box, login)).success, true);
});

test('an account without an API key logs in all the same', async () => {
  await using box = await openAuthBox();
  box.model.route('POST', '/oauth/token', (request) =>
    form(request).grant_type === 'authorization_code' ? json(tokens()) : status(401, { error: 'no key for you' }),
  );
  const login = await start(box);
  await browse(login.callback());
  assert.equal((await endOf(box, login)).success, true);
  assert.equal(authFile(box).OPENAI_API_KEY, null);
});

test('a forced workspace is asked for, and another one ends the login with nothing stored', async () => {
  await using box = await openAuthBox({ top: 'forced_chatgpt_workspace_id = "org-one"' });
  issue(box, TWO);
  const login = await start(box);
  assert.equal(login.url.searchParams.get('allowed_workspace_id'), 'org-one');
  assert.match(login.url.search, /&allowed_workspace_id=org-one$/);
  const response = await fetch(login.callback(), { redirect: 'manual' });
  assert.equal(response.status, 200);
  assert.equal(await response.text(), 'Login is restricted to workspace id org-one.');
  const ended = await endOf(box, login);
  const error = 'Login server error: Login is restricted to workspace id org-one.';
  assert.deepEqual(ended, { loginId: login.loginId, success: false, error });
  assert.equal(hasAuth(box), false);
  assert.deepEqual(announced(box), []);
  const second = await start(box, 'loginChatGpt');
  assert.match(second.url.search, /&allowed_workspace_id=org-one$/);
});

test('both generations refuse a browser login when API keys are forced', async () => {
  await using box = await openAuthBox({ top: 'forced_login_method = "api"' });
  const message = 'ChatGPT login is disabled. Use API key login instead.';
  assert.deepEqual(await box.error('account/login/start', { type: 'chatgpt' }), { code: -32600, message });
  assert.deepEqual(await box.error('loginChatGpt', undefined), { code: -32600, message });
  assert.deepEqual(await box.call('account/read'), { account: null, requiresOpenaiAuth: true });
  assert.equal(hasAuth(box), false);
});

test('a login can be cancelled: answered first, then ended, its port closed', async () => {
  await using box = await openAuthBox();
  const login = await start(box);
  assert.deepEqual(await box.call('account/login/cancel', { loginId: login.loginId }), { status: 'canceled' });
  const error = 'Login server error: Login was not completed';
  assert.deepEqual(await endOf(box, login), { loginId: login.loginId, success: false, error });
  await assert.rejects(fetch(login.at('/cancel')));
  assert.deepEqual(await box.call('account/login/cancel', { loginId: login.loginId }), { status: 'notFound' });
  assert.deepEqual(announced(box), []);
  assert.deepEqual(box.model.to('/oauth/token'), []);
  assert.equal(hasAuth(box), false);
});

test('either generation cancels the other’s login; ids that mean nothing are told apart', async () => {
  await using box = await openAuthBox();
  const first = await start(box, 'loginChatGpt');
  assert.deepEqual(await box.call('account/login/cancel', { loginId: first.loginId }), { status: 'canceled' });
  assert.equal((await endOf(box, first, 'loginChatGptComplete')).success, false);
  const second = await start(box);
  assert.deepEqual(await box.call('cancelLoginChatGpt', { loginId: second.loginId }), {});
  assert.equal((await endOf(box, second)).success, false);
  const unknown = '00000000-0000-4000-8000-000000000001';
  assert.deepEqual(await box.call('account/login/cancel', { loginId: unknown }), { status: 'notFound' });
  const notFound = { code: -32600, message: `login id not found: ${unknown}` };
  assert.deepEqual(await box.error('cancelLoginChatGpt', { loginId: unknown }), notFound);
  const spelled = `{${unknown.toUpperCase()}}`;
  assert.deepEqual(await box.error('cancelLoginChatGpt', { loginId: spelled }), notFound, 'as it is spelled by us');
  const invalid = { code: -32600, message: 'invalid login id: x' };
  assert.deepEqual(await box.error('account/login/cancel', { loginId: 'x' }), invalid);
  assert.match((await box.error('cancelLoginChatGpt', { loginId: 'x' })).message, /^Invalid request: /);
});

test('/cancel ends the login', async () => {
  await using box = await openAuthBox();
  const login = await start(box);
  const response = await fetch(login.at('/cancel'));
  assert.equal(await response.text(), 'Login cancelled');
  assert.deepEqual(await endOf(box, login), { loginId: login.loginId, success: false, error: CANCELLED });
  assert.equal(hasAuth(box), false);
});

test('logins and logouts of other kinds end a pending one', async () => {
  await using box = await openAuthBox();
  for (const [method, params] of [
    ['account/login/start', { type: 'apiKey', apiKey: 'sk-x' }],
    ['account/logout', undefined],
  ] as const) {
    const login = await start(box);
    await box.call(method, params);
    assert.equal((await endOf(box, login)).error, 'Login server error: Login was not completed');
  }
});

/** A port that nobody holds. */
async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a second login takes the port from the first, which ends before the second is answered', async () => {
  const port = await freePort();
  await using box = await openAuthBox({ env: { SHARDEX_LOGIN_PORT: String(port) } });
  issue(box);
  const first = await start(box);
  const second = await start(box);
  assert.equal(new URL(second.at('/')).port, String(port));
  const ends = box.client.messages.findIndex(({ params }) => params?.loginId === first.loginId);
  const answer = box.client.messages.findIndex(({ result }) => result?.loginId === second.loginId);
  assert.ok(ends !== -1 && ends < answer);
  assert.equal((await endOf(box, first)).error, CANCELLED);
  assert.equal(hasAuth(box), false);
  await browse(second.callback());
  assert.equal((await endOf(box, second)).success, true);
  assert.deepEqual(authFile(box).tokens, { ...tokens(), account_id: 'org-one' });
});

test('a login of another server gives up the port', async () => {
  const env = { SHARDEX_LOGIN_PORT: String(await freePort()) };
  await using one = await openAuthBox({ env });
  await using other = await openAuthBox({ env });
  const first = await start(one);
  const second = await start(other);
  assert.equal((await endOf(one, first)).error, CANCELLED);
  assert.equal(new URL(second.at('/')).port, env.SHARDEX_LOGIN_PORT);
});

test('a port that nobody gives up is an error after a while, and other requests go on meanwhile', async () => {
  let asked = 0;
  const other = createServer((request, response) => {
    if (request.url === '/cancel') asked += 1;
    response.end('no');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  try {
    await using box = await openAuthBox({ env: { SHARDEX_LOGIN_PORT: String(port) } });
    const id = box.client.start('account/login/start', { type: 'chatgpt' });
    await box.thread();
    const reply = await box.client.reply(id);
    const message = `failed to start login server: Port 127.0.0.1:${port} is already in use`;
    assert.deepEqual(reply.error, { code: -32603, message });
    assert.equal(asked, 1);
  } finally {
    other.close();
    other.closeAllConnections();
  }
});

test('a login cancelled while the issuer is asked stores nothing', async () => {
  await using box = await openAuthBox();
  const login = await start(box);
  box.model.route('POST', '/oauth/token', { ...json(tokens()), delayMs: 60_000 });
  const callback = fetch(login.callback(), { redirect: 'manual' }).then((response) => response.text());
  await box.model.waitForRequest(1, '/oauth/token');
  await box.call('account/login/cancel', { loginId: login.loginId });
  assert.equal((await endOf(box, login)).success, false);
  assert.match(await callback, /Login cancelled/);
  assert.equal(hasAuth(box), false);
});

test('the end of the server ends a pending login', async () => {
  await using box = await openAuthBox();
  const login = await start(box);
  box.client.endInput();
  assert.deepEqual(await box.client.server.exit(), { code: 0, signal: null });
  await assert.rejects(fetch(login.at('/cancel')));
});

test('a login stored where it cannot be is told to the browser, and may be tried again', async () => {
  await using box = await openAuthBox({ top: 'cli_auth_credentials_store = "keyring"', env: { DISPLAY: undefined } });
  if (process.platform !== 'linux' || process.env.DBUS_SESSION_BUS_ADDRESS !== undefined) return;
  issue(box);
  const login = await start(box);
  const response = await fetch(login.callback(), { redirect: 'manual' });
  assert.equal(response.status, 500);
  assert.match(await response.text(), /^Unable to persist auth file: /);
  assert.deepEqual(announced(box, 'account/login/completed'), []);
});
