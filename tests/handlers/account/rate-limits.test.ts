/** `account/rateLimits/read`: what is asked, what becomes of the answer, what goes wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authFile, authText, hasAuth, openAuthBox } from '../../account/support/auth-box.ts';
import { external, stored } from '../../account/support/tokens.ts';
import type { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { json, type Reply, status, stream, withHeaders } from '../../support/model-server.ts';

const PATH = '/api/codex/usage';
const USAGE = {
  plan_type: 'pro',
  rate_limit: {
    allowed: true,
    limit_reached: false,
    primary_window: { used_percent: 42, limit_window_seconds: 3601, reset_after_seconds: 120, reset_at: 1735689720 },
    secondary_window: { used_percent: 5, limit_window_seconds: 0, reset_after_seconds: 0, reset_at: 0 },
  },
  credits: { has_credits: true, unlimited: false, balance: '9.99' },
};

const ask = (box: Box): Promise<unknown> => box.call('account/rateLimits/read', undefined);

async function openWith(answer: Reply, path = PATH): Promise<Box> {
  const box = await openAuthBox();
  await box.call('account/login/start', external());
  box.model.route('GET', path, answer);
  return box;
}

test('limits are read with the account’s token and shown in the wire’s form', async () => {
  await using box = await openWith(json(USAGE));
  assert.deepEqual(await ask(box), {
    rateLimits: {
      primary: { usedPercent: 42, windowDurationMins: 61, resetsAt: 1735689720 },
      secondary: { usedPercent: 5, windowDurationMins: null, resetsAt: 0 },
      credits: { hasCredits: true, unlimited: false, balance: '9.99' },
      planType: 'pro',
    },
  });
  const [request] = box.model.to(PATH);
  assert.ok(request);
  assert.equal(request.headers.authorization, 'Bearer access-1');
  assert.equal(request.headers['chatgpt-account-id'], 'org-one');
  assert.match(String(request.headers['user-agent']), /^raw-client\//);
  assert.equal(request.headers.accept, '*/*');
  assert.equal(request.headers.originator, undefined);
  assert.equal(hasAuth(box), false);
});

test('limits are read with a stored login too, which stays as it is', async () => {
  const auth = stored({ account: 'ws-stored' });
  await using box = await openAuthBox({ auth });
  box.model.route('GET', PATH, json({ plan_type: 'team' }));
  const rateLimits = { primary: null, secondary: null, credits: null, planType: 'team' };
  assert.deepEqual(await ask(box), { rateLimits });
  const [request] = box.model.to(PATH);
  assert.equal(request?.headers.authorization, 'Bearer access-1');
  assert.equal(request?.headers['chatgpt-account-id'], 'ws-stored', 'the stored account, not the claim');
  assert.deepEqual(box.model.to('/oauth/token'), []);
  assert.equal(authText(box), JSON.stringify(auth));
});

test('a backend below /backend-api is asked at its own path', async () => {
  await using box = await openWith(json({ plan_type: 'education', rate_limit: null, credits: null }));
  box.model.route('GET', '/backend-api/wham/usage', json({ plan_type: 'education' }));
  box.writeConfig({
    top: `chatgpt_base_url = "${box.model.origin}/backend-api//"`,
    provider: 'requires_openai_auth = true\n',
  });
  await box.start();
  await box.call('account/login/start', external());
  assert.deepEqual(await ask(box), {
    rateLimits: { primary: null, secondary: null, credits: null, planType: 'edu' },
  });
});

