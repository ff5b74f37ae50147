/**
 * No secret where none belongs: every login, with canaries for secrets, through good and bad ends, at the most verbose
 * log level. Looked through are stdout, stderr, every file of the box, and what workers are started with.
 */
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Box } from '../support/box.ts';
import { completed, failed, says, shellCommand } from '../support/model-events.ts';
import { json, type ReceivedRequest, type Reply, status, stream } from '../support/model-server.ts';
import {
  authFileMode,
  bearerOf,
  hasAuth,
  openAuthBox,
  REFRESH,
  spiedFile,
  spyOnWorkers,
  writeAuth,
} from './support/auth-box.ts';
import { idToken, ONE, stored, TWO } from './support/tokens.ts';

const canary = (name: string): string => `canary-${name}-8f3a1c`;
/** A token whose claims can be read and whose raw form is a secret. */
const secretId = (name: string, claims = ONE): string => idToken({ ...claims, payload: { jti: canary(name) } });

/** Members of the protocol that hold a token because the client asked for it. */
function withoutAnswers(line: string): string {
  const message = JSON.parse(line);
  if (typeof message.result?.authToken === 'string') message.result.authToken = '';
  return JSON.stringify(message);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isFile());
}

class Search {
  readonly #box: Box;
  readonly #found: string[] = [];
  readonly #secrets: readonly string[];

  constructor(box: Box, secrets: readonly string[]) {
    this.#box = box;
    this.#secrets = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')]);
  }

