import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, type Item, inputOf, TurnWatch, textOf } from '../support/box.ts';
import { SMALL_HEAP, tooMuch } from '../support/exhausting.ts';
import { calls, created, says, shell, textDelta } from '../support/model-events.ts';
import { gate, hang, stream } from '../support/model-server.ts';
import { until } from '../support/patience.ts';
import { allGone, isAlive, pidIn } from '../support/processes.ts';

/** Threads share a shard when the ends of their ids are equal by its count, which is one to four. */
const tailOf = (threadId: string): number => Number.parseInt(threadId.slice(-8), 16);
const surelyTogether = (a: string, b: string): boolean => tailOf(a) % 12 === tailOf(b) % 12;
const surelyApart = (a: string, b: string): boolean =>
  [2, 3, 4].every((count) => tailOf(a) % count !== tailOf(b) % count);

async function threadsOnShards(box: Box): Promise<{ victim: string; killer: string; other: string }> {
  const ids: string[] = [];
  for (;;) {
    ids.push(await box.thread());
    for (const victim of ids) {
      const killer = ids.find((id) => id !== victim && surelyTogether(id, victim));
      const other = ids.find((id) => surelyApart(id, victim));
      if (killer !== undefined && other !== undefined) return { victim, killer, other };
    }
  }
}

test('a shard that runs out of memory fails its own turns in order, and nothing else', async () => {
  await using box = await Box.open({
    sandboxMode: 'danger-full-access',
    ...SMALL_HEAP,
  });
  const { victim, killer, other } = await threadsOnShards(box);

  box.model.script(stream(says('remembered', 'msg-1')));
  const before = await box.completed(victim, 'first');
  const held = gate();
  box.model.script(stream(held.wait, says('unharmed', 'msg-o')));
  const bystander = await box.turn(other, 'wait');
  await held.reached;
  const script = 'sleep 300 & echo $! > inner; echo $$ > outer; echo started; wait';
  box.model.script(stream(calls(shell('c1', ['bash', '-c', script], { timeout_ms: 120_000 }))));
  const hurt = await box.turn(victim, 'second');
  await hurt.wait('item/commandExecution/outputDelta');
  const pids = [pidIn(box.read('inner')), pidIn(box.read('outer'))];
  assert.ok(pids.every(isAlive));

  box.model.script(tooMuch());
  const fatal = await box.turn(killer, 'burst');
  for (const turn of [hurt, fatal]) {
    const ended = await turn.ended();
    assert.equal(ended.status, 'failed');
    assert.equal(ended.error.codexErrorInfo, 'other');
    assert.deepEqual(turn.all('error').at(-1).error, ended.error);
  }
  assert.equal(hurt.items('commandExecution')[0].status, 'failed');
  await allGone(pids);
  held.open();
  // With a single shard there is nobody else.
  const { status, error } = await bystander.ended();
  if (availableParallelism() > 1) assert.equal(status, 'completed', JSON.stringify(error));

  // The threads are usable again, and nothing of their past is gone.
  box.model.script(stream(says('back', 'msg-2')));
  const after = await box.completed(victim, 'third');
  const sent = (box.model.to().at(-1)?.body.input ?? []).map(textOf);
  for (const text of ['first', 'remembered', 'second', 'third']) assert.ok(sent.includes(text), text);
  const stored = await box.turnsOf(victim);
  const streamed = [before, hurt, after].map((turn) => [turn.id, turn.items()]);
  assert.deepEqual(
    stored.map(({ id, items }) => [id, items]),
    streamed,
  );
  assert.deepEqual(
    stored.map((turn) => turn.status),
    ['completed', 'failed', 'completed'],
  );
  assert.match(box.client.server.stderr, /a turn shard died/);
});

