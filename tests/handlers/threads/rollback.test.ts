import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { encode } from '../../../src/rollout/format.ts';
import { said, userEvent } from '../../rollout/fixtures.ts';
import { Box, textOf } from '../../support/box.ts';
import { completed, created, message, says, streams } from '../../support/model-events.ts';
import { gate, hang, stream } from '../../support/model-server.ts';

const answer = (n: number) => stream(says(`answer ${n}`, `msg-${n}`, { input: 5, output: 5 }));

/** A thread with turns `question 1` to `question n`. */
async function withTurns(box: Box, count: number): Promise<{ threadId: string; path: string }> {
  const { thread } = await box.call('thread/start', {});
  for (let n = 1; n <= count; n += 1) {
    box.model.script(answer(n));
    await box.completed(thread.id, `question ${n}`);
  }
  return { threadId: thread.id, path: thread.path };
}

const questionsIn = (turns: readonly { items: { type: string; content: { text: string }[] }[] }[]): unknown[] =>
  turns.map(({ items }) => items[0]?.content[0]?.text);

const asked = (input: readonly object[]): string[] =>
  input.map(textOf).filter((text) => text.startsWith('question ') || text.startsWith('answer '));

const isSetUp = (item: object): boolean => /^<(permissions|environment_context)|^# AGENTS/.test(textOf(item));

test('thread/rollback tells other programs how many messages went: they count those, and a turn may hold several or none', async () => {
  await using box = await Box.open();
  const { threadId, path } = await withTurns(box, 1);
  const held = gate();
  box.model.script(stream(created(), message('msg-s1', 'one'), held.wait, completed()), answer(3));
  const turn = await box.turn(threadId, 'question 2');
  await held.reached;
  await box.call('turn/start', { threadId, input: [{ type: 'text', text: 'question 3' }] });
  held.open();
  await turn.ended();
  const markers = (): unknown[] =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).payload)
      .filter(({ type }) => type === 'thread_rolled_back');
  const { thread } = await box.call('thread/rollback', { threadId, numTurns: 1 });
  assert.deepEqual(questionsIn(thread.turns), ['question 1']);
  assert.deepEqual(markers(), [{ type: 'thread_rolled_back', num_turns: 2, shardex_num_turns: 1 }]);

  box.model.script(stream(says('summary', 'msg-c')));
  await box.call('thread/compact/start', { threadId });
  const { params } = await box.client.waitFor(({ method }) => method === 'thread/compacted', 'the compaction');
  await box.client.waitFor(
    (said) => said.method === 'turn/completed' && said.params.turn.id === params.turnId,
    'the end of the compaction',
  );
  await box.call('thread/rollback', { threadId, numTurns: 1 });
  assert.deepEqual(markers().at(-1), { type: 'thread_rolled_back', num_turns: 0, shardex_num_turns: 1 });
  assert.deepEqual(questionsIn(await box.turnsOf(threadId)), ['question 1']);
  await box.start();
  const resumed = await box.call('thread/resume', { threadId });
  assert.deepEqual(questionsIn(resumed.thread.turns), ['question 1']);
  box.model.script(answer(4));
  await box.completed(threadId, 'question 4');
  const sent = asked((await box.model.to().at(-1))?.body.input ?? []);
  assert.deepEqual(sent, ['question 1', 'question 4']);
});

