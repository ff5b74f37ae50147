import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { channelOf } from '../../bench/channel.ts';

test('what is said to a process that has ended is dropped, without an error', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardex-channel-'));
  try {
    const program = join(folder, 'echo.cjs');
    writeFileSync(program, "process.on('message', (message) => process.send(message));");
    const child = fork(program);
    const channel = channelOf(child);
    const heard = new Promise((resolve) => channel.addEventListener('message', resolve));
    channel.postMessage('hello', []);
    assert.equal(((await heard) as MessageEvent).data, 'hello');
    const failed: unknown[] = [];
    child.on('error', (error) => failed.push(error));
    child.kill();
    channel.postMessage('it may still be there', []);
    await once(child, 'close');
    channel.postMessage('it is not there any more', []);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(failed, []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
