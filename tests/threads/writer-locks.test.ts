/** The locks of threads as another program sees them, which takes its own with the system's `flock`. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, textOf } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { type ReceivedRequest, type Reply, stream } from '../support/model-server.ts';

const lockOf = (box: Box, threadId: string): string => join(box.home, 'thread-writer-locks', `${threadId}.lock`);

/** How many of the threads somebody writes to. */
async function heldOf(box: Box, threadIds: readonly string[]): Promise<number> {
  const codes = threadIds.map(async (id) => (await once(spawn('flock', ['-n', lockOf(box, id), 'true']), 'exit'))[0]);
  return (await Promise.all(codes)).filter((code) => code === 1).length;
}

function echo(box: Box): void {
  let count = 0;
  box.model.route('POST', '/v1/responses', ({ body }: ReceivedRequest): Reply => {
    count += 1;
    return stream(says(`answer to ${textOf(body.input.at(-1))}`, `msg-${count}`));
  });
}

/** A `flock` of ours in the place of the system's; gives the environment that names it. */
function standIn(box: Box, script: string): { readonly SHARDEX_FLOCK: string } {
  const bin = join(box.folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'flock'), `#!/bin/sh\nPATH='${process.env.PATH}'\n${script}\n`);
  chmodSync(join(bin, 'flock'), 0o755);
  return { SHARDEX_FLOCK: join(bin, 'flock') };
}

test('writer-lock: of many threads that start at once each is held, until it is archived or its server ends', async () => {
  await using box = await Box.open({ start: false });
  const parents = join(box.folder, 'parents');
  await box.start(standIn(box, `echo $PPID >> '${parents}'; exec flock "$@"`));
  echo(box);
  const ids = await Promise.all(Array.from({ length: 24 }, () => box.thread()));
  await Promise.all(ids.map((id) => box.completed(id, 'hello')));
  assert.equal(await heldOf(box, ids), 24);
  // A process for each thread is what made many slow.
  const processes = new Set(readFileSync(parents, 'utf8').trim().split('\n'));
  assert.equal(processes.has(String(box.client.server.child.pid)), false);
  assert.ok(processes.size <= 12, `${processes.size} processes`);
  await Promise.all(ids.slice(0, 8).map((threadId) => box.call('thread/archive', { threadId })));
  assert.deepEqual([await heldOf(box, ids.slice(0, 8)), await heldOf(box, ids.slice(8))], [0, 16]);
  await Promise.all(ids.slice(0, 8).map((threadId) => box.call('thread/unarchive', { threadId })));
  const { child, exited } = box.client.server;
  child.kill('SIGKILL');
  await exited;
  assert.equal(await heldOf(box, ids), 0);
});

test('writer-lock: a thread that is unloaded is free', async () => {
  await using box = await Box.open({ tables: '[threads]\nidle_unload_minutes = 0.0001\n' });
  echo(box);
  const threadId = await box.thread();
  await box.completed(threadId, 'hello');
  assert.equal(await heldOf(box, [threadId]), 1);
  await box.call('thread/unsubscribe', { threadId });
  while ((await box.call('thread/loaded/list')).data.length > 0);
  // It is listed no more as soon as it is being closed; whoever opens it then waits for that.
  await box.call('thread/resume', { threadId });
  await box.call('thread/unsubscribe', { threadId });
  await once(spawn('flock', [lockOf(box, threadId), 'true']), 'exit'); // waits for ever while somebody holds it
  assert.equal(await heldOf(box, [threadId]), 0);
});

test('writer-lock: of many threads that are resumed at once those that another program holds are refused', async () => {
  await using box = await Box.open();
  echo(box);
  const ids = await Promise.all(Array.from({ length: 12 }, () => box.thread()));
  await Promise.all(ids.map((id) => box.completed(id, 'before')));
  await box.client[Symbol.asyncDispose]();
  const holders = ids
    .slice(0, 3)
    .map((id) => spawn('flock', ['-n', lockOf(box, id), 'sh', '-c', 'echo held; exec cat']));
  await Promise.all(holders.map(({ stdout }) => once(stdout, 'data')));
  await box.start();
  const answers = await Promise.all(ids.map((threadId) => box.client.request('thread/resume', { threadId })));
  assert.deepEqual(
    answers.map(({ error }) => error?.message ?? null),
    ids.map((id, index) => (index < 3 ? `thread ${id} already has an active writer` : null)),
  );
  await Promise.all(ids.slice(3).map((id) => box.completed(id, 'after')));
  await Promise.all(
    holders.map((holder) => {
      holder.kill('SIGKILL');
      holder.stdout.destroy();
      return once(holder, 'exit');
    }),
  );
});

test('writer-lock: a new thread that somebody else got hold of first is not written', async () => {
  await using box = await Box.open({ start: false });
  await box.start(standIn(box, 'exit 1'));
  echo(box);
  const { thread } = await box.call('thread/start', {});
  const stored = readFileSync(thread.path, 'utf8');
  const turn = await box.turn(thread.id, 'mine');
  const { status, error } = await turn.ended();
  assert.equal(status, 'failed');
  assert.match(error.message, /already has an active writer/);
  assert.equal(readFileSync(thread.path, 'utf8'), stored);
});
