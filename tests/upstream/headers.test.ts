import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UpstreamClientOptions } from '../../src/upstream/client.ts';
import { zstd } from '../../src/upstream/request.ts';
import type { SamplingRequest } from '../../src/upstream/types.ts';
import { says } from '../support/model-events.ts';
import { json, ModelServer, type ReceivedRequest, stream } from '../support/model-server.ts';
import {
  API_KEY_LOGIN,
  CHATGPT_LOGIN,
  compactRequest,
  eventsOf,
  type NO_LOGIN,
  never,
  openai,
  provider,
  samplingRequest,
  upstreamClient,
} from './setup.ts';

/** What one request looks like on the wire. */
async function sent(
  fields: (baseUrl: string) => Partial<SamplingRequest>,
  options: Partial<UpstreamClientOptions> = {},
): Promise<ReceivedRequest> {
  await using model = await ModelServer.start();
  model.script(stream(says('ok')));
  await using client = upstreamClient(options);
  await eventsOf(client.stream(samplingRequest(fields(model.baseUrl)), never()));
  return model.waitForRequest();
}

const CONNECTION = ['host', 'connection', 'content-length'];
const pairs = ({ rawHeaders }: ReceivedRequest): string[] =>
  rawHeaders
    .flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []))
    .filter((pair) => !CONNECTION.some((name) => pair.startsWith(`${name}: `)));

test('a request to the built-in service has all its headers, in order and in lower case', async () => {
  const request = await sent(
    (baseUrl) => ({
      provider: openai({ baseUrl }),
      auth: CHATGPT_LOGIN,
      betaFeatures: ['unified_exec', 'steer'],
      turnState: 'sticky',
      subagent: 'review',
      webSearchEligible: false,
    }),
    { env: { OPENAI_ORGANIZATION: 'org-1', OPENAI_PROJECT: ' ' } },
  );
  assert.deepEqual(pairs(request), [
    'version: 9.9.9',
    'openai-organization: org-1',
    'x-codex-beta-features: unified_exec,steer',
    'x-oai-web-search-eligible: false',
    'x-codex-turn-state: sticky',
    'session_id: thread-1',
    'x-openai-subagent: review',
    'accept: text/event-stream',
    'authorization: Bearer account-token-0123456789',
    'chatgpt-account-id: acct-1',
    'content-type: application/json',
    'user-agent: test-client/1.0',
    'originator: test-client',
  ]);
});

test('a plain provider gets only what it needs', async () => {
  const request = await sent((baseUrl) => ({ provider: provider({ baseUrl }) }));
  assert.deepEqual(pairs(request), [
    'x-oai-web-search-eligible: true',
    'session_id: thread-1',
    'accept: text/event-stream',
    'content-type: application/json',
    'user-agent: test-client/1.0',
    'originator: test-client',
  ]);
});

test("the body is the request's, byte for byte", async () => {
  const fields = samplingRequest();
  const request = await sent((baseUrl) => ({ provider: provider({ baseUrl }) }));
  assert.equal(request.bytes.toString('utf8'), JSON.stringify(fields.body));
});

test('a compaction has its own headers and exactly three members', async () => {
  await using model = await ModelServer.start();
  model.compact(json({ output: [{ type: 'compaction', encrypted_content: 'sealed' }] }));
  await using client = upstreamClient();
  const request = compactRequest({
    provider: openai({ baseUrl: model.baseUrl }),
    auth: API_KEY_LOGIN,
    subagent: 'review',
  });
  await client.compact(request, never());
  const received = await model.waitForRequest(1, '/v1/responses/compact');
  assert.deepEqual(pairs(received), [
    'version: 9.9.9',
    'x-openai-subagent: review',
    'accept: */*',
    'authorization: Bearer sk-login-0123456789',
    'content-type: application/json',
    'user-agent: test-client/1.0',
    'originator: test-client',
  ]);
  assert.deepEqual(Object.keys(received.body), ['model', 'input', 'instructions']);
});

test('headers of the configuration are sent, those that cannot be are left out', async () => {
  const request = await sent(
    (baseUrl) => ({
      provider: provider({
        baseUrl,
        httpHeaders: {
          'X-Plain': 'yes',
          'bad name': '1',
          'x-bad-value': 'a\r\nb: c',
          host: 'evil.test',
          'User-Agent': 'mine',
        },
        envHttpHeaders: { 'X-From-Env': 'SET', 'x-blank': 'BLANK', 'x-unset': 'UNSET' },
      }),
    }),
    { env: { SET: 'value', BLANK: '   ' } },
  );
  assert.equal(request.headers['x-plain'], 'yes');
  assert.equal(request.headers['x-from-env'], 'value');
  assert.equal(request.headers['user-agent'], 'mine');
  for (const name of ['x-bad-value', 'x-blank', 'x-unset', 'b']) assert.equal(request.headers[name], undefined);
  assert.match(String(request.headers.host), /^127\.0\.0\.1:/);
});

test('values beyond ASCII are sent as UTF-8', async () => {
  const request = await sent(
    (baseUrl) => ({ provider: provider({ baseUrl, httpHeaders: { 'x-place': 'Zürich ✓' } }) }),
    { identity: { originator: '編集者', userAgent: 'tests', version: '9.9.9' } },
  );
  const received = (name: string): string => Buffer.from(String(request.headers[name]), 'latin1').toString('utf8');
  assert.equal(received('x-place'), 'Zürich ✓');
  assert.equal(received('originator'), '編集者');
});

