/** The parts that need no process: claims, stored forms, time limits, addresses. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { claimsIfAny, planOf, readClaims } from '../../src/account/claims.ts';
import { ExternalRefresh } from '../../src/account/external-refresh.ts';
import { Http } from '../../src/account/http.ts';
import { Issuer } from '../../src/account/issuer.ts';
import { BrowserLogin } from '../../src/account/login-browser.ts';
import { externalLogin, storedLogin } from '../../src/account/logins.ts';
import { parseCredentials, refreshTime } from '../../src/account/stored-credentials.ts';
import { usageUrl } from '../../src/account/usage.ts';
import { AppError, messageOf } from '../../src/base/errors.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { idToken, ONE, stored } from './support/tokens.ts';

const NEVER = new AbortController().signal;

test('claims: email, plan and account, with their second places', () => {
  assert.deepEqual(readClaims(idToken(ONE)), { email: 'one@example.com', planType: 'pro', accountId: 'org-one' });
  const profile = { 'https://api.openai.com/profile': { email: 'two@example.com' } };
  assert.equal(readClaims(idToken({ payload: profile })).email, 'two@example.com');
  assert.deepEqual(readClaims(idToken()), { email: null, planType: null, accountId: null });
  assert.equal(readClaims(`${idToken(ONE)}.more.parts`).planType, 'pro');
});

test('claims: plans that are not known are unknown, however they are spelled', () => {
  for (const plan of ['free', 'go', 'plus', 'pro', 'team', 'business', 'enterprise', 'edu'])
    assert.equal(planOf(plan), plan);
  for (const plan of ['education', 'Pro', '', 'constructor', 'unknown']) assert.equal(planOf(plan), 'unknown');
});

test('claims: padding is no base64url, here as with the issuer', () => {
  const [header, , signature] = idToken(ONE).split('.');
  assert.throws(() => readClaims(`${header}.e30=.${signature}`), { message: /base64url/ });
  assert.equal(readClaims(`${header}.e30.${signature}`).email, null);
});

test('claims: any text is read or refused, and never quoted', () => {
  const payload = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
  const token = fc.oneof(
    fc.string(),
    fc.tuple(fc.string(), payload, fc.string()).map((parts) => parts.join('.')),
    payload.map((part) => `h.${part}.s`),
  );
  fc.assert(
    fc.property(token, (text) => {
      claimsIfAny(text);
      try {
        readClaims(text);
      } catch (error) {
        assert.ok(error instanceof AppError, messageOf(error));
        if (text.length > 12) assert.equal(error.message.includes(text), false);
      }
    }),
  );
});

test('stored credentials: any text is read or refused, and never quoted', () => {
  const member = fc.constantFrom('auth_mode', 'OPENAI_API_KEY', 'tokens', 'last_refresh', 'other');
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('apikey', 'chatgpt', null), fc.constant(stored()));
  const file = fc.dictionary(member, value).map((record) => JSON.stringify(record));
  fc.assert(
    fc.property(fc.oneof(fc.string(), file, fc.json()), (text) => {
      try {
        storedLogin(parseCredentials(text));
      } catch (error) {
        assert.ok(error instanceof AppError, messageOf(error));
        if (text.length > 60) assert.equal(error.message.includes(text.slice(0, 60)), false);
      }
    }),
  );
});

test('stored credentials: times are RFC 3339 with nine decimals, and anything else is refused', () => {
  assert.equal(refreshTime(0), '1970-01-01T00:00:00.000000000Z');
  assert.ok(parseCredentials(JSON.stringify({ last_refresh: '2026-11-22T07:10:56.707127434Z' })));
  for (const time of ['2026', '22 Nov 2026', '2026-13-01T00:00:00Z', '2026-11-22T07:10:56'])
    assert.throws(() => parseCredentials(JSON.stringify({ last_refresh: time })), { message: /last_refresh/ });
});

/** An HTTP server that never answers. */
async function silentServer(): Promise<{ readonly origin: string; [Symbol.asyncDispose](): Promise<void> }> {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const identity = () => ({ originator: 'tests', userAgent: 'tests' });
const addressesOf = (origin: string) => ({ issuer: origin, refresh: `${origin}/oauth/token` });

test('an issuer that does not answer is given up after a while, and the error names its address only', async () => {
  await using server = await silentServer();
  await using http = new Http({ env: {}, log: silentLogger, limitMs: 30 });
  const issuer = new Issuer({ http, addresses: addressesOf(server.origin), identity });
  const message = `error sending request for url (${server.origin}/oauth/token): no answer within 0.03 s`;
  await assert.rejects(issuer.refresh('refresh-1', NEVER), { message });
});

test('an issuer that is not there is an error with the reason', async () => {
  const server = await silentServer();
  await server[Symbol.asyncDispose]();
  await using http = new Http({ env: {}, log: silentLogger });
  const issuer = new Issuer({ http, addresses: addressesOf(server.origin), identity });
  await assert.rejects(issuer.refresh('refresh-1', NEVER), { message: /ECONNREFUSED$/ });
});

test('an unfinished browser login ends after its time limit', async () => {
  await using http = new Http({ env: {}, log: silentLogger });
  const issuer = new Issuer({ http, addresses: addressesOf('http://127.0.0.1:9'), identity });
  const parts = { issuer, port: 0, originator: 'tests', workspaceId: null, log: silentLogger, timeoutMs: 20 };
  const login = await BrowserLogin.start({ ...parts, accept: async () => undefined }, NEVER);
  assert.deepEqual(await login.ended, { success: false, error: 'Login timed out' });
});

test('any answer of the client is taken or refused, and a refusal quotes nothing of it', async () => {
  const text = fc.string({ minLength: 12 }).map((value) => `secret-${value}`);
  const value = fc.oneof(text, fc.jsonValue(), fc.dictionary(fc.constantFrom('idToken', 'accessToken', 'x'), text));
  await fc.assert(
    fc.asyncProperty(value, async (answer) => {
      const refresh = new ExternalRefresh({
        request: async () => ({ kind: 'result', value: answer }),
        restrictions: { forcedLoginMethod: null, forcedWorkspaceId: null },
      });
      const login = externalLogin({ accessToken: 'access-1', chatgptAccountId: 'org-one' });
      const failure = await refresh.renew(login, NEVER).catch((error: unknown) => error);
      if (failure instanceof Error) assert.equal(failure.message.includes('secret-'), false, failure.message);
    }),
  );
});

test('the address of the usage follows the base address', () => {
  for (const [base, url] of [
    ['https://chatgpt.com', 'https://chatgpt.com/backend-api/wham/usage'],
    ['https://chatgpt.com/backend-api/', 'https://chatgpt.com/backend-api/wham/usage'],
    ['https://chat.openai.com//', 'https://chat.openai.com/backend-api/wham/usage'],
    ['https://example.com/own', 'https://example.com/own/api/codex/usage'],
    ['https://example.com/backend-api', 'https://example.com/backend-api/wham/usage'],
  ] as const) {
    assert.equal(usageUrl(base).href, url);
  }
  assert.throws(() => usageUrl('nonsense'), { message: /^failed to construct backend client: / });
});
