import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RawClient } from '../support/raw-client.ts';
import { distFolder } from '../support/server.ts';

const clientInfo = { name: 'probe', title: null, version: '1.2.3' };

test('initialize answers with the user agent, once', async () => {
  await using client = new RawClient({ env: { TERM: undefined, TERM_PROGRAM: undefined } });
  const { result } = await client.initialize({ name: 'probe' });
  assert.match(result.userAgent, /^probe\/0\.100\.0 \(.+; .+\) .+ \(probe; 1\.2\.3\)$/);
  assert.deepEqual(Object.keys(result), ['userAgent']);
  const again = await client.request('initialize', { clientInfo });
  assert.deepEqual(again.error, { code: -32600, message: 'Already initialized' });
});

test('an illegal client name is refused and the client may try again', async () => {
  await using client = new RawClient();
  const refused = await client.request('initialize', { clientInfo: { ...clientInfo, name: 'bad\rname' } });
  const message = "Invalid clientInfo.name: 'bad\rname'. Must be a valid HTTP header value.";
  assert.deepEqual(refused.error, { code: -32600, message });
  const early = await client.request('thread/loaded/list', {});
  assert.deepEqual(early.error, { code: -32600, message: 'Not initialized' });
  assert.ok((await client.initialize()).result.userAgent.startsWith('raw-client/'));
});

test('params of initialize may be positional, with unknown members and null capabilities', async () => {
  for (const params of [
    [clientInfo],
    { clientInfo, extra: 1, capabilities: null },
    { clientInfo: { name: 'a', version: '' } },
  ]) {
    await using client = new RawClient();
    assert.equal((await client.request('initialize', params)).error, undefined);
  }
  await using client = new RawClient();
  const missing = await client.request('initialize');
  assert.deepEqual(missing.error, { code: -32600, message: 'Invalid request: missing field `params`' });
});

test('the originator override replaces the name in front and not the one in brackets', async () => {
  await using client = new RawClient({ env: { CODEX_INTERNAL_ORIGINATOR_OVERRIDE: 'other' } });
  const { result } = await client.initialize({ name: 'probe' });
  assert.match(result.userAgent, /^other\/.*\(probe; 1\.2\.3\)$/);
});

test('an unknown method differs from a known one before and after the handshake', async () => {
  await using client = new RawClient();
  const early = await client.request('thread/new', {});
  await client.initialize();
  const late = await client.request('thread/new', {});
  for (const { error } of [early, late]) {
    assert.equal(error?.code, -32600);
    assert.ok(
      error?.message.startsWith(
        'Invalid request: unknown variant `thread/new`, expected one of `initialize`, `thread/start`, ',
      ),
    );
  }
});

test('500 requests followed at once by the end of input are all answered, then the server exits', async () => {
  await using client = new RawClient();
  const requests = Array.from({ length: 500 }, (_, id) =>
    JSON.stringify({ id, method: 'thread/loaded/list', params: {} }),
  );
  client.sendText([JSON.stringify({ id: 'i', method: 'initialize', params: { clientInfo } }), ...requests].join('\n'));
  client.endInput();
  assert.deepEqual(await client.server.exit(), { code: 0, signal: null });
  assert.deepEqual(
    client.messages.map(({ id }) => id),
    ['i', ...requests.keys()],
  );
});

test('the end of input, SIGTERM and SIGINT end the server with code 0', async () => {
  for (const stop of ['end', 'SIGTERM', 'SIGINT'] as const) {
    await using client = new RawClient();
    await client.initialize();
    if (stop === 'end') client.endInput();
    else client.server.child.kill(stop);
    assert.deepEqual(await client.server.exit(), { code: 0, signal: null }, stop);
  }
});

test('a client that never reads is ended with all the same', async () => {
  await using client = new RawClient();
  await client.initialize();
  client.pauseReading();
  client.sendText('{"id":1,"method":"nope"}\n'.repeat(5000));
  await settledWrites(client);
  client.server.child.kill('SIGTERM');
  await new Promise((resolve) => client.server.child.once('exit', resolve));
  assert.equal(client.server.child.exitCode, 0);
});

