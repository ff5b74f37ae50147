import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, inputOf } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { heldTurn } from './held-turn.ts';

test('a turn that was refused has changed no settings: the next turn runs under those of before', {
  timeout: 60_000,
}, async () => {
  await using box = await Box.open({ start: false });
  const { threadId, turn } = await heldTurn(box);

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
