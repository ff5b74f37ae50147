/** Tokens that the server renews itself: when, how, what is written back, and what happens when it cannot be done. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import {
  announced,
  authFile,
  authFileMode,
  authText,
  bearers,
  failedTurn,
  hasAuth,
  openAuthBox,
  writeAuth,
} from '../../account/support/auth-box.ts';
import { idToken, ONE, stored, TWO } from '../../account/support/tokens.ts';
import { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { gate, hang, json, type Reply, status, stream } from '../../support/model-server.ts';
import { RawClient } from '../../support/raw-client.ts';

const EXPIRED = status(401, { error: { message: 'expired' } });
const TOKEN = '/oauth/token';
const renewed = { id_token: idToken(ONE), access_token: 'access-2', refresh_token: 'refresh-2' };

/** A box with a stored login, whose issuer answers so. */
async function openManaged(answer: Reply, auth: object | string = stored(), top = ''): Promise<Box> {
  const box = await openAuthBox({ auth, top });
  box.model.route('POST', TOKEN, answer);
  return box;
}

test('a 401 renews the tokens once, writes them back and repeats the request', async () => {
  await using box = await openManaged(json(renewed), stored({ key: 'sk-kept', account: 'ws-stored' }));
  box.model.script(EXPIRED, stream(says('hello')));
  await box.completed(await box.thread(), 'hello');
  assert.deepEqual(bearers(box), ['access-1', 'access-2']);
  const accounts = box.model.to().map(({ headers }) => headers['chatgpt-account-id']);
  assert.deepEqual(accounts, ['ws-stored', 'ws-stored'], 'the stored account counts, not the claim');
  const { last_refresh, ...file } = authFile(box);
  assert.deepEqual(file, {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: 'sk-kept',
    tokens: { ...renewed, account_id: 'ws-stored' },
  });
  assert.ok(Date.now() - Date.parse(last_refresh) < 60_000);
  assert.match(authText(box), /^\{\n {2}"auth_mode": "chatgpt",\n/);
  assert.equal(authFileMode(box), '600');
  assert.deepEqual(announced(box), [], 'a renewal is not announced');
});

test('the request for newer tokens has the client’s identity and the known members', async () => {
  await using box = await openManaged(json(renewed));
  await box.call('account/read', { refreshToken: true });
  const [request] = box.model.to(TOKEN);
  assert.ok(request);
  assert.equal(request.headers['content-type'], 'application/json');
  assert.equal(request.headers.originator, 'raw-client');
  assert.match(String(request.headers['user-agent']), /^raw-client\//);
  assert.equal(request.headers.authorization, undefined);
  assert.deepEqual(request.body as unknown, {
    client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
    grant_type: 'refresh_token',
    refresh_token: 'refresh-1',
    scope: 'openid profile email',
  });
});

test('CODEX_REFRESH_TOKEN_URL_OVERRIDE names the whole address of the renewal', async () => {
  await using box = await Box.open({ start: false, provider: 'requires_openai_auth = true\n' });
  writeAuth(box, stored());
  box.model.route('POST', '/own/refresh', json(renewed));
  await box.start({ CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${box.model.origin}/own/refresh` });
  await box.call('account/read', { refreshToken: true });
  assert.equal(authFile(box).tokens.access_token, 'access-2');
});

test('an issuer that is no web address keeps the server from starting', async () => {
  await using client = new RawClient({ env: { SHARDEX_ISSUER: 'not an address' } });
  await client.initialize();
  const { code } = await client.server.exit();
  assert.equal(code, 1);
  assert.match(client.server.stderr, /SHARDEX_ISSUER/);
});

test('members that the issuer leaves out stay as they are', async () => {
  await using box = await openManaged(json({ access_token: 'access-2' }));
  await box.call('account/read', { refreshToken: true });
  const { tokens } = authFile(box);
  const before = { id_token: idToken(ONE), refresh_token: 'refresh-1', account_id: 'org-one' };
  assert.deepEqual(tokens, { ...before, access_token: 'access-2' });
});

test('tokens older than eight days are renewed before they are used, younger ones are not', async () => {
  await using old = await openManaged(json(renewed), stored({ ageDays: 9 }));
  old.model.script(stream(says('hello')));
  await old.completed(await old.thread(), 'hello');
  assert.deepEqual(bearers(old), ['access-2']);
  assert.deepEqual(authFile(old).tokens, { ...renewed, account_id: 'org-one' });
  assert.ok(Date.now() - Date.parse(authFile(old).last_refresh) < 60_000);
  const fresh = stored({ ageDays: 7.9 });
  await using young = await openManaged(json(renewed), fresh);
  young.model.script(stream(says('hello')));
  await young.completed(await young.thread(), 'hello');
  assert.deepEqual(bearers(young), ['access-1']);
  assert.deepEqual(young.model.to(TOKEN), []);
  assert.equal(authText(young), JSON.stringify(fresh));
});

test('old tokens are renewed for getAuthStatus, not for account/read', async () => {
  const old = stored({ ageDays: 9 });
  await using box = await openManaged(json(renewed), old);
  await box.call('account/read');
  assert.deepEqual(box.model.to(TOKEN), []);
  assert.equal(authText(box), JSON.stringify(old));
  assert.equal((await box.call('getAuthStatus', { includeToken: true })).authToken, 'access-2');
  assert.equal(box.model.to(TOKEN).length, 1);
  assert.equal(authFile(box).tokens.access_token, 'access-2');
});

test('old tokens that cannot be renewed are used, and the issuer is not asked again at once', async () => {
  await using box = await openManaged(status(500, 'oops'), stored({ ageDays: 9 }));
  box.model.script(stream(says('one')), stream(says('two')));
  const thread = await box.thread();
  await box.completed(thread, 'hello');
  await box.completed(thread, 'again');
  assert.deepEqual(bearers(box), ['access-1', 'access-1']);
  assert.equal(box.model.to(TOKEN).length, 1);
  assert.match(box.client.server.stderr, /renewal-failed/);
});

test('getAuthStatus renews when it is asked to, and only then', async () => {
  await using box = await openManaged(json(renewed));
  assert.equal((await box.call('getAuthStatus', { includeToken: true, refreshToken: false })).authToken, 'access-1');
  assert.deepEqual(box.model.to(TOKEN), []);
  const answer = await box.call('getAuthStatus', { includeToken: true, refreshToken: true });
  assert.deepEqual(answer, { authMethod: 'chatgpt', authToken: 'access-2', requiresOpenaiAuth: true });
  assert.deepEqual(authFile(box).tokens, { ...renewed, account_id: 'org-one' });
});

test('a renewal that fails on request leaves the account as it is', async () => {
  await using box = await openManaged(status(500, 'oops'));
  const { account } = await box.call('account/read', { refreshToken: true });
  assert.equal(account.email, 'one@example.com');
  assert.equal(authFile(box).tokens.access_token, 'access-1');
});

const LEAD = 'The access token could not be refreshed';
const END = 'Log out and sign in again.';
const FAILURES: readonly (readonly [string, Reply, string | RegExp])[] = [
  [
    'an expired refresh token',
    status(401, { error: { code: 'refresh_token_expired' } }),
    `${LEAD} because the refresh token has expired. ${END}`,
  ],
  [
    'a used refresh token',
    status(401, { error: 'REFRESH_TOKEN_REUSED' }),
    `${LEAD} because the refresh token was already used. ${END}`,
  ],
  [
    'a revoked refresh token',
    status(401, { code: 'refresh_token_invalidated' }),
    `${LEAD} because the refresh token was revoked. ${END}`,
  ],
  ['any other 401', status(401, 'what?'), `${LEAD}. ${END}`],
  [
    'a server error with a message',
    status(500, { error: { message: 'try later' } }),
    'Failed to refresh token: 500 Internal Server Error: try later',
  ],
  ['a server error without a word', status(503, ''), 'Failed to refresh token: 503 Service Unavailable: Unknown error'],
  [
    'an answer that quotes the token',
    status(400, 'bad refresh-1 token'),
    'Failed to refresh token: 400 Bad Request: bad *** token',
  ],
  ['a redirect', status(302, '', { location: '/elsewhere' }), /^Failed to refresh token: 302 Found/],
  ['garbage', status(200, 'garbage'), 'error decoding response body'],
  ['a member of the wrong type', json({ access_token: 7 }), 'error decoding response body'],
  ['an empty token', json({ ...renewed, access_token: '' }), 'error decoding response body'],
  ['a broken id token', json({ ...renewed, id_token: 'bad' }), 'invalid ID token format'],
];

for (const [what, answer, message] of FAILURES) {
  test(`unauthorized: ${what} fails the turn with its cause, and nothing is written`, async () => {
    await using box = await openManaged(answer);
    await box.call('account/read');
    const before = authText(box);
    box.model.script(EXPIRED, EXPIRED, stream(says('at last')));
    const thread = await box.thread();
    const error = await failedTurn(box, thread);
    assert.equal(error.codexErrorInfo, 'unauthorized');
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    assert.equal(authText(box), before);
    assert.deepEqual(box.model.to('/elsewhere'), []);
    box.model.route('POST', TOKEN, json(renewed));
    await box.completed(thread, 'the next request asks again');
    assert.deepEqual(bearers(box), ['access-1', 'access-1', 'access-2']);
  });
}

test('unauthorized: tokens that are refused after a renewal fail the turn', async () => {
  await using box = await openManaged(json(renewed));
  box.model.script(EXPIRED, EXPIRED);
  const error = await failedTurn(box, await box.thread());
  assert.deepEqual(error, {
    message: 'unexpected status 401 Unauthorized: ',
    codexErrorInfo: 'unauthorized',
    additionalDetails: null,
  });
  assert.deepEqual(bearers(box), ['access-1', 'access-2']);
  assert.equal(box.model.to(TOKEN).length, 1);
});

test('an issuer that hangs wedges neither the turn nor the server', async () => {
  await using box = await openManaged(hang());
  box.model.script(EXPIRED);
  const turn = await box.turn(await box.thread(), 'hello');
  await box.model.waitForRequest(1, TOKEN);
  assert.equal((await box.call('account/read')).account.email, 'one@example.com');
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  box.client.endInput();
  assert.deepEqual(await box.client.server.exit(), { code: 0, signal: null });
  assert.deepEqual(
    readdirSync(box.home).filter((name) => name.startsWith('auth.json')),
    ['auth.json'],
  );
});

test('a logout during a renewal stays: the answer brings no file back and logs nobody in', async () => {
  const held = gate();
  await using box = await openAuthBox({ auth: stored() });
  box.model.route('POST', TOKEN, { ...stream(held.wait), headers: { 'content-type': 'application/json' } });
  box.model.script(EXPIRED);
  const turn = await box.turn(await box.thread(), 'hello');
  await held.reached;
  await box.call('account/logout', undefined);
  assert.equal((await turn.ended()).status, 'failed');
  held.open();
  assert.equal((await box.call('account/read')).account, null);
  assert.equal(hasAuth(box), false);
});

test('auth-file: tokens that another process has renewed are taken from the file, and the issuer is not asked', async () => {
  await using box = await openManaged(json(renewed));
  box.model.script(EXPIRED, stream(says('hello')));
  await box.call('account/read');
  writeAuth(box, stored({ access: 'access-of-another', refresh: 'refresh-of-another' }));
  await box.completed(await box.thread(), 'hello');
  assert.deepEqual(bearers(box), ['access-1', 'access-of-another']);
  assert.deepEqual(box.model.to(TOKEN), []);
});

test('tokens from the file that are refused too are then renewed', async () => {
  await using box = await openManaged(json({ ...renewed, access_token: 'access-3' }));
  box.model.script(EXPIRED, EXPIRED, stream(says('hello')));
  await box.call('account/read');
  writeAuth(box, stored({ access: 'access-2', refresh: 'refresh-of-another' }));
  await box.completed(await box.thread(), 'hello');
  assert.deepEqual(bearers(box), ['access-1', 'access-2', 'access-3']);
  assert.equal(box.model.to(TOKEN).length, 1);
  assert.deepEqual(authFile(box).tokens, { ...renewed, access_token: 'access-3', account_id: 'org-one' });
  assert.equal(box.model.to(TOKEN)[0]?.body.refresh_token, 'refresh-of-another');
});

test('a refresh token that somebody else has spent does no harm when their tokens are in the file', async () => {
  await using box = await openAuthBox({ auth: stored() });
  box.model.route('POST', TOKEN, () => {
    writeAuth(box, stored({ access: 'access-of-another', refresh: 'refresh-of-another' }));
    return status(401, { error: { code: 'refresh_token_reused' } });
  });
  box.model.script(EXPIRED, stream(says('hello')));
  await box.completed(await box.thread(), 'hello');
  assert.deepEqual(bearers(box), ['access-1', 'access-of-another']);
});

/** Resolves when a server has logged an event. */
async function logged({ server }: RawClient, event: string): Promise<void> {
  while (!server.stderr.includes(event)) await once(server.child.stderr, 'data');
}

test('auth-file: two processes that meet a 401 at once renew once', async () => {
  const held = gate();
  const env = { SHARDEX_LOG: 'account=debug' };
  await using one = await openAuthBox({ auth: stored(), env });
  const answer = Buffer.from(JSON.stringify(renewed));
  one.model.route('POST', TOKEN, { ...stream(held.wait), body: [held.wait, answer] });
  one.model.route('POST', '/v1/responses', ({ headers }) =>
    headers.authorization === 'Bearer access-1' ? EXPIRED : stream(says('hello')),
  );
  const other = new RawClient({
    home: one.home,
    cwd: one.workspace,
    env: { ...env, SHARDEX_ISSUER: one.model.origin },
  });
  await using _ = other;
  await other.initialize();
  const clients = [one.client, other];
  for (const client of clients) await client.call('account/read', {});
  for (const client of clients) {
    const { thread } = await client.call('thread/start', {});
    await client.call('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'hello' }] });
    await logged(client, 'renewal-begins');
  }
  await held.reached;
  for (let count = 0; count < 20; count += 1) await other.call('account/read', {}); // time to ask, had it a mind to
  held.open();
  for (const client of clients) {
    assert.equal((await client.takeMethod('turn/completed')).params.turn.status, 'completed');
  }
  assert.equal(one.model.to(TOKEN).length, 1);
  assert.equal(authFile(one).tokens.refresh_token, 'refresh-2');
});

test('a renewed token of another workspace than the forced one is refused', async () => {
  const top = 'forced_chatgpt_workspace_id = "org-one"';
  await using box = await openManaged(json({ ...renewed, id_token: idToken(TWO) }), stored(), top);
  box.model.script(EXPIRED);
  const error = await failedTurn(box, await box.thread());
  assert.equal(error.message, 'auth refresh returned workspace Some("org-two"), expected "org-one"');
  assert.equal(authFile(box).tokens.access_token, 'access-1');
});

test('ephemeral: a stored login is not even read', async () => {
  await using box = await openAuthBox({ auth: stored(), top: 'cli_auth_credentials_store = "ephemeral"' });
  assert.equal((await box.call('account/read')).account, null);
});
