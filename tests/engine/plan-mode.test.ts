import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, outputOf, textOf } from '../support/box.ts';
import { calls, functionCall, says, streams, updatePlan } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const PLAN = { collaborationMode: { mode: 'plan', settings: { model: 'some-model' } } };

test('plan mode: a proposed plan becomes an item of its own, cut out of the message', async () => {
  await using box = await Box.open();
  const pieces = ['Intro line\n', '<propo', 'sed_plan>\n', '# Plan\n- one\n- tw', 'o\n</proposed', '_plan>\nOut', 'ro'];
  box.model.script(stream(streams(pieces)), stream(says('later', 'msg-2')));
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'plan it', PLAN);
  const text = '# Plan\n- one\n- two\n';
  assert.deepEqual(turn.items().slice(1), [
    { type: 'plan', id: `${turn.id}-plan`, text },
    { type: 'agentMessage', id: 'msg-1', text: 'Intro line\nOutro' },
  ]);
  const joined = (method: string): string =>
    turn
      .all(method)
      .map(({ delta }) => delta)
      .join('');
  assert.equal(joined('item/plan/delta'), text);
  assert.equal(joined('item/agentMessage/delta'), 'Intro line\nOutro');
  // The model sees what it said.
  await box.completed(threadId, 'go on');
  assert.equal(textOf((await box.sent(2)).at(-2)), pieces.join(''));
  assert.deepEqual((await box.turnsOf(threadId))[0].items, turn.items());
});

test('plan mode: a message that is only a plan makes no message item', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('<proposed_plan>\nonly\n</proposed_plan>')));
  const turn = await box.completed(await box.thread(), 'plan it', PLAN);
  assert.deepEqual(turn.items('agentMessage'), []);
  assert.equal(turn.items('plan')[0].text, 'only\n');
  assert.equal(turn.all('codex/event/task_complete')[0].msg.last_agent_message, null);
});

test('item-lifecycle: two plans in one turn are two items', async () => {
  await using box = await Box.open();
  const plan = (text: string): string => `<proposed_plan>\n${text}\n</proposed_plan>\nand on`;
  box.model.script(
    stream(streams([plan('a')]).slice(0, -1), functionCall('c1', 'nothing', {}), streams(['x'], 'm').slice(-1)),
    stream(says(plan('b'), 'msg-2')),
  );
  const turn = await box.completed(await box.thread(), 'plan it', PLAN);
  assert.deepEqual(
    turn.items('plan').map(({ text }) => text),
    ['a\n', 'b\n'],
  );
});

test('update_plan shows the plan, and is refused in plan mode', async () => {
  await using box = await Box.open();
  const steps = [
    { step: 'one', status: 'completed' },
    { step: 'two', status: 'in_progress' },
    { step: 'three', status: 'pending' },
  ];
  const bad = functionCall('c2', 'update_plan', { plan: [], surprise: 1 });
  box.model.script(
    stream(calls(updatePlan('c1', steps), bad)),
    stream(says('ok')),
    stream(calls(updatePlan('c3', steps))),
    stream(says('ok', 'msg-2')),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'a');
  assert.deepEqual(turn.all('turn/plan/updated'), [
    {
      threadId,
      turnId: turn.id,
      explanation: null,
      plan: [
        { step: 'one', status: 'completed' },
        { step: 'two', status: 'inProgress' },
        { step: 'three', status: 'pending' },
      ],
    },
  ]);
  const input = await box.sent(2);
  assert.equal(outputOf(input, 'c1'), 'Plan updated');
  assert.match(outputOf(input, 'c2'), /^failed to parse function arguments: /);
  const planned = await box.completed(threadId, 'b', PLAN);
  assert.deepEqual(planned.all('turn/plan/updated'), []);
  assert.match(outputOf(await box.sent(4), 'c3'), /^update_plan is a TODO\/checklist tool/);
});
