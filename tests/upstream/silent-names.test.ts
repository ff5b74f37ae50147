import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HostLookups } from '../../src/upstream/host-lookup.ts';
import { RawClient } from '../support/raw-client.ts';

const NAME_SERVER = fileURLToPath(new URL('support/silent-names.main.js', import.meta.url));

const CONFIG = `model = "some-model"
model_provider = "named"
[model_providers.named]
name = "Named"
base_url = "http://model.example.test:8080/v1"
wire_api = "responses"
`;

/** A server in a network of its own, whose only name server never answers. */
async function serverWithSilentNames(folder: string): Promise<RawClient> {
  const names = join(folder, 'resolv.conf');
  writeFileSync(names, 'nameserver 127.0.0.1\n');
  writeFileSync(join(folder, 'config.toml'), CONFIG);
  const view = ['--bind', '/', '/', '--dev-bind', '/dev', '/dev', '--proc', '/proc'];
  const own = ['--unshare-net', '--unshare-pid', '--die-with-parent', '--cap-add', 'CAP_NET_BIND_SERVICE'];
  const client = new RawClient({
    home: folder,
    cwd: folder,
    inFront: ['bwrap', ...view, '--ro-bind', names, '/etc/resolv.conf', ...own, '--', process.execPath, NAME_SERVER],
  });
  await client.initialize();
  return client;
}

for (const how of ['the end of stdin', 'an interrupt'] as const) {
  test(`silent-names: while no name server answers, ${how} ends turns, and other requests are answered`, async () => {
    const folder = mkdtempSync('/var/tmp/shardex-names-');
    try {
      await using client = await serverWithSilentNames(folder);
      const turns: { threadId: string; turnId: string }[] = [];
      for (let count = 0; count < 6; count += 1) {
        const threadId = (await client.call('thread/start', {})).thread.id;
        const { turn } = await client.call('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
        turns.push({ threadId, turnId: turn.id });
      }
      if (how === 'an interrupt') {
        for (const params of turns) assert.deepEqual(await client.call('turn/interrupt', params), {});
        for (const { turnId } of turns) {
          const isEnd = ({ method, params }: { method?: string; params?: { turn?: { id: string } } }): boolean =>
            method === 'turn/completed' && params?.turn?.id === turnId;
          assert.equal((await client.waitFor(isEnd, 'turn/completed')).params.turn.status, 'interrupted');
        }
      }
      client.endInput();
      assert.deepEqual(await client.server.exit(), { code: 0, signal: null });
      assert.equal(client.server.stderr, '');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

const ask = (lookups: HostLookups, name: string, options: { all?: boolean; family?: number }) =>
  new Promise<unknown>((resolve) => {
    lookups.lookup(name, options, (error, address, family) => {
      resolve(error === null ? [address, family] : [error.code, error.message]);
    });
  });

test('a name is found as the system finds it, whichever form of answer is wanted', async () => {
  for (const program of [undefined, null]) {
    using lookups = new HostLookups({ env: {}, ...(program === null ? { program } : {}) });
    const all = [[{ address: '127.0.0.1', family: 4 }], undefined];
    assert.deepEqual(await ask(lookups, 'localhost', { all: true, family: 4 }), all);
    assert.deepEqual(await ask(lookups, 'localhost', { family: 4 }), ['127.0.0.1', 4]);
    // Without a network, the system may say that it could not ask rather than that there is no such name.
    const unknown = /^(ENOTFOUND|EAI_AGAIN): getaddrinfo \1 no-such-host\.invalid$/;
    assert.match(((await ask(lookups, 'no-such-host.invalid', { all: true })) as unknown[]).join(': '), unknown);
    assert.deepEqual(((await ask(lookups, '-h', { all: true })) as unknown[])[0], 'ENOTFOUND');
  }
});

test('lookups end with their owner', async () => {
  const lookups = new HostLookups({ env: {}, program: '/usr/bin/yes' });
  const asked = ask(lookups, 'example.test', { all: true });
  lookups[Symbol.dispose]();
  assert.deepEqual(await asked, ['ENOTFOUND', 'getaddrinfo ENOTFOUND example.test']);
});