test('thread/rollback drops the last turns: from the answer, the file, the next request and a later resume', async () => {
  await using box = await Box.open();
  const { threadId, path } = await withTurns(box, 3);
  const kept = (await box.turnsOf(threadId)).slice(0, 1);
  const before = box.client.messages.length;
  const { thread } = await box.call('thread/rollback', { threadId, numTurns: 2 });
  assert.deepEqual([thread.turns, thread.preview], [kept, 'question 1']);
  const told = box.client.messages.slice(before).map(({ method, result }) => method ?? Object.keys(result ?? {})[0]);
  assert.deepEqual(told, [
    'codex/event/token_count',
    'thread/tokenUsage/updated',
    'account/rateLimits/updated',
    'codex/event/thread_rolled_back',
    'thread',
  ]);
  const usage = box.client.ofMethod('thread/tokenUsage/updated').at(-1)?.params.tokenUsage;
  assert.equal(usage.total.totalTokens, 30);
  assert.ok(usage.last.totalTokens > 0 && usage.last.inputTokens === 0);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.deepEqual(JSON.parse(lines.at(-1) ?? '').payload, { type: 'thread_rolled_back', num_turns: 2 });
  box.model.script(answer(4), answer(5));
  await box.completed(threadId, 'question 4');
  assert.deepEqual(asked(await box.sent(4)), ['question 1', 'answer 1', 'question 4']);

  await box.start();
  const resumed = await box.call('thread/resume', { threadId });
  assert.deepEqual(questionsIn(resumed.thread.turns), ['question 1', 'question 4']);
  await box.completed(threadId, 'question 5');
  assert.deepEqual(asked(await box.sent(5)), ['question 1', 'answer 1', 'question 4', 'answer 4', 'question 5']);
});

const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);

test('thread/rollback tells the size of what is left: the model’s instructions and each item, by four bytes a token', async () => {
  await using box = await Box.open();
  const estimate = async (threadId: string, instructions: string): Promise<void> => {
    await box.call('thread/rollback', { threadId, numTurns: 1 });
    const { last } = box.client.ofMethod('thread/tokenUsage/updated').at(-1)?.params.tokenUsage ?? {};
    box.model.script(answer(9));
    await box.completed(threadId, 'question 9');
    const left = (box.model.to().at(-1)?.body.input ?? []).slice(0, -1);
    const items = left.filter((item, at) => !isSetUp(item) || at < left.findIndex((each) => !isSetUp(each)));
    const sum = items.reduce((total, item) => total + tokensOf(JSON.stringify(item)), 0);
    assert.equal(last.totalTokens, tokensOf(instructions) + sum);
  };
  const { threadId } = await withTurns(box, 2);
  const { instructions } = await box.model.waitForRequest(1).then(({ body }) => body);
  await estimate(threadId, instructions);
  // Instructions that a request gave are counted while that request's settings last, and the model's own after a reload.
  const own = 'ü'.repeat(999);
  const { thread } = await box.call('thread/start', { baseInstructions: own });
  for (const n of [1, 2, 3]) {
    box.model.script(answer(n));
    await box.completed(thread.id, `question ${n}`);
  }
  await estimate(thread.id, own);
  await box.start();
  await box.call('thread/resume', { threadId: thread.id });
  await estimate(thread.id, instructions);
  assert.equal(box.model.to().at(-1)?.body.instructions, own);
});

test('thread/rollback of more turns than there are clears all, and the preview stays', async () => {
  await using box = await Box.open();
  const { threadId } = await withTurns(box, 2);
  const { thread } = await box.call('thread/rollback', { threadId: threadId.toUpperCase(), numTurns: 4_294_967_295 });
  assert.deepEqual([thread.turns, thread.preview], [[], 'question 1']);
  box.model.script(answer(3));
  await box.completed(threadId, 'question 3');
  assert.deepEqual(asked(await box.sent(3)), ['question 3']);
  assert.deepEqual(questionsIn(await box.turnsOf(threadId)), ['question 3']);
});

test('thread/rollback counts a steered turn once', async () => {
  await using box = await Box.open();
  const { threadId } = await withTurns(box, 1);
  const held = gate();
  box.model.script(stream(held.wait, says('half', 'msg-8')), answer(2));
  const turn = await box.turn(threadId, 'question 2');
  await held.reached;
  await box.call('turn/steer', { threadId, input: [{ type: 'text', text: 'question 3' }], expectedTurnId: turn.id });
  held.open();
  await turn.ended();
  const { thread } = await box.call('thread/rollback', { threadId, numTurns: 1 });
  assert.deepEqual(questionsIn(thread.turns), ['question 1']);
  box.model.script(answer(4));
  await box.completed(threadId, 'question 4');
  assert.deepEqual(asked(await box.sent(4)), ['question 1', 'answer 1', 'question 4']);
});

