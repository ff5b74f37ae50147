import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, inputOf } from '../support/box.ts';
import { created, itemAdded, messageItem, says, textDelta } from '../support/model-events.ts';
import { hang, stream } from '../support/model-server.ts';

const HOOK = new URL('../cli/support/stuck.main.js', import.meta.url).href;

test('a turn that was refused has changed no settings: the next turn runs under those of before', {
  timeout: 60_000,
}, async () => {
  await using box = await Box.open({ start: false });
  const folder = join(box.folder, 'stuck');
  mkdirSync(folder);
  await box.start({ NODE_OPTIONS: `--import=${HOOK}`, STUCK: folder });
  const threadId = await box.thread();
  box.model.script(hang(created(), itemAdded(messageItem('msg-1', null)), textDelta('half')));
  const turn = await box.turn(threadId, 'go');
  await turn.wait('item/agentMessage/delta');
  const watcher = watch(folder);
  writeFileSync(join(folder, 'shard-loop'), '');
  while (!existsSync(join(folder, 'shard-loop.held'))) await once(watcher, 'change');
  watcher.close();
  rmSync(join(folder, 'shard-loop')); // or the next worker would be held up too

  // The worker is ended because it does not see the interrupt, and never sees the turn behind it.
  const interrupt = box.client.start('turn/interrupt', { threadId, turnId: turn.id });
  const refused = await box.error('turn/start', { threadId, input: inputOf('refused'), model: 'another-model' });
  assert.match(refused.message, /stopped unexpectedly/);
  assert.deepEqual((await box.client.reply(interrupt, 'turn/interrupt')).result, {});
  assert.equal((await turn.ended()).status, 'interrupted');

  const { model } = await box.call('thread/resume', { threadId });
  assert.notEqual(model, 'another-model');
  box.model.script(stream(says('back', 'msg-2')));
  await box.completed(threadId, 'next');
  assert.equal(box.model.to().at(-1)?.body.model, model);
});
