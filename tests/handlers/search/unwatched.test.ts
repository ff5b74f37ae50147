import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Tree } from '../../search/support/tree.ts';
import { distFolder } from '../../support/server.ts';

/** Runs a command where only so many folders can be watched: the limit of a user namespace of its own. */
const limited = (watches: number, command: string): readonly string[] => [
  '-Ur',
  'sh',
  '-c',
  `echo ${watches} > /proc/sys/user/max_inotify_watches && ${command}`,
];

const canLimit = process.platform === 'linux' && spawnSync('unshare', limited(4, 'true')).status === 0;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly summary: string };
  readonly result?: { readonly files: readonly { readonly path: string }[] };
}

test('when watches run out answers stay right, and one warning says so', { skip: !canLimit }, async () => {
  using tree = Tree.of(Array.from({ length: 8 }, (_, at) => `d${at}/e/main`));
  using home = Tree.of(['config.toml']);
  const server = spawn('unshare', limited(4, `exec "${process.execPath}" "${join(distFolder(), 'main.js')}"`), {
    env: { PATH: process.env.PATH, HOME: home.root, CODEX_HOME: home.root },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const warnings: string[] = [];
  const ask = async (id: number, method: string, params: object): Promise<Message> => {
    server.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    for (;;) {
      const { value } = await lines.next();
      const message: Message = JSON.parse(value);
      if (message.id === id) return message;
      if (message.method === 'configWarning') warnings.push(message.params?.summary ?? '');
    }
  };
  await ask(0, 'initialize', { clientInfo: { name: 'test', version: '1' } });
  for (let round = 0; round < 4; round++) {
    const { result } = await ask(round + 1, 'fuzzyFileSearch', { query: 'main', roots: [tree.root] });
    assert.equal(result?.files.length, 8 + round);
    tree.write(`d${2 * round}/e/main-${round}`);
  }
  assert.deepEqual(warnings, ['Not all folders can be watched for changes: file search is slower.']);
  server.stdin.end();
  await once(server, 'exit');
});
