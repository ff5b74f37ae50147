import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, outputOf } from '../support/box.ts';
import { calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const PATCH = '*** Begin Patch\n*** Add File: made.txt\n+by a script\n*** End Patch';
/** Piped, so that it is a command like any other and not read as a patch. */
const SCRIPT = ['bash', '-c', `printf '%s' "$1" | apply_patch && applypatch nonsense`, 'bash', PATCH];

const place = (box: Box): string => join(box.home, 'tmp', 'path');

test('a script finds apply_patch under both names', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  box.model.script(stream(calls(shell('c1', SCRIPT))), stream(says('done', 'm1')));
  await box.completed(await box.thread(), 'go');
  const { output, metadata } = JSON.parse(outputOf(await box.sent(2), 'c1'));
  assert.match(output, /A made\.txt[\s\S]*Invalid patch/);
  assert.equal(metadata.exit_code, 1);
  assert.equal(box.read('made.txt'), 'by a script\n');
});

test('a confined script finds it too, and writes where the sandbox lets it', async () => {
  await using box = await Box.open({ sandboxMode: 'workspace-write' });
  box.model.script(stream(calls(shell('c1', SCRIPT))), stream(says('done', 'm1')));
  await box.completed(await box.thread(), 'go');
  assert.equal(box.read('made.txt'), 'by a script\n');
});

test('the launchers go with the server, and those of a killed one with the next', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  const nobody = 4_194_305; // above the highest process id of Linux
  const orphan = join(place(box), `${nobody}-aBc123`);
  mkdirSync(orphan, { recursive: true });
  writeFileSync(join(place(box), 'of-another-program'), '');
  await box.thread();
  assert.ok(!existsSync(orphan));
  assert.equal(readdirSync(place(box)).length, 2);
  box.client.endInput();
  await box.client.server.exited;
  assert.deepEqual(readdirSync(place(box)), ['of-another-program']);
});

test('below the folder for temporary files there are none, and commands run all the same', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  await box.start({ TMPDIR: box.folder });
  box.model.script(stream(calls(shell('c1', ['bash', '-c', 'echo fine']))), stream(says('done', 'm1')));
  await box.completed(await box.thread(), 'go');
  assert.match(outputOf(await box.sent(2), 'c1'), /fine/);
  assert.ok(!existsSync(place(box)));
});