  run(): void {
    this.#checkStored('stdout', this.#box.client.lines.map(withoutAnswers).join('\n'));
    this.#checkStored('stderr', this.#box.client.server.stderr);
    const spied = readFileSync(spiedFile(this.#box), 'utf8');
    assert.match(spied, /worker-turns/);
    this.#checkStored('workerData', spied);
    const files = filesBelow(this.#box.folder).filter((path) => path !== join(this.#box.home, 'auth.json'));
    assert.ok(
      files.some((path) => path.includes('rollout-')),
      'there is a rollout to look through',
    );
    for (const path of files) this.#checkStored(path, readFileSync(path, 'latin1'));
    assert.deepEqual(this.#found, []);
    if (hasAuth(this.#box)) assert.equal(authFileMode(this.#box), '600');
  }

  #checkStored(where: string, text: string): void {
    for (const secret of this.#secrets) {
      const at = text.indexOf(secret);
      if (at !== -1) this.#found.push(`${where}: …${text.slice(Math.max(0, at - 120), at + secret.length)}`);
    }
  }
}

interface Opening {
  readonly auth?: object;
  readonly provider?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function openVerbose({ env, ...options }: Opening = {}): Promise<Box> {
  const verbose = { SHARDEX_LOG: 'trace', RUST_LOG: 'trace' };
  return openAuthBox({ ...options, env: (box) => ({ ...spyOnWorkers(box), ...verbose, ...env }) });
}

/** Replies that quote the token they were sent. */
const quoting =
  (reply: (token: string) => Reply) =>
  (request: ReceivedRequest): Reply =>
    reply(bearerOf(request) ?? 'none');

const QUOTING_REPLIES: readonly ((token: string) => Reply)[] = [
  (token) => status(400, `bad token ${token}`),
  (token) => status(403, { error: { message: `no access for ${token}` } }),
  (token) => status(500, `down for ${token}`),
  (token) => status(429, { error: { type: 'rate_limit', message: token } }),
  (token) => stream(failed('server_error', `failed with ${token}`)),
  (token) => status(418, token, { 'x-request-id': token }),
];

/** Turns that fail in every way. */
async function failedTurns(box: Box): Promise<string> {
  const thread = await box.thread();
  for (const reply of QUOTING_REPLIES) {
    box.model.route('POST', '/v1/responses', quoting(reply));
    await (await box.turn(thread, 'hello')).ended();
  }
  return thread;
}

/** The same, and one that prints its environment. */
async function turns(box: Box): Promise<void> {
  const thread = await failedTurns(box);
  let asked = 0;
  box.model.route('POST', '/v1/responses', () => {
    asked += 1;
    return asked === 1 ? stream(shellCommand('call-1', 'env'), completed()) : stream(says('done'));
  });
  await box.completed(thread, 'print the environment');
}

/** A turn whose tokens are refused for as long as it lasts. */
async function refusedTurn(box: Box, answer: () => Promise<void>): Promise<void> {
  box.model.route(
    'POST',
    '/v1/responses',
    quoting((token) => status(401, `expired: ${token}`)),
  );
  const turn = await box.turn(await box.thread(), 'hello');
  await answer();
  assert.equal((await turn.ended()).status, 'failed');
}

async function limits(box: Box): Promise<void> {
  for (const reply of QUOTING_REPLIES) {
    box.model.route('GET', '/api/codex/usage', quoting(reply));
    await box.error('account/rateLimits/read', undefined);
  }
}

test('an API key stays where it belongs', async () => {
  const key = canary('api-key');
  await using box = await openVerbose();
  await box.call('account/login/start', { type: 'apiKey', apiKey: key });
  assert.equal((await box.call('getAuthStatus', { includeToken: true })).authToken, key);
  await turns(box);
  await refusedTurn(box, async () => undefined);
  await box.error('account/rateLimits/read', undefined);
  await box.error('account/login/start', { type: 'apiKey', apiKey: [canary('listed')] });
  new Search(box, [key, canary('listed')]).run();
  await box.call('account/logout', undefined);
  new Search(box, [key]).run();
});

test('tokens of the parent application stay in memory, whatever it answers', async () => {
  const access = canary('access');
  const id = secretId('id');
  await using box = await openVerbose();
  await box.call('account/login/start', { type: 'chatgptAuthTokens', idToken: id, accessToken: access });
  await box.call('account/read', { refreshToken: true });
  await turns(box);
  await limits(box);
  const answers: readonly unknown[] = [
    canary('bare-reply'),
    [canary('listed-reply')],
    { idToken: canary('broken-id'), accessToken: canary('beside-broken') },
    { idToken: { nested: canary('nested') }, accessToken: canary('beside-nested') },
    { accessToken: canary('alone') },
    { idToken: secretId('good-id', TWO), accessToken: canary('good-access') },
  ];
  for (const answer of answers) {
    await refusedTurn(box, async () => box.client.answer(await box.client.takeMethod(REFRESH), answer));
  }
  await refusedTurn(box, async () => {
    box.client.answerError(await box.client.takeMethod(REFRESH), -32000, canary('error-message'));
  });
  await box.error('account/login/start', { type: 'chatgptAuthTokens', idToken: canary('bad-id'), accessToken: access });
  const others = ['bare-reply', 'listed-reply', 'broken-id', 'beside-broken', 'nested', 'beside-nested', 'alone'];
  const late = ['good-access', 'error-message', 'bad-id', 'good-id', 'id'];
  new Search(box, [access, id, secretId('good-id', TWO), ...[...others, ...late].map(canary)]).run();
  assert.equal(hasAuth(box), false);
});

test('managed tokens stay in auth.json, whatever the issuer answers', async () => {
  const [access, refresh, key] = ['access', 'refresh', 'key'].map(canary);
  assert.ok(access !== undefined && refresh !== undefined && key !== undefined);
  const id = secretId('id');
  const login = { ...stored({ access, refresh, key }) } as { tokens: object };
  await using box = await openVerbose({ auth: { ...login, tokens: { ...login.tokens, id_token: id } } });
  await turns(box);
  await limits(box);
  const issuerReplies = [
    status(500, `down: ${refresh}`),
    status(400, { error: { message: `bad ${refresh}` } }),
    status(401, { error: { code: 'refresh_token_expired', message: refresh } }),
    status(200, `garbage with ${refresh} and ${canary('garbage')}`),
    json({ access_token: canary('new-access'), id_token: canary('broken-id') }),
    json({ access_token: [canary('listed')], refresh_token: canary('new-refresh') }),
    status(302, '', { location: `/elsewhere?token=${canary('in-location')}` }),
  ];
  for (const reply of issuerReplies) {
    box.model.route('POST', '/oauth/token', reply);
    await refusedTurn(box, async () => undefined);
    await box.call('account/read', { refreshToken: true });
  }
  box.model.route(
    'POST',
    '/oauth/token',
    json({ access_token: canary('new-access'), refresh_token: canary('new-refresh') }),
  );
  await refusedTurn(box, async () => undefined);
  const more = ['garbage', 'new-access', 'broken-id', 'listed', 'new-refresh', 'in-location', 'id'].map(canary);
  const search = new Search(box, [access, refresh, key, id, ...more]);
  search.run();
  assert.match(readFileSync(join(box.home, 'auth.json'), 'utf8'), /canary-new-refresh/);
  writeAuth(box, `{"auth_mode": "${canary('mode')}", "tokens": ${canary('half')}`);
  await box.start({ SHARDEX_LOG: 'trace' });
  assert.equal((await box.call('account/read')).account, null);
  assert.equal(box.client.server.stderr.includes('canary'), false, box.client.server.stderr);
});

test('what a browser login brings stays in auth.json', async () => {
  await using box = await openVerbose();
  const tokens = { id_token: secretId('id'), access_token: canary('access'), refresh_token: canary('refresh') };
  const replies: readonly Reply[] = [
    status(400, { error: 'invalid_grant', error_description: canary('description') }),
    status(200, `garbage ${canary('garbage')}`),
    json({ ...tokens, id_token: [canary('listed')] }),
    json({ ...tokens, id_token: canary('broken-id') }),
    json(tokens),
  ];
  const { authUrl } = await box.call('account/login/start', { type: 'chatgpt' });
  const { searchParams } = new URL(authUrl);
  const { port } = new URL(searchParams.get('redirect_uri') ?? '');
  const query = new URLSearchParams({ code: canary('code'), state: searchParams.get('state') ?? '' });
  for (const reply of replies) {
    box.model.route('POST', '/oauth/token', ({ bytes }) =>
      bytes.includes('authorization_code') ? reply : json({ access_token: canary('exchanged-key') }),
    );
    const response = await fetch(`http://127.0.0.1:${port}/auth/callback?${query}`, { redirect: 'manual' });
    const shown = await response.text();
    assert.equal(shown.includes('canary'), false, shown);
  }
  await box.client.takeMethod('account/updated');
  await turns(box);
  const names = ['code', 'description', 'garbage', 'listed', 'broken-id', 'id', 'access', 'refresh', 'exchanged-key'];
  const verifier = new URLSearchParams(box.model.to('/oauth/token')[0]?.bytes.toString('utf8')).get('code_verifier');
  new Search(box, [...names.map(canary), tokens.id_token, verifier ?? '']).run();
  assert.equal(authFileMode(box), '600');
});

test('a login that cannot be stored is nowhere', async () => {
  await using box = await openVerbose();
  mkdirSync(join(box.home, 'auth.json', 'in-the-way'), { recursive: true });
  for (const [method, params] of [
    ['account/login/start', { type: 'apiKey', apiKey: canary('refused-key') }],
    ['loginApiKey', { apiKey: canary('refused-v1') }],
  ] as const) {
    assert.match((await box.error(method, params)).message, /^failed to save api key: /);
  }
  await turns(box);
  assert.equal((await box.call('getAuthStatus', { includeToken: true })).authMethod, null);
  rmSync(join(box.home, 'auth.json'), { recursive: true });
  new Search(box, [canary('refused-key'), canary('refused-v1')]).run();
});

const OWN_KEYS: readonly (readonly [string, string])[] = [
  ['env_key', 'env_key = "OWN_KEY"'],
  ['experimental_bearer_token', `experimental_bearer_token = "${canary('bearer')}"`],
  [
    'headers',
    `http_headers = { "x-api-key" = "${canary('header')}" }\nenv_http_headers = { "x-other-key" = "OWN_KEY" }`,
  ],
];

for (const [what, provider] of OWN_KEYS) {
  test(`a provider's own keys stay where they belong: ${what}`, async () => {
    await using box = await openVerbose({ provider, env: { OWN_KEY: canary('env-key') } });
    await failedTurns(box);
    await refusedTurn(box, async () => undefined);
    const sent = JSON.stringify(box.model.to().map(({ headers }) => headers));
    assert.match(sent, /canary-/);
    rmSync(join(box.home, 'config.toml')); // where the user wrote them
    new Search(box, ['env-key', 'bearer', 'header'].map(canary)).run();
  });
}
