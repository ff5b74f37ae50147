/** Sixty-four threads on several shards whose tokens are refused at once. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deferred } from '../../src/base/abort.ts';
import type { Box, TurnWatch } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { gate, json, type Reply, status, stream } from '../support/model-server.ts';
import { authFile, bearerOf, openAuthBox, REFRESH, spiedFile, spyOnWorkers } from './support/auth-box.ts';
import { external, idToken, ONE, stored, TWO } from './support/tokens.ts';

const THREADS = 64;
const OPT_OUT = { optOutNotificationMethods: ['codex/event/*'] };

interface Crowd {
  readonly box: Box;
  readonly turns: readonly TurnWatch[];
}

/** Every thread has its request with the first token at the model; `refuse` answers them all. */
async function gathered(box: Box): Promise<Crowd & { refuse(): void }> {
  const everybody = gate();
  const gatheredAll = deferred();
  let waiting = 0;
  const refusal: Reply = status(401, { error: { message: 'expired' } });
  const held: Reply = { ...refusal, body: [everybody.wait], headers: refusal.headers };
  box.model.route('POST', '/v1/responses', (request) => {
    if (bearerOf(request) !== 'access-1') return stream(says('hello'));
    waiting += 1;
    if (waiting === THREADS) gatheredAll.resolve();
    return waiting > THREADS ? refusal : held;
  });
  const threads: string[] = [];
  for (let count = 0; count < THREADS; count += 1) threads.push(await box.thread());
  const turns = await Promise.all(threads.map((thread) => box.turn(thread, 'hello')));
  await gatheredAll.promise;
  return { box, turns, refuse: () => everybody.open() };
}

const ends = (turns: readonly TurnWatch[]): Promise<readonly { status: string; error: { codexErrorInfo: string } }[]> =>
  Promise.all(turns.map((turn) => turn.ended()));

/** The tokens of each thread's requests, in order. */
function tokensByThread(box: Box): Map<string, (string | undefined)[]> {
  const found = new Map<string, (string | undefined)[]>();
  for (const request of box.model.to()) {
    const thread = String(request.headers.session_id);
    found.set(thread, [...(found.get(thread) ?? []), bearerOf(request)]);
  }
  return found;
}

test('the client is asked once, every turn completes, and no old token is used after', async () => {
  await using box = await openAuthBox({ env: spyOnWorkers, capabilities: OPT_OUT });
  await box.call('account/login/start', external());
  const { turns, refuse } = await gathered(box);
  refuse();
  const asked = await box.client.takeMethod(REFRESH);
  const before = box.model.to().length;
  box.client.answer(asked, { idToken: idToken(TWO), accessToken: 'access-2' });
  for (const { status } of await ends(turns)) assert.equal(status, 'completed');
  assert.equal(box.client.ofMethod(REFRESH).length, 1);
  const tokens = tokensByThread(box);
  assert.equal(tokens.size, THREADS);
  for (const used of tokens.values()) assert.deepEqual(used, ['access-1', 'access-2']);
  assert.ok(
    box.model
      .to()
      .slice(before)
      .every((request) => bearerOf(request) === 'access-2'),
  );
  const shards = readFileSync(spiedFile(box), 'utf8')
    .split('\n')
    .filter((line) => /worker-turns/.test(line));
  assert.ok(shards.length >= 2, `${shards.length} shards`);
});

test('the issuer is asked once for a managed login', async () => {
  await using box = await openAuthBox({ auth: stored(), capabilities: OPT_OUT });
  box.model.route('POST', '/oauth/token', json({ access_token: 'access-2', refresh_token: 'refresh-2' }));
  const { turns, refuse } = await gathered(box);
  refuse();
  for (const { status } of await ends(turns)) assert.equal(status, 'completed');
  assert.equal(box.model.to('/oauth/token').length, 1);
  for (const used of tokensByThread(box).values()) assert.deepEqual(used, ['access-1', 'access-2']);
  assert.equal(authFile(box).tokens.refresh_token, 'refresh-2');
});

test('a client that refuses is asked once, and every turn fails as unauthorized', async () => {
  await using box = await openAuthBox({ capabilities: OPT_OUT });
  await box.call('account/login/start', external(ONE));
  const { turns, refuse } = await gathered(box);
  refuse();
  box.client.answerError(await box.client.takeMethod(REFRESH), -32000, 'no');
  for (const { status, error } of await ends(turns)) {
    assert.equal(status, 'failed');
    assert.equal(error.codexErrorInfo, 'unauthorized');
  }
  assert.equal(box.client.ofMethod(REFRESH).length, 1);
});
