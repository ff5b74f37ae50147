import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { created, itemAdded, messageItem, says, textDelta } from '../support/model-events.ts';
import { hang, stream } from '../support/model-server.ts';

const HOOK = new URL('../cli/support/stuck.main.js', import.meta.url).href;

test('busy-shard: an interrupt reaches a turn whose worker computes without end, and the thread goes on', async () => {
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

  const id = box.client.start('turn/interrupt', { threadId, turnId: turn.id });
  const reply = await box.client.reply(id, 'turn/interrupt');
  assert.deepEqual(reply.result, {});
  const ended = await turn.ended();
  assert.deepEqual([ended.status, ended.error], ['interrupted', null]);
  const completed = await turn.wait('turn/completed');
  assert.ok(box.client.messages.indexOf(reply) < box.client.messages.indexOf(completed));
  assert.equal(turn.all('codex/event/turn_aborted')[0].msg.reason, 'interrupted');
  const [stored] = await box.turnsOf(threadId);
  assert.deepEqual([stored.status, stored.items], ['interrupted', turn.items()]);

  box.model.script(stream(says('back', 'msg-2')));
  await box.completed(threadId, 'next');
});
