/** Generations: one question for many refusals, and nothing old over anything new. */
import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { test } from 'node:test';
import fc from 'fast-check';
import { AuthCell } from '../../src/account/auth-cell.ts';
import { RefreshRefused } from '../../src/account/issuer.ts';
import { type ExternalLogin, externalLogin, type ManagedLogin, NO_LOGIN } from '../../src/account/logins.ts';
import { Renewal } from '../../src/account/renewal.ts';
import { type Deferred, deferred } from '../../src/base/abort.ts';
import type { AuthState } from '../../src/contract/auth-state.ts';
import { AuthCopy } from '../../src/engine/auth-copy.ts';
import { silentLogger } from '../support/silent-logger.ts';

const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);
const clock = { nowMs: () => 1_000, steadyMs: () => 0 };

const login = (accessToken: string): ExternalLogin =>
  externalLogin({ accessToken, chatgptAccountId: 'org-one', chatgptPlanType: 'pro' });

/** A main thread with two shards, and a client whose answers the test gives. */
function setUp() {
  const cell = new AuthCell();
  const asked: Deferred<ExternalLogin>[] = [];
  const external = {
    renew: () => {
      const answer = deferred<ExternalLogin>();
      asked.push(answer);
      return answer.promise;
    },
  };
  const parts = { cell, external, managed: external, clock, log: silentLogger };
  const renewal = new Renewal(parts as unknown as ConstructorParameters<typeof Renewal>[0]);
  const shards = [0, 1].map(() => new AuthCopy((generation) => void renewal.refused(generation), clock));
  cell.listen((state) => {
    for (const shard of shards) shard.replace(state);
  });
  return { cell, asked, shards, renewal };
}

test('however many requests of however many shards are refused, one question is asked', async () => {
  const { cell, asked, shards } = setUp();
  cell.replace(login('access-1'));
  const leases = await Promise.all(shards.flatMap((shard) => Array.from({ length: 32 }, () => shard.lease(NEVER))));
  const renewed = leases.map((lease) => lease.renewed(NEVER));
  assert.equal(asked.length, 1);
  asked[0]?.resolve(login('access-2'));
  assert.deepEqual(
    await Promise.all(renewed),
    leases.map(() => ({ reloaded: false })),
  );
  assert.deepEqual(
    shards.map((shard) => shard.current().token),
    ['access-2', 'access-2'],
  );
});

test('requests sent before a refused renewal share its outcome; those sent after it ask again', async () => {
  const { cell, asked, shards } = setUp();
  const [one, other] = shards;
  assert.ok(one && other);
  cell.replace(login('access-1'));
  const [early, late] = await Promise.all([one.lease(NEVER), other.lease(NEVER)]);
  const refused = early.renewed(NEVER);
  asked[0]?.reject(new Error('no'));
  await assert.rejects(refused, { message: 'no' });
  await assert.rejects(late.renewed(NEVER), { message: 'no' });
  assert.equal(asked.length, 1);
  const next = await other.lease(NEVER);
  const waiting = next.renewed(NEVER);
  assert.equal(asked.length, 2);
  asked[1]?.resolve(login('access-2'));
  assert.deepEqual(await waiting, { reloaded: false });
});

test('a request refused with tokens that were replaced meanwhile is repeated without a question', async () => {
  const { cell, asked, shards } = setUp();
  cell.replace(login('access-1'));
  const lease = await shards[0]?.lease(NEVER);
  cell.replace(login('access-2'));
  assert.deepEqual(await lease?.renewed(NEVER), { reloaded: false });
  cell.replace(NO_LOGIN);
  assert.equal(await lease?.renewed(NEVER), null);
  assert.equal(asked.length, 0);
});

test('requests refused while a renewal for another reason fails ask on their own, and only once', async () => {
  const { cell, asked, shards, renewal } = setUp();
  cell.replace(login('access-1'));
  const early = await shards[0]?.lease(NEVER);
  const late = await shards[1]?.lease(NEVER);
  assert.ok(early && late);
  const stale = renewal.stale(cell.generation);
  asked[0]?.reject(new Error('not now'));
  await stale;
  const answers = [early.renewed(NEVER), late.renewed(NEVER)];
  await new Promise(setImmediate);
  assert.equal(asked.length, 2, 'the tokens are the same, so they are asked for');
  asked[1]?.resolve(login('access-2'));
  assert.deepEqual(await Promise.all(answers), [{ reloaded: false }, { reloaded: false }]);
});

