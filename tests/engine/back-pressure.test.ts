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
  const [itemCount, perItem] = [4, 5_000];
  const paused = gate();
  const pieces = Array.from({ length: itemCount * perItem }, (_, n) => `${n} ${'x'.repeat(600)}\n`);
  const event = (piece: string): string =>
    `data: ${JSON.stringify({ ...textDelta(piece), obfuscation: 'y'.repeat(1_900) })}\n\n`;
  const items = Array.from({ length: itemCount }, (_, n) => [
    itemAdded(messageItem(`msg-${n}`, null)),
    ...(n === 0 ? [paused.wait] : []),
    Buffer.from(
      pieces
        .slice(n * perItem, (n + 1) * perItem)
        .map(event)
        .join(''),
    ),
    message(`msg-${n}`, 'whole'),
  ]);
  box.model.script(stream(created(), ...items.flat(), completed()));
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
  assert.equal((await turn.ended()).status, 'completed');
  const deltas = turn.all('item/agentMessage/delta').map(({ delta }) => delta);
  assert.equal(deltas.length, pieces.length);
  assert.deepEqual(deltas, pieces);
  assert.ok(grownMb < 150, `grew by ${grownMb} MB`);
  assert.equal(taken, false);
});

/** Nothing happens while a client does not read, so there is nothing to wait for but time. */
const waitMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
