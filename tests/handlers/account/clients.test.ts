/** Whatever the client is called, and whenever it goes: requests upstream carry its name, and nothing is left hanging. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { authFile, authFileMode, bearers, openAuthBox, REFRESH } from '../../account/support/auth-box.ts';
import { external, idToken, ONE, stored } from '../../account/support/tokens.ts';
import type { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { json, type ReceivedRequest, status, stream } from '../../support/model-server.ts';
import { RawClient } from '../../support/raw-client.ts';

const EXPIRED = status(401, { error: { message: 'expired' } });
const NAME = 'Zürich ✓';

/** What the first line of the only rollout says. */
// biome-ignore lint/suspicious/noExplicitAny: looked at as it came
function rolloutHead(box: Box): any {
  const folder = join(box.home, 'sessions');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jsonl'));
  assert.equal(names.length, 1);
  return JSON.parse(readFileSync(join(folder, names[0] ?? ''), 'utf8').split('\n')[0] ?? '');
}

/** A second server in the box's home, for a client of another name. */
async function named(box: Box, name: string): Promise<RawClient> {
  const client = new RawClient({
    home: box.home,
    cwd: box.workspace,
    env: { SHARDEX_ISSUER: box.model.origin, SHARDEX_LOGIN_PORT: '0' },
  });
  await client.initialize({ name });
  return client;
}

const header = ({ headers }: ReceivedRequest, name: string): string =>
  Buffer.from(String(headers[name]), 'latin1').toString('utf8');

test('a name beyond ASCII goes upstream as it is, and keeps nobody from renewing tokens or reading limits', async () => {
  await using box = await openAuthBox({ auth: stored() });
  await using client = await named(box, NAME);
  const renewed = { id_token: idToken(ONE), access_token: 'access-2', refresh_token: 'refresh-2' };
  box.model.route('POST', '/oauth/token', json(renewed));
  box.model.route('GET', '/api/codex/usage', json({ plan_type: 'pro' }));
  box.model.script(EXPIRED, stream(says('hello')));
  const { thread } = await client.call('thread/start', {});
  await client.call('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'hello' }] });
  assert.equal((await client.takeMethod('turn/completed')).params.turn.status, 'completed');
  assert.deepEqual(bearers(box), ['access-1', 'access-2']);
  assert.equal((await client.call('account/rateLimits/read')).rateLimits.planType, 'pro');
  const [renewal] = box.model.to('/oauth/token');
  const [usage] = box.model.to('/api/codex/usage');
  assert.ok(renewal && usage);
  for (const request of [...box.model.to(), renewal]) assert.equal(header(request, 'originator'), NAME);
  for (const request of [...box.model.to(), renewal, usage]) assert.match(header(request, 'user-agent'), /^Zürich ✓\//);
  assert.equal(authFile(box).tokens.access_token, 'access-2');
  assert.equal(rolloutHead(box).payload.originator, NAME);
});

test('a client that is lost while it is asked for tokens leaves a turn that has ended and a server that stops', async () => {
  await using box = await openAuthBox();
  await box.call('account/login/start', external());
  box.model.script(EXPIRED);
  const thread = await box.thread();
  await box.turn(thread, 'hello');
  await box.client.takeMethod(REFRESH);
  box.client.endInput();
  assert.deepEqual(await box.client.server.exit(), { code: 0, signal: null });
  const [rollout] = readdirSync(join(box.home, 'sessions'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.jsonl'),
  );
  assert.match(readFileSync(join(box.home, 'sessions', rollout ?? ''), 'utf8'), /"hello"/);
  await box.start();
  const turns = await box.turnsOf(thread);
  assert.deepEqual(
    turns.map((turn) => turn.status === 'inProgress'),
    [false],
  );
});

test('a folder that is not there is made by the tokens of a browser login', async () => {
  await using box = await openAuthBox({ provider: 'requires_openai_auth = true' });
  const tokens = { id_token: idToken(ONE), access_token: 'access-1', refresh_token: 'refresh-1' };
  box.model.route('POST', '/oauth/token', json(tokens));
  const { authUrl } = await box.call('account/login/start', { type: 'chatgpt' });
  const asked = new URL(authUrl).searchParams;
  await box.call('skills/list', {}); // the bundled ones are in place: nothing else makes the folder
  renameSync(box.home, join(box.folder, 'moved'));
  const { port } = new URL(asked.get('redirect_uri') ?? '');
  const query = new URLSearchParams({ code: 'code-1', state: asked.get('state') ?? '' });
  const answer = await fetch(`http://127.0.0.1:${port}/auth/callback?${query}`, { redirect: 'manual' });
  assert.equal(answer.status, 302);
  assert.deepEqual(readdirSync(box.home), ['auth.json']);
  assert.deepEqual(authFile(box).tokens, { ...tokens, account_id: 'org-one' });
  assert.equal(authFileMode(box), '600');
});
