/** What other processes do to the stored login while this server runs: it goes on, or says once and clearly why it cannot. */
import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  announced,
  authText,
  bearers,
  failedTurn,
  hasAuth,
  openAuthBox,
  writeAuth,
} from '../../account/support/auth-box.ts';
import { idToken, ONE, stored, TWO } from '../../account/support/tokens.ts';
import type { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { gate, json, status, stream } from '../../support/model-server.ts';

const EXPIRED = status(401, { error: { message: 'expired' } });
const TOKEN = '/oauth/token';
const OF_TWO = stored({ claims: TWO, access: 'access-of-two', refresh: 'refresh-of-two' });
const KEY = { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-one' };
const REPLACED = /another account.*Restart/;
const LOGGED_OUT = /another process has logged out/;

const remove = (box: Box): void => rmSync(join(box.home, 'auth.json'));

/** Replaced by name, as other programs do it. */
function moveOver(box: Box, auth: object): void {
  writeFileSync(join(box.home, 'other.json'), JSON.stringify(auth));
  renameSync(join(box.home, 'other.json'), join(box.home, 'auth.json'));
}

interface Change {
  readonly auth: object;
  readonly change: (box: Box) => void;
  readonly says: RegExp;
}

const CHANGES: Readonly<Record<string, Change>> = {
  'a login to another account, in place': { auth: stored(), change: (box) => writeAuth(box, OF_TWO), says: REPLACED },
  'a login to another account, by name': { auth: stored(), change: (box) => moveOver(box, OF_TWO), says: REPLACED },
  'a login to another account without ids': {
    auth: stored({ claims: { email: 'one@example.com', plan: 'pro' } }),
    change: (box) => writeAuth(box, stored({ claims: { email: 'two@example.com', plan: 'pro' } })),
    says: REPLACED,
  },
  'a key in place of a ChatGPT login': { auth: stored(), change: (box) => writeAuth(box, KEY), says: REPLACED },
  'another key': { auth: KEY, change: (box) => writeAuth(box, { ...KEY, OPENAI_API_KEY: 'sk-two' }), says: REPLACED },
  'a ChatGPT login in place of a key': { auth: KEY, change: (box) => writeAuth(box, stored()), says: REPLACED },
  'a logout': { auth: stored(), change: remove, says: LOGGED_OUT },
  'a logout that leaves the file': { auth: stored(), change: (box) => writeAuth(box, ''), says: LOGGED_OUT },
  'a logout of a key': { auth: KEY, change: remove, says: LOGGED_OUT },
};

describe('login-replaced: the login is used no more, a running thread says why, and account/read tells the truth', () => {
  for (const [name, { auth, change, says: text }] of Object.entries(CHANGES)) {
    test(name, async () => {
      await using box = await openAuthBox({ auth });
      box.model.script(stream(says('one')));
      const thread = await box.thread();
      await box.completed(thread, 'hello');
      const sent = bearers(box).length;
      change(box);
      const before = hasAuth(box) ? authText(box) : null;
      for (let turns = 0; turns < 2; turns += 1) {
        const error = await failedTurn(box, thread);
        assert.match(error.message, text);
        assert.equal(error.codexErrorInfo, 'unauthorized');
      }
      assert.equal(bearers(box).length, sent, 'no request carries the old token, or none');
      assert.deepEqual(box.model.to(TOKEN), []);
      assert.deepEqual(announced(box), [{ authMode: null }]);
      assert.equal((await box.call('account/read')).account, null);
      assert.equal((await box.call('getAuthStatus', { includeToken: true })).authToken, null);
      assert.equal(hasAuth(box) ? authText(box) : null, before, 'what is stored is left alone');
    });
  }
});

test('login-replaced: account/read notices before any turn does', async () => {
  await using box = await openAuthBox({ auth: stored() });
  assert.equal((await box.call('account/read')).account.email, 'one@example.com');
  writeAuth(box, OF_TWO);
  assert.equal((await box.call('account/read')).account, null);
  const reply = await box.error('account/rateLimits/read', undefined);
  assert.match(reply.message, /authentication required/);
});

test('login-replaced: a turn that is told of it between two requests ends', async () => {
  await using box = await openAuthBox({ auth: stored() });
  const held = gate();
  box.model.script({ ...EXPIRED, body: [held.wait] }, stream(says('never')));
  const turn = await box.turn(await box.thread(), 'hello');
  await held.reached;
  writeAuth(box, OF_TWO);
  held.open();
  const { status: ended, error } = await turn.ended();
  assert.equal(ended, 'failed');
  assert.match(error.message, REPLACED);
  assert.deepEqual(bearers(box), ['access-1']);
  assert.deepEqual(box.model.to(TOKEN), [], 'no refresh token is spent');
});

test('login-replaced: the login is back when the store has it again', async () => {
  await using box = await openAuthBox({ auth: stored() });
  const thread = await box.thread();
  writeAuth(box, OF_TWO);
  assert.match((await failedTurn(box, thread)).message, REPLACED);
  remove(box);
  assert.match((await failedTurn(box, thread)).message, LOGGED_OUT);
  writeAuth(box, stored({ access: 'access-new' }));
  box.model.script(stream(says('hello')));
  await box.completed(thread, 'hello');
  assert.deepEqual(bearers(box), ['access-new']);
});

test('login-replaced: after a restart the new login is used', async () => {
  await using box = await openAuthBox({ auth: stored() });
  await box.call('account/read');
  writeAuth(box, OF_TWO);
  await box.start({ SHARDEX_ISSUER: box.model.origin });
  box.model.script(stream(says('hello')));
  await box.completed(await box.thread(), 'hello');
  assert.deepEqual(bearers(box), ['access-of-two']);
});

test('login-replaced: a login here is used at once, and a logout leaves the other one where it is', async () => {
  await using box = await openAuthBox({ auth: stored() });
  const thread = await box.thread();
  writeAuth(box, OF_TWO);
  assert.match((await failedTurn(box, thread)).message, REPLACED);
  await box.call('account/logout');
  assert.deepEqual(JSON.parse(authText(box)), OF_TWO);
  await box.call('account/login/start', { type: 'apiKey', apiKey: 'sk-here' });
  box.model.script(stream(says('hello')));
  await box.completed(thread, 'hello');
  assert.deepEqual(bearers(box), ['sk-here']);
});

test('login-replaced: what cannot be read says nothing, and newer tokens of the same account disturb nobody', async () => {
  await using box = await openAuthBox({ auth: stored() });
  const thread = await box.thread();
  for (const auth of ['{"tokens":', stored({ access: 'access-2', refresh: 'refresh-2' })]) {
    writeAuth(box, auth);
    box.model.script(stream(says('hello')));
    await box.completed(thread, 'hello');
  }
  assert.deepEqual(bearers(box), ['access-1', 'access-1']);
  assert.deepEqual(announced(box), []);
});

test('login-replaced: nobody looks at the file for tokens of the client, or for a provider with a key of its own', async () => {
  await using own = await openAuthBox({ auth: stored(), provider: 'experimental_bearer_token = "own"' });
  own.model.script(stream(says('hello')));
  const thread = await own.thread();
  writeAuth(own, OF_TWO);
  await own.completed(thread, 'hello');
  assert.deepEqual(bearers(own), ['own']);

  await using box = await openAuthBox({ auth: stored() });
  await box.call('account/login/start', { type: 'chatgptAuthTokens', idToken: idToken(TWO), accessToken: 'external' });
  writeAuth(box, KEY);
  box.model.script(stream(says('hello')));
  await box.completed(await box.thread(), 'hello');
  assert.deepEqual(bearers(box), ['external']);
});

test('login-replaced: a login that comes during a renewal is left alone, and the renewed tokens are not used', async () => {
  await using box = await openAuthBox({ auth: stored() });
  box.model.route('POST', TOKEN, () => {
    writeAuth(box, OF_TWO);
    return json({ id_token: idToken(ONE), access_token: 'access-2', refresh_token: 'refresh-2' });
  });
  box.model.script(EXPIRED, stream(says('never')));
  assert.match((await failedTurn(box, await box.thread())).message, REPLACED);
  assert.deepEqual(bearers(box), ['access-1']);
  assert.deepEqual(JSON.parse(authText(box)), OF_TWO);
});
