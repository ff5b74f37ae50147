import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { RawClient } from '../support/raw-client.ts';

/** A box in whose PATH `tmux` is this script; the server is not started. */
async function boxWithTmux(script: string): Promise<{ box: Box; env: Record<string, string> }> {
  const box = await Box.open({ start: false });
  const bin = join(box.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'tmux'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const terminal = { TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.4', TMUX: '/tmp/socket,1,0' };
  return { box, env: { ...terminal, PATH: `${bin}:${process.env.PATH}` } };
}

const STUCK = 'trap "" TERM; sleep 300 & while :; do sleep 1; done';

test('answer-at-once: a tmux that does not answer, and a log that nobody reads, delay no answer', async () => {
  const { box, env } = await boxWithTmux(STUCK);
  await using _box = box;
  await using client = new RawClient({ home: box.home, cwd: box.workspace, env: { ...env, SHARDEX_LOG: 'debug' } });
  client.server.child.stderr.pause();
  client.sendText(`bad line ${'x'.repeat(500)}\n`.repeat(1_000));
  const { result } = await client.initialize();
  assert.match(result.userAgent, / tmux\/3\.4 /);
  assert.ok((await client.call('thread/start', {})).thread.id);
  client.endInput();
  client.server.child.stderr.resume();
  assert.deepEqual(await client.server.exit(), { code: 0, signal: null });
});
