import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { heldTurn } from './held-turn.ts';

test('busy-shard: an interrupt reaches a turn whose worker computes without end, and the thread goes on', async () => {
  await using box = await Box.open({ start: false });
  const { threadId, turn } = await heldTurn(box);

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