test('thread/rollback during a turn is refused, by an event too, and the turn goes on', async () => {
  await using box = await Box.open();
  const { threadId } = await withTurns(box, 1);
  const held = gate();
  box.model.script(stream(held.wait, says('answer 2', 'msg-2')));
  const turn = await box.turn(threadId, 'question 2');
  await held.reached;
  assert.deepEqual(await box.error('thread/rollback', { threadId, numTurns: 1 }), {
    code: -32600,
    message: 'Cannot rollback while a turn is in progress.',
  });
  const [event] = box.client.ofMethod('codex/event/error');
  assert.equal(event?.params.msg.codex_error_info, 'thread_rollback_failed');
  assert.deepEqual(box.client.ofMethod('error'), []);
  held.open();
  assert.equal((await turn.ended()).status, 'completed');
  assert.equal((await box.turnsOf(threadId)).length, 2);
});

test('thread/rollback behind an interrupt waits for the end of the turn', async () => {
  await using box = await Box.open();
  const { threadId } = await withTurns(box, 1);
  box.model.script(hang(streams(['so far']).slice(0, 3)));
  const turn = await box.turn(threadId, 'question 2');
  await turn.wait('item/agentMessage/delta');
  box.client.start('turn/interrupt', { threadId, turnId: turn.id });
  const { thread } = await box.call('thread/rollback', { threadId, numTurns: 1 });
  assert.equal((await turn.ended()).status, 'interrupted');
  assert.deepEqual(questionsIn(thread.turns), ['question 1']);
});

test('thread/rollback: every refusal has its code and text', async () => {
  await using box = await Box.open();
  const unknown = '01900000-0000-7000-8000-000000000000';
  const refusal = async (threadId: string, numTurns: number) =>
    (await box.error('thread/rollback', { threadId, numTurns })).message;
  assert.equal(await refusal('zz', 0), 'numTurns must be >= 1');
  assert.match(await refusal('zz', 1), /^invalid thread id: /);
  assert.equal(await refusal(unknown, 1), `thread not found: ${unknown}`);
  const { thread } = await box.call('thread/start', { ephemeral: true });
  box.model.script(answer(1), answer(2));
  await box.completed(thread.id, 'question 1');
  assert.deepEqual(await box.error('thread/rollback', { threadId: thread.id, numTurns: 1 }), {
    code: -32600,
    message: 'thread has no persisted rollout',
  });
  // What is refused has not happened.
  await box.completed(thread.id, 'question 2');
  assert.deepEqual(asked(await box.sent(2)), ['question 1', 'answer 1', 'question 2']);
});

test('thread/rollback of a thread whose file is gone changes nothing', async () => {
  await using box = await Box.open();
  const { threadId, path } = await withTurns(box, 2);
  rmSync(path);
  assert.deepEqual(await box.error('thread/rollback', { threadId, numTurns: 1 }), {
    code: -32603,
    message: `failed to start rollback: cannot open \`${path}\`: No such file or directory (os error 2)`,
  });
  box.model.script(answer(3));
  await box.completed(threadId, 'question 3');
  assert.deepEqual(asked(await box.sent(3)), ['question 1', 'answer 1', 'question 2', 'answer 2', 'question 3']);
});

test('thread/rollback of a thread that is far longer than its shard’s memory', async () => {
  await using box = await Box.open({ env: { NODE_OPTIONS: '--max-old-space-size=60' } });
  const { threadId, path } = await withTurns(box, 1);
  await box.client[Symbol.asyncDispose]();
  const output = { type: 'function_call_output' as const, call_id: 'call', output: 'x'.repeat(1000) };
  const outputs = encode({ type: 'response_item', payload: output }, 0).repeat(1000);
  const compacted = encode({ type: 'compacted', payload: { message: '', replacement_history: [] } }, 0);
  for (let n = 2; n <= 90; n += 1) {
    const question = [said('user', `question ${n}`), userEvent(`question ${n}`)].map((entry) => encode(entry, 0));
    appendFileSync(path, [...question, outputs, compacted].join(''));
  }
  await box.start();
  await box.call('thread/resume', { threadId });
  const { thread } = await box.call('thread/rollback', { threadId, numTurns: 2 });
  assert.equal(questionsIn(thread.turns).at(-1), 'question 88');
  assert.equal(thread.turns.length, 88);
});