const OLD: ManagedLogin = {
  mode: 'chatgpt',
  tokens: { id_token: 'id', access_token: 'access-1', refresh_token: 'refresh-1' },
  claims: { email: null, planType: null, accountId: null },
  refreshedAtMs: 0,
};

/** The minutes in which newer tokens are asked for, when the old ones are used every minute and nobody gives any. */
async function minutesOfRequests(failure: Error): Promise<number[]> {
  const minutes: number[] = [];
  let minute = 0;
  const managed = {
    renew: () => {
      minutes.push(minute);
      return Promise.reject(failure);
    },
  };
  const cell = new AuthCell();
  const time = { nowMs: () => Date.UTC(2026, 0, 1, 0, minute), steadyMs: () => 0 };
  const parts = { cell, external: managed, managed, clock: time, log: silentLogger };
  const renewal = new Renewal(parts as unknown as ConstructorParameters<typeof Renewal>[0]);
  cell.replace(OLD);
  for (; minute <= 10; minute += 1) await renewal.ifStale(NEVER);
  return minutes;
}

test('old tokens: a refusal of the issuer is its last word, any other failure is tried again after five minutes', async () => {
  assert.deepEqual(await minutesOfRequests(new RefreshRefused('no')), [0]);
  assert.deepEqual(await minutesOfRequests(new Error('not now')), [0, 5, 10]);
});

test('the end waits for renewals of logins that were replaced meanwhile', async () => {
  const { cell, asked, renewal } = setUp();
  cell.replace(login('access-1'));
  void renewal.refused(cell.generation);
  cell.replace(login('access-2'));
  void renewal.refused(cell.generation);
  const steps: string[] = [];
  const closed = renewal[Symbol.asyncDispose]().then(() => steps.push('closed'));
  asked[1]?.reject(new Error('closing'));
  await new Promise(setImmediate);
  steps.push('the first one ends');
  asked[0]?.reject(new Error('closing'));
  await closed;
  assert.deepEqual(steps, ['the first one ends', 'closed']);
});

test('a copy never goes back, in whatever order states arrive', () => {
  const state = (generation: number): AuthState => ({
    snapshot: { generation, mode: 'chatgptAuthTokens', token: `access-${generation}`, accountId: null },
    staleAtMs: null,
    reloaded: false,
    refusal: null,
  });
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1 }), (generations) => {
      const copy = new AuthCopy(() => undefined, clock);
      let newest = 0;
      for (const generation of generations) {
        copy.replace(state(generation));
        newest = Math.max(newest, generation);
        assert.equal(copy.current().generation, newest);
      }
    }),
  );
});

test('an answer that comes after a login or a logout changes nothing', async () => {
  const { cell, asked, shards } = setUp();
  cell.replace(login('access-1'));
  const lease = await shards[0]?.lease(NEVER);
  const waiting = lease?.renewed(NEVER);
  cell.replace(login('access-of-the-login'));
  await waiting;
  asked[0]?.resolve(login('access-late'));
  await new Promise(setImmediate);
  assert.equal(cell.state.snapshot.token, 'access-of-the-login');
});

test('generations only rise', () => {
  const cell = new AuthCell();
  const seen: number[] = [];
  cell.listen(({ snapshot }) => seen.push(snapshot.generation));
  cell.replace(login('access-1'));
  assert.equal(cell.renew(cell.generation, login('access-2'), 'refreshed'), true);
  assert.equal(cell.renew(cell.generation - 1, login('access-old'), 'refreshed'), false);
  cell.fail(cell.generation - 1, 'old news');
  cell.postpone(cell.generation - 1, 0);
  cell.fail(cell.generation, 'no');
  cell.replace(NO_LOGIN);
  assert.deepEqual(
    seen,
    [...seen].sort((one, other) => one - other),
  );
  assert.equal(new Set(seen).size, 4);
});
