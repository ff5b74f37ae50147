import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, outputOf, textOf } from '../support/box.ts';
import { completed, created, functionCall, says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { png } from '../support/png.ts';

const fifo = (path: string): string => {
  execFileSync('mkfifo', [path]);
  return path;
};

test('regular-files: an image that is a named pipe, a device, a folder or endless is a remark at once', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('done')));
  const huge = box.write('huge.png', png());
  truncateSync(huge, 65 * 1024 * 1024);
  const paths = [fifo(join(box.workspace, 'pipe.png')), '/dev/zero', box.workspace, huge];
  const threadId = await box.thread();
  await box.completed(
    threadId,
    paths.map((path) => ({ type: 'localImage', path })),
  );
  const remarks: string[] = (await box.sent()).at(-1)?.content.map(({ text }: { text: string }) => text);
  const said = ['a named pipe', 'a device', 'a folder'].map((what) => `it is ${what}, not a regular file`);
  assert.deepEqual(remarks, [
    ...said.map((why, index) => `The local image at \`${paths[index]}\` could not be read: ${why}`),
    `The local image at \`${huge}\` could not be read: it is larger than ${64 * 1024 * 1024} bytes`,
  ]);
});

test('regular-files: an image whose header claims more pixels than can be held is told as too large', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('done')));
  const claimed = png();
  claimed.writeUInt32BE(60_000, 16);
  claimed.writeUInt32BE(60_000, 20);
  const path = box.write('bomb.png', claimed);
  await box.completed(await box.thread(), [{ type: 'localImage', path }]);
  assert.match(textOf((await box.sent()).at(-1)), /is too large to attach \(60000x60000 pixels/);
});

test('regular-files: view_image does not wait for a named pipe', async () => {
  await using box = await Box.open();
  box.model.script(
    stream(created(), functionCall('c1', 'view_image', { path: 'pipe.png' }), completed()),
    stream(says('done')),
  );
  const path = fifo(join(box.workspace, 'pipe.png'));
  await box.completed(await box.thread(), 'go');
  assert.equal(outputOf(await box.sent(2), 'c1'), `image path \`${path}\` is not a file`);
});

test('regular-files: instructions and skills that are named pipes count as missing', async () => {
  await using box = await Box.open({
    prepare: (it) => {
      fifo(join(it.home, 'AGENTS.override.md'));
      it.write(join(it.home, 'AGENTS.md'), 'mine');
      fifo(join(it.workspace, 'AGENTS.md'));
      mkdirSync(join(it.home, 'skills', 'piped'), { recursive: true });
      fifo(join(it.home, 'skills', 'piped', 'SKILL.md'));
    },
  });
  box.model.script(stream(says('done')));
  await box.completed(await box.thread(), 'use $piped');
  const instructions = (await box.sent()).map(textOf).find((text) => text.startsWith('# AGENTS.md')) ?? '';
  assert.match(instructions, /<INSTRUCTIONS>\nmine\n/);
  assert.ok(!instructions.includes('piped'));
});
