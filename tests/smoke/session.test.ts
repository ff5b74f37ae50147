/**
 * An ordinary session from handshake to end: what every supported Node, terminal and user has to give. It takes seconds, so that it can
 * be run with many of them: `npm test -- --suite smoke`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSandbox } from '../../src/exec/sandbox.ts';
import { Box, outputOf, textOf } from '../support/box.ts';
import { applyPatch, calls, says, shellCommand } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const PATCH = '*** Begin Patch\n*** Add File: notes.txt\n+written by a patch\n*** End Patch';

/** Where nothing can confine commands they run without: the rest of the session is the same. */
async function sandboxMode(): Promise<string> {
  const found = await findSandbox(process.env);
  return found.kind === 'bubblewrap' ? 'workspace-write' : 'danger-full-access';
}

/** All of stderr, but for the one thing that a server on a busy machine may have to say when it ends. */
const oddLines = (stderr: string): string => stderr.replaceAll(/^\{.*"event":"close-timed-out"\}\n/gm, '');

test('a session searches, runs a command and a patch, lists and resumes, writes nothing to stderr, and ends', async () => {
  const options = { tables: '[features]\napply_patch_freeform = true\n', sandboxMode: await sandboxMode() };
  await using box = await Box.open({ ...options, prepare: (it) => void it.write('src/router.ts', '') });
  const { files } = await box.call('fuzzyFileSearch', { query: 'router', roots: [box.workspace] });
  assert.deepEqual(
    files.map(({ path }: { path: string }) => path),
    ['src/router.ts'],
  );

  const threadId = await box.thread();
  box.model.script(
    stream(calls(shellCommand('c1', 'echo written by a command > made.txt && cat made.txt'), applyPatch('c2', PATCH))),
    stream(says('Both are written.')),
  );
  const turn = await box.completed(threadId, 'Write two files.');
  assert.deepEqual(
    turn.items('commandExecution').map(({ status, exitCode }) => [status, exitCode]),
    [['completed', 0]],
  );
  assert.match(outputOf(await box.sent(2), 'c1'), /written by a command/);
  assert.deepEqual([box.read('made.txt'), box.read('notes.txt')], ['written by a command\n', 'written by a patch\n']);

  const first = box.client.server;
  box.client.endInput();
  assert.deepEqual(await first.exit(), { code: 0, signal: null });
  assert.equal(oddLines(first.stderr), '');

  await box.start();
  const { data } = await box.call('thread/list');
  assert.deepEqual(
    data.map(({ id }: { id: string }) => id),
    [threadId],
  );
  const { thread } = await box.call('thread/resume', { threadId });
  assert.equal(thread.turns.length, 1);
  box.model.script(stream(says('Go on.')));
  await box.completed(threadId, 'And then?');
  assert.ok((await box.sent(3)).map(textOf).some((text) => text.includes('Both are written.')));
  box.client.endInput();
  assert.deepEqual(await box.client.server.exit(), { code: 0, signal: null });
  assert.equal(oddLines(box.client.server.stderr), '');
});
