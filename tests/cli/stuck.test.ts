import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { calls, shell } from '../support/model-events.ts';
import { hang, stream } from '../support/model-server.ts';
import { allGone, pidIn } from '../support/processes.ts';

const HOOK = new URL('support/stuck.main.js', import.meta.url).href;

/** What is held up, and whether the process can still end by itself. */
const STUCK = {
  'main-pool': false,
  'shard-pool': false,
  'shard-call': false,
  'search-call': false,
  'shard-loop': true,
};

/** Without `execve` a process can only leave a thread that is stuck in a call by killing itself. */
const BY_FORCE = 'execve' in process ? { code: 0, signal: null } : { code: null, signal: 'SIGKILL' };

const WAYS: Readonly<Record<string, (box: Box) => void>> = {
  'the end of stdin': (box) => box.client.endInput(),
  SIGTERM: (box) => void box.client.server.child.kill('SIGTERM'),
  SIGINT: (box) => void box.client.server.child.kill('SIGINT'),
};

/** Every stuck thing with the end of the input, and each other way with one of them: the ways part before it matters what is stuck. */
const waysFor = (what: string): readonly (readonly [string, (box: Box) => void])[] =>
  Object.entries(WAYS).filter(([way]) => way === 'the end of stdin' || what === 'shard-call');

/** Resolves when the folder has a file of this name. */
async function appeared(folder: string, name: string): Promise<void> {
  const watcher = watch(folder);
  try {
    const signal = AbortSignal.timeout(10_000);
    while (!existsSync(join(folder, name))) await once(watcher, 'change', { signal });
  } finally {
    watcher.close();
  }
}

/** A server with a turn that waits for the model, a command, and a search session. */
async function busyServer(folderName: string): Promise<{ box: Box; folder: string; pids: readonly number[] }> {
  const box = await Box.open({ sandboxMode: 'danger-full-access', start: false });
  const folder = join(box.folder, folderName);
  mkdirSync(folder);
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  await box.start({ NODE_OPTIONS: `--import=${HOOK}`, STUCK: folder });
  box.model.script(stream(calls(shell('c1', ['sh', '-c', 'echo $$; sleep 300']))), hang());
  const running = await box.turn(await box.thread(), 'run');
  const { params } = await running.wait('item/commandExecution/outputDelta');
  await box.turn(await box.thread(), 'wait');
  await box.model.waitForRequest(2);
  await box.call('fuzzyFileSearch/sessionStart', { sessionId: 's', roots: [box.workspace] });
  await box.call('fuzzyFileSearch', { query: 'x', roots: [box.workspace] });
  return { box, folder, pids: [pidIn(params.delta)] };
}

for (const [what, endsByItself] of Object.entries(STUCK)) {
  test(`eof-exit: the process ends in time while something is stuck: ${what}`, async () => {
    for (const [way, end] of waysFor(what)) {
      const { box, folder, pids } = await busyServer('stuck');
      await using _box = box;
      writeFileSync(join(folder, what), '');
      await appeared(folder, `${what}.held`);
      end(box);
      const exit = await box.client.server.exit();
      assert.deepEqual(exit, endsByItself ? { code: 0, signal: null } : BY_FORCE, way);
      await allGone(pids);
    }
  });
}
