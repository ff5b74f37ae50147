import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { completed, created, itemAdded, message, messageItem, textDelta } from '../support/model-events.ts';
import { gate, stream } from '../support/model-server.ts';

const memoryMb = (pid: number): number => {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
};

test('a client that stops reading stops the stream: memory stays bounded, and then all of it arrives in order', async () => {
  await using box = await Box.open({ capabilities: { optOutNotificationMethods: ['codex/event/*'] } });
  const count = 20_000;
  const paused = gate();
  const pieces = Array.from({ length: count }, (_, n) => `${n} ${'x'.repeat(2_500)}\n`);
  box.model.script(
    stream(
      created(),
      itemAdded(messageItem('msg-1', null)),
      paused.wait,
      Buffer.from(pieces.map((piece) => `data: ${JSON.stringify(textDelta(piece))}\n\n`).join('')),
      message('msg-1', 'whole'),
      completed(),
    ),
  );
  const threadId = await box.thread();
  const pid = box.client.server.child.pid ?? 0;
  const beforeMb = memoryMb(pid);
  const turn = await box.turn(threadId, 'go');
  await paused.reached;
  box.client.pauseReading();
  paused.open();
  const request = await box.model.waitForRequest();
  // The stream is 50 MB: more than all pipes and windows on its way can grow to (36 MB on Linux), so it cannot have been taken whole.
  const taken = await Promise.race([request.closed.then(() => true), waitMs(1500).then(() => false)]);
  const grownMb = memoryMb(pid) - beforeMb;
  box.client.resumeReading();
  assert.equal((await turn.ended(20_000)).status, 'completed');
  const deltas = turn.all('item/agentMessage/delta').map(({ delta }) => delta);
  assert.equal(deltas.length, count);
  assert.deepEqual(deltas, pieces);
  assert.ok(grownMb < 150, `grew by ${grownMb} MB`);
  assert.equal(taken, false);
});

/** Nothing happens while a client does not read, so there is nothing to wait for but time. */
const waitMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
