import assert from 'node:assert/strict';
import { existsSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deferred } from '../../src/base/abort.ts';
import { Box, type BoxOptions, outputOf } from '../support/box.ts';
import { applyPatch, calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const CONFINED: BoxOptions = { sandboxMode: 'workspace-write', tables: '[features]\napply_patch_freeform = true\n' };
const PATCH = '*** Begin Patch\n*** Add File: made.txt\n+content\n*** End Patch';
const REOPENS = ['sh', '-c', 'echo out > /dev/stdout; echo err > /dev/stderr'];

/** A confined command that opens its streams again by name, then a confined patch. */
async function commandAndPatch(box: Box): Promise<void> {
  box.model.script(stream(calls(shell('c1', REOPENS), applyPatch('p1', PATCH))), stream(says('done')));
  const turn = await box.completed(await box.thread(), 'go');
  const [command] = turn.items('commandExecution');
  assert.deepEqual([command.status, command.aggregatedOutput], ['completed', 'out\nerr\n']);
  assert.equal(turn.items('fileChange')[0].status, 'completed', outputOf(await box.sent(2), 'p1'));
  assert.equal(box.read('made.txt'), 'content\n');
}

for (const [what, pathOf] of [
  ['does not exist', (box: Box) => join(box.folder, 'no', 'such', 'folder')],
  ['is a file', (box: Box) => join(box.home, 'config.toml')],
  ['is no absolute path', () => 'nowhere'],
] as const) {
  test(`scratch-free: confined commands and patches run when TMPDIR ${what}`, async () => {
    await using box = await Box.open({ ...CONFINED, start: false });
    await box.start({ TMPDIR: pathOf(box) });
    await commandAndPatch(box);
  });
}

test('scratch-free: nothing of ours but the empty read-only .codex stands where a command may write, and it goes', async () => {
  await using box = await Box.open(CONFINED);
  const folder = join(box.folder, 'tmp');
  const seen: (string | null)[] = [];
  const over = deferred();
  const watcher = watch(folder, (_event, name) => {
    seen.push(name);
    if (name === 'last') over.resolve();
  });
  try {
    await commandAndPatch(box);
    writeFileSync(join(folder, 'last'), ''); // what was made before it has been reported before it
    await over.promise;
    // The folder that keeps the name `.codex` free holds nothing that is read, and a command cannot write to it.
    assert.deepEqual([...new Set(seen)].sort(), ['.codex', 'last']);
    assert.equal(existsSync(join(folder, '.codex')), false);
  } finally {
    watcher.close();
  }
});