test('without a ChatGPT login there are no limits to read', async () => {
  await using box = await openAuthBox();
  const nobody = 'codex account authentication required to read rate limits';
  assert.deepEqual(await box.error('account/rateLimits/read', undefined), { code: -32600, message: nobody });
  assert.equal(hasAuth(box), false);
  await box.call('loginApiKey', { apiKey: 'sk-key' });
  const key = 'chatgpt authentication required to read rate limits';
  assert.deepEqual(await box.error('account/rateLimits/read', undefined), { code: -32600, message: key });
  assert.deepEqual(box.model.to(PATH), []);
  assert.deepEqual(authFile(box), { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-key' });
});

test('a provider that needs no login does not matter', async () => {
  await using box = await openAuthBox({ provider: '' });
  await box.call('account/login/start', external());
  box.model.route('GET', PATH, json(USAGE));
  await ask(box);
});

test('a login without tokens cannot be used', async () => {
  await using box = await openAuthBox({ auth: {} });
  const error = await box.error('account/rateLimits/read', undefined);
  assert.equal(error.code, -32603);
  assert.match(error.message, /^failed to construct backend client: /);
});

const FAILURES: readonly (readonly [string, Reply, RegExp])[] = [
  [
    'another status',
    status(500, 'oops'),
    /^failed to fetch codex rate limits: GET http:\/\/\S+\/api\/codex\/usage failed: 500 Internal Server Error; content-type=text\/plain; body=oops$/,
  ],
  ['a body that quotes the token', status(403, 'bad access-1!'), /body=bad \*\*\*!$/],
  ['a redirect', status(302, '', { location: '/elsewhere' }), /failed: 302 Found; /],
  [
    'garbage',
    status(200, 'garbage'),
    /^failed to fetch codex rate limits: Decode error for http:\S+: .*; content-type=text\/plain; body=garbage$/,
  ],
  ['an unknown plan', json({ plan_type: 'Pro' }), /Decode error .*plan_type/],
  [
    'a percentage that is not whole',
    json({
      ...USAGE,
      rate_limit: { ...USAGE.rate_limit, primary_window: { ...USAGE.rate_limit.primary_window, used_percent: 1.5 } },
    }),
    /Decode error .*used_percent/,
  ],
  [
    'a percentage beyond the wire’s numbers',
    json({
      ...USAGE,
      rate_limit: { ...USAGE.rate_limit, primary_window: { ...USAGE.rate_limit.primary_window, used_percent: 3e9 } },
    }),
    /Decode error .*used_percent/,
  ],
];

for (const [what, answer, message] of FAILURES) {
  test(`${what} is an error that says so`, async () => {
    await using box = await openWith(answer);
    const error = await box.error('account/rateLimits/read', undefined);
    assert.equal(error.code, -32603);
    assert.match(error.message, message);
    assert.deepEqual(box.model.to('/elsewhere'), []);
    assert.equal(box.model.to(PATH).length, 1, 'no 401 recovery, no retry');
  });
}

test('old managed tokens are renewed before the limits are read', async () => {
  await using box = await openAuthBox({ auth: stored({ ageDays: 9 }) });
  box.model.route('POST', '/oauth/token', json({ access_token: 'access-2' }));
  box.model.route('GET', PATH, json(USAGE));
  await ask(box);
  assert.equal(box.model.to(PATH)[0]?.headers.authorization, 'Bearer access-2');
  assert.equal(authFile(box).tokens.access_token, 'access-2');
});

test('a backend that does not answer holds up no login', async () => {
  await using box = await openWith({ ...json(USAGE), delayMs: 60_000 });
  box.client.start('account/rateLimits/read');
  await box.model.waitForRequest(1, PATH);
  await box.call('account/logout', undefined);
  box.client.endInput();
  assert.deepEqual(await box.client.server.exit(), { code: 0, signal: null });
});

test('limits in the headers of a model’s answer are announced, before the error that they explain', async () => {
  await using box = await openWith(json(USAGE));
  const limits = {
    'x-codex-primary-used-percent': '12.5',
    'x-codex-primary-window-minutes': '300',
    'x-codex-primary-reset-at': '1735689720',
    'x-codex-credits-has-credits': '1',
    'x-codex-credits-unlimited': 'false',
    'x-codex-credits-balance': '3.50',
  };
  const snapshot = {
    primary: { usedPercent: 13, windowDurationMins: 300, resetsAt: 1735689720 },
    secondary: null,
    credits: { hasCredits: true, unlimited: false, balance: '3.50' },
    planType: null,
  };
  box.model.script(
    withHeaders(limits, stream(says('hello'))),
    status(429, { error: { type: 'usage_limit_reached', plan_type: 'pro' } }, limits),
  );
  const thread = await box.thread();
  await box.completed(thread, 'hello');
  const updates = box.client.ofMethod('account/rateLimits/updated').map(({ params }) => params.rateLimits);
  assert.deepEqual(updates, [snapshot, snapshot], 'with the head of the answer, and with its end');
  const turn = await box.turn(thread, 'again');
  const { error } = await turn.ended();
  assert.equal(error.codexErrorInfo, 'usageLimitExceeded');
  const last = box.client.messages.filter(
    ({ method }) => method === 'account/rateLimits/updated' || method === 'error',
  );
  assert.deepEqual(
    last.slice(-2).map(({ method }) => method),
    ['account/rateLimits/updated', 'error'],
  );
});