test('a client that does not read costs bounded memory, and gets every answer once it reads', async () => {
  await using client = new RawClient();
  await client.initialize();
  await client.request('nope');
  client.pauseReading();
  const total = 40_000;
  const rssBefore = residentBytes(client.server.child.pid);
  client.sendText(Array.from({ length: total }, (_, id) => `{"id":"n${id}","method":"nope"}\n`).join(''));
  await settledWrites(client);
  assert.ok(residentBytes(client.server.child.pid) - rssBefore < 150_000_000);
  assert.ok(client.server.child.stdin.writableLength > 0, 'the server went on reading');
  client.resumeReading();
  await client.reply(`n${total - 1}`, 'the last request');
  const ids = client.messages.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  assert.deepEqual(
    ids,
    Array.from({ length: total }, (_, id) => `n${id}`),
  );
});

test('a client that closes its end of stdout is reported once; the server goes on until the end of input', async () => {
  await using client = new RawClient();
  await client.initialize();
  client.server.child.stdout.destroy();
  for (let sent = 0; sent < 20; sent += 1) client.notify('initialized');
  client.sendText('{"id":1,"method":"nope"}\n'.repeat(100));
  client.endInput();
  assert.deepEqual(await client.server.exit(), { code: 0, signal: null });
  assert.equal(client.server.stderr.split('client-stopped-reading').length, 2);
});

test('a full stderr that nobody reads does not stop the server', async () => {
  await using client = new RawClient({ env: { SHARDEX_LOG: 'debug' } });
  client.server.child.stderr.pause();
  for (let sent = 0; sent < 200; sent += 1) client.sendText(`${'{"method":"'.padEnd(3000, 'x')}"}\n`.repeat(5));
  assert.ok((await client.initialize()).result.userAgent);
});

test('a line of 64 MiB is read', async () => {
  await using client = new RawClient();
  await client.initialize();
  client.sendText('{"id":"big","method":"nope","params":{"x":"');
  for (let sent = 0; sent < 64; sent += 1) client.sendText('a'.repeat(1024 * 1024));
  client.sendText('"}}\n');
  assert.equal((await client.reply('big')).error?.code, -32600);
});

test('with nothing asked for stderr stays empty', async () => {
  await using client = new RawClient();
  await client.initialize();
  client.notify('whatever', { x: 1 });
  await client.request('nope');
  client.endInput();
  await client.server.exit();
  assert.equal(client.server.stderr, '');
});

test('whatever prints in the process or in a worker stays off the wire', () => {
  const program = join(distFolder(), 'tests', 'transport', 'stray-print.main.js');
  const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  assert.equal(stdout, '{"wire":true}\n');
  for (const text of ['plain', 'console', 'worker', 'worker console']) assert.ok(stderr.includes(text), text);
});

test('input from a file and output to a file work like pipes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardex-files-'));
  try {
    const input = join(folder, 'in');
    writeFileSync(
      input,
      `${JSON.stringify({ id: 1, method: 'initialize', params: { clientInfo } })}\n{"id":2,"method":"nope"}`,
    );
    const main = join(distFolder(), 'main.js');
    const env = { ...process.env, CODEX_HOME: folder };
    const ran = spawnSync('sh', ['-c', '"$0" "$1" < in > out', process.execPath, main], { cwd: folder, env });
    assert.equal(ran.status, 0);
    const lines = readFileSync(join(folder, 'out'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).id),
      [1, 2],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('$CODEX_HOME/.env is loaded before everything else, names of ours excepted', async () => {
  const home = mkdtempSync(join(tmpdir(), 'shardex-env-'));
  try {
    writeFileSync(join(home, '.env'), 'TERM_PROGRAM=from-file\nCODEX_INTERNAL_ORIGINATOR_OVERRIDE=ignored\n');
    await using client = new RawClient({
      home,
      env: { TERM_PROGRAM: 'from-outside', TERM_PROGRAM_VERSION: undefined },
    });
    const { result } = await client.initialize({ name: 'probe' });
    assert.match(result.userAgent, /^probe\/.* from-file \(probe; 1\.2\.3\)$/);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

/** Resolves when the server has stopped taking what the client writes, or has taken all of it. */
async function settledWrites(client: RawClient): Promise<void> {
  const { stdin } = client.server.child;
  for (let same = 0, last = -1; same < 15 && stdin.writableLength > 0; last = stdin.writableLength) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    same = stdin.writableLength === last ? same + 1 : 0;
  }
}

function residentBytes(pid: number | undefined): number {
  if (process.platform !== 'linux') return 0;
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) * 1024;
}