/** A turn of `victim` that waits for the model, with input that waits for the turn. */
async function withParkedInput(box: Box, victim: string): Promise<TurnWatch> {
  box.model.script(hang(created()));
  const turn = await box.turn(victim, 'opening');
  await turn.wait('item/completed');
  const joined = await box.call('turn/start', { threadId: victim, input: inputOf('parked') });
  assert.equal(joined.turn.id, turn.id);
  await box.call('turn/steer', { threadId: victim, expectedTurnId: turn.id, input: inputOf('steered') });
  return turn;
}

async function killShard(box: Box, killer: string): Promise<void> {
  box.model.script(tooMuch());
  await (await box.turn(killer, 'burst')).ended();
}

const typed = ({ content }: { content: readonly { text: string }[] }): string => content.map(({ text }) => text).join();

test('input that was accepted and not stored survives the death of its shard', async () => {
  await using box = await Box.open(SMALL_HEAP);
  const { victim, killer } = await threadsOnShards(box);
  const turn = await withParkedInput(box, victim);
  await killShard(box, killer);
  assert.equal((await turn.ended()).status, 'failed');
  assert.deepEqual(turn.items('userMessage').map(typed), ['opening', 'parked', 'steered']);

  // Stored, under the ids that were shown, once.
  const [stored] = await box.turnsOf(victim);
  assert.deepEqual([stored.id, stored.status, stored.items], [turn.id, 'failed', turn.items()]);
  box.model.script(stream(says('back', 'msg-2')));
  await box.completed(victim, 'next');
  const sent = (box.model.to().at(-1)?.body.input ?? []).filter(({ role }: Item) => role === 'user').map(textOf);
  assert.deepEqual(
    sent.filter((text: string) => /^(opening|parked|steered|next)$/.test(text)),
    ['opening', 'parked', 'steered', 'next'],
  );
  assert.deepEqual((await box.turnsOf(victim))[0], stored);
});

test('input that waits for a compaction survives the death of its shard, and the server after it', async () => {
  await using box = await Box.open(SMALL_HEAP);
  const { victim, killer } = await threadsOnShards(box);
  box.model.script(stream(says('remembered', 'msg-1')));
  await box.completed(victim, 'first');
  box.model.script(hang(created()));
  await box.call('thread/compact/start', { threadId: victim });
  await box.model.waitForRequest(2);
  const { turn } = await box.call('turn/start', { threadId: victim, input: inputOf('parked') });
  const { thread } = await box.call('thread/read', { threadId: victim });
  await killShard(box, killer);
  await new TurnWatch(box.client, victim, turn.id).ended();
  // Nobody uses the thread again before the server ends.
  const isEnd = (line: string): boolean => line.includes('"turn_completed"') && line.includes(turn.id);
  await until(() => readFileSync(thread.path, 'utf8').split('\n').some(isEnd), 'the end of the turn is stored');
  box.client.endInput();
  await box.client.server.exited;
  await box.start();
  const [, lost] = await box.turnsOf(victim);
  assert.deepEqual([lost.id, lost.status], [turn.id, 'failed']);
  assert.deepEqual(lost.items.filter(({ type }: Item) => type === 'userMessage').map(typed), ['parked']);
});

test('an idle thread whose shard died answers its next request', async () => {
  await using box = await Box.open(SMALL_HEAP);
  const { victim, killer } = await threadsOnShards(box);
  box.model.script(tooMuch());
  await (await box.turn(killer, 'burst')).ended();
  const lock = join(box.home, 'thread-writer-locks', `${victim}.lock`);
  await once(spawn('flock', [lock, 'true']), 'exit'); // waits for ever while somebody holds it
  assert.deepEqual(await box.call('turn/interrupt', { threadId: victim, turnId: 'x' }), {});
  box.model.script(stream(created(), textDelta('lost'), says('alive', 'msg-1')));
  await box.completed(victim, 'hello');
  assert.equal((await box.turnsOf(victim)).length, 1);
  // What a thread is told about its start is not told again.
  const told = box.client.messages.filter(({ method, params }) => {
    return method === 'codex/event/mcp_startup_complete' && params.conversationId === victim;
  });
  assert.equal(told.length, 1);
});