test('query parameters are appended to the address', async () => {
  const request = await sent((baseUrl) => ({
    provider: provider({ baseUrl: `${baseUrl}//`, queryParams: { 'api-version': '2025 04', x: 'ü' } }),
  }));
  assert.equal(request.path, '/v1/responses');
  assert.equal(request.query, '?api-version=2025%2004&x=%C3%BC');
});

test('a user and password in the address are sent unless there is a key', async () => {
  const withUser = (baseUrl: string): string => baseUrl.replace('//', '//me%40home:p%2Fw@');
  const request = await sent((baseUrl) => ({ provider: provider({ baseUrl: withUser(baseUrl) }) }));
  assert.equal(request.headers.authorization, `Basic ${Buffer.from('me@home:p/w').toString('base64')}`);
  const keyed = await sent((baseUrl) => ({ provider: provider({ baseUrl: withUser(baseUrl), bearerToken: 'own' }) }));
  assert.equal(keyed.headers.authorization, 'Bearer own');
});

test('OPENAI_BASE_URL moves the built-in service, and no other', async () => {
  await using model = await ModelServer.start();
  model.script(stream(says('ok')));
  await using client = upstreamClient({ env: { OPENAI_BASE_URL: `${model.baseUrl}/` } });
  await eventsOf(client.stream(samplingRequest({ provider: openai({ baseUrl: null }) }), never()));
  assert.equal(model.received.length, 1);
});

const scopes: readonly [
  string,
  Parameters<typeof provider>[0],
  typeof NO_LOGIN,
  string | undefined,
  string | undefined,
][] = [
  [
    'token-scope: an account token never goes to a provider that did not ask for it',
    {},
    CHATGPT_LOGIN,
    undefined,
    undefined,
  ],
  ['token-scope: neither does a stored API key', {}, API_KEY_LOGIN, undefined, undefined],
  [
    'token-scope: requires_openai_auth asks for it',
    { requiresOpenaiAuth: true },
    CHATGPT_LOGIN,
    'Bearer account-token-0123456789',
    'acct-1',
  ],
  [
    'the bearer token goes before the login',
    { requiresOpenaiAuth: true, bearerToken: 'own' },
    CHATGPT_LOGIN,
    'Bearer own',
    undefined,
  ],
  [
    'the variable goes before the bearer token',
    { envKey: 'KEY', bearerToken: 'own' },
    CHATGPT_LOGIN,
    'Bearer from-env',
    undefined,
  ],
  [
    'a name is not enough to be the built-in service',
    { id: 'openai', name: 'OpenAI' },
    CHATGPT_LOGIN,
    undefined,
    undefined,
  ],
];
for (const [rule, fields, auth, authorization, account] of scopes) {
  test(rule, async () => {
    const request = await sent((baseUrl) => ({ provider: provider({ ...fields, baseUrl }), auth }), {
      env: { KEY: 'from-env\n' },
    });
    assert.equal(request.headers.authorization, authorization);
    assert.equal(request.headers['chatgpt-account-id'], account);
  });
}

test('compression: only accounts of the service itself send compressed bodies', async () => {
  const compress = async (bytes: Uint8Array): Promise<Uint8Array> => Buffer.concat([Buffer.from('packed'), bytes]);
  const encoding = async (fields: Partial<SamplingRequest>, name: string): Promise<unknown> => {
    const request = await sent((baseUrl) => ({ provider: openai({ baseUrl, name }), ...fields }), { compress });
    assert.equal(request.bytes.toString('utf8').startsWith('packed'), request.headers['content-encoding'] === 'zstd');
    return request.headers['content-encoding'];
  };
  assert.equal(await encoding({ auth: CHATGPT_LOGIN, compress: true }, 'OpenAI'), 'zstd');
  assert.equal(await encoding({ auth: CHATGPT_LOGIN, compress: false }, 'OpenAI'), undefined);
  assert.equal(await encoding({ auth: API_KEY_LOGIN, compress: true }, 'OpenAI'), undefined);
  assert.equal(await encoding({ auth: CHATGPT_LOGIN, compress: true }, 'Other'), undefined);
});

test('compression: a Node without zstd sends plain bodies', async () => {
  assert.equal(zstd({}), null);
  const request = await sent((baseUrl) => ({ provider: openai({ baseUrl }), auth: CHATGPT_LOGIN, compress: true }), {
    compress: null,
  });
  assert.equal(request.headers['content-encoding'], undefined);
  assert.equal(request.body.model, 'some-model');
});

test('compression: zstd is asked for at level 3', async () => {
  const calls: unknown[] = [];
  const compress = zstd({
    constants: { ZSTD_c_compressionLevel: 100 },
    zstdCompress: (bytes: Uint8Array, options: unknown, done: (error: null, out: Uint8Array) => void) => {
      calls.push(options);
      done(null, bytes);
    },
  });
  assert.deepEqual(await compress?.(Buffer.from('x')), Buffer.from('x'));
  assert.deepEqual(calls, [{ params: { 100: 3 } }]);
});
