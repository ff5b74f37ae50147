/** Failures of the file system that reach a client say what could not be done with which file, and why. */
import assert from 'node:assert/strict';
import { readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';
import { mountProblem, withMounts } from '../../support/mounts.ts';

async function spoken(box: Box): Promise<{ id: string; path: string }> {
  const { thread } = await box.call('thread/start');
  box.model.script(stream(says('hello', 'msg-1')));
  await box.completed(thread.id, 'hi');
  return thread;
}

test('what stands in the way of an archive is named', async () => {
  await using box = await Box.open();
  const { id } = await spoken(box);
  const inTheWay = join(box.home, 'archived_sessions');
  writeFileSync(inTheWay, '');
  assert.deepEqual(await box.error('thread/archive', { threadId: id }), {
    code: -32603,
    message: `failed to archive thread: cannot make the folder \`${inTheWay}\`: File exists (os error 17)`,
  });
});

test('what cannot be stored in a read-only home says why, and where', { skip: mountProblem() }, async () => {
  await using box = await Box.open({ inFront: ({ home }) => withMounts([{ from: home, to: home, isReadOnly: true }]) });
  const failures = [
    await box.error('thread/start', {}),
    await box.error('account/login/start', { type: 'apiKey', apiKey: 'sk-test' }),
    await box.error('skills/config/write', { path: '/some/SKILL.md', enabled: false }),
  ];
  for (const { message } of failures) {
    assert.match(message, /Read-only file system \(os error 30\)/);
    assert.ok(message.includes(box.home), message);
  }
});

test('a thread whose file is a link to another name is archived under its own', async () => {
  await using box = await Box.open();
  const { id, path } = await spoken(box);
  const odd = join(dirname(path), 'odd-name.jsonl');
  renameSync(path, odd);
  symlinkSync(odd, path);
  assert.equal((await box.call('thread/read', { threadId: id })).thread.id, id);
  await box.call('thread/archive', { threadId: id });
  assert.deepEqual(readdirSync(dirname(path)), []);
  const { data } = await box.call('thread/list', { archived: true });
  assert.deepEqual(
    data.map((thread: { id: string }) => thread.id),
    [id],
  );
  assert.equal((await box.call('thread/unarchive', { threadId: id })).thread.id, id);
});
