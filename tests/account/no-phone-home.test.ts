/** Whole sessions, with a watch on every socket: nobody is contacted who need not be. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Box } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { RefusingProxy } from '../support/refusing-proxy.ts';
import { distFolder } from '../support/server.ts';
import { writeAuth } from './support/auth-box.ts';
import { stored } from './support/tokens.ts';

interface Row {
  readonly provider: 'local' | 'openai';
  readonly login: 'none' | 'key' | 'chatgpt';
  readonly args?: readonly string[];
  /** What the client does beside looking around. */
  readonly does?: 'turn' | 'rate limits';
  readonly hosts: readonly string[];
}

const CHATGPT = ['chatgpt.com:443'];
const API = ['api.openai.com:443'];
const NO_LIST = ['--disable', 'remote_models'];

const TABLE: Readonly<Record<string, Row>> = {
  'another provider, nobody logged in': { provider: 'local', login: 'none', does: 'turn', hosts: [] },
  'another provider, an API key': { provider: 'local', login: 'key', does: 'turn', hosts: [] },
  'another provider, a ChatGPT login': { provider: 'local', login: 'chatgpt', does: 'turn', hosts: [] },
  'another provider, whose limits are asked for': {
    provider: 'local',
    login: 'chatgpt',
    does: 'rate limits',
    hosts: CHATGPT,
  },
  'another provider, limits without a login': { provider: 'local', login: 'none', does: 'rate limits', hosts: [] },
  'the vendor, nobody logged in': { provider: 'openai', login: 'none', hosts: [] },
  'the vendor, nobody logged in, a turn': { provider: 'openai', login: 'none', does: 'turn', hosts: API },
  'the vendor, an API key': { provider: 'openai', login: 'key', hosts: [] },
  'the vendor, an API key, a turn': { provider: 'openai', login: 'key', does: 'turn', hosts: API },
  'the vendor, a ChatGPT login': { provider: 'openai', login: 'chatgpt', hosts: CHATGPT },
  'the vendor, a ChatGPT login, no list of models': { provider: 'openai', login: 'chatgpt', args: NO_LIST, hosts: [] },
  'the vendor, a ChatGPT login, no list of models, a turn': {
    provider: 'openai',
    login: 'chatgpt',
    args: NO_LIST,
    does: 'turn',
    hosts: CHATGPT,
  },
};

const LOGINS = { none: null, key: { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-x' }, chatgpt: stored() };

/** What clients ask for without being asked by their user. */
async function lookAround(box: Box): Promise<void> {
  for (const [method, params] of [
    ['model/list', {}],
    ['account/read', {}],
    ['getAuthStatus', { includeToken: true }],
    ['thread/list', {}],
    ['skills/list', {}],
    ['fuzzyFileSearch', { query: 'a', roots: [box.workspace] }],
  ] as const) {
    await box.call(method, params);
  }
}

async function act(box: Box, proxy: RefusingProxy, { does, provider }: Row): Promise<void> {
  const threadId = await box.thread();
  if (does === 'rate limits') await box.client.request('account/rateLimits/read');
  if (does !== 'turn') return;
  if (provider === 'local') {
    box.model.script(stream(says('hello')));
    await box.completed(threadId, 'hello');
    return;
  }
  const turn = await box.turn(threadId, 'hello');
  await proxy.reached(1);
  await turn.interrupt();
  await turn.ended();
}

describe('no-phone-home: who is contacted in a whole session', () => {
  for (const [name, row] of Object.entries(TABLE)) {
    test(name, async () => {
      await using proxy = await RefusingProxy.start();
      await using box = await Box.open({
        start: false,
        args: [...(row.args ?? []), ...(row.provider === 'openai' ? ['-c', 'model_provider="openai"'] : [])],
      });
      const auth = LOGINS[row.login];
      if (auth !== null) writeAuth(box, auth);
      const spied = join(box.folder, 'connections');
      const spy = pathToFileURL(join(distFolder(), 'tests/support/spy-connections.main.js')).href;
      await box.start({
        HTTP_PROXY: `http://${proxy.address}`,
        HTTPS_PROXY: `http://${proxy.address}`,
        NO_PROXY: '127.0.0.1',
        NODE_OPTIONS: `--import ${spy}`,
        SPY_CONNECTIONS: spied,
      });
      await lookAround(box);
      await act(box, proxy, row);
      if (row.hosts.length > 0) await proxy.reached(1);
      box.client.endInput();
      await box.client.server.exit();
      assert.deepEqual([...new Set(proxy.asked)], row.hosts);
      const opened = existsSync(spied) ? readFileSync(spied, 'utf8').trim().split('\n') : [];
      if (row.provider === 'local' && row.does === 'turn')
        assert.ok(opened.includes(new URL(box.model.origin).host), 'sockets are seen');
      const ours = [proxy.address, new URL(box.model.origin).host];
      assert.deepEqual(
        opened.filter((host) => !ours.includes(host)),
        [],
        'no socket goes past the proxy',
      );
    });
  }
});
