/**
 * Hundreds of turns over many threads with interrupts at random moments: every turn ends once, every item is closed,
 * and memory does not grow with the number of turns.
 *
 *   SEED=1 SOAK_TURNS=2000 npm run soak
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Box, type TurnWatch } from '../support/box.ts';
import {
  calls,
  completed,
  created,
  itemAdded,
  type ModelEvent,
  messageItem,
  shell,
  textDelta,
} from '../support/model-events.ts';
import { hang, type Reply, status, stream } from '../support/model-server.ts';
import { Random, seedOf } from '../support/random.ts';

const TURNS = Number(process.env.SOAK_TURNS ?? 200);
const THREADS = 20;
/** Turns that run at the same time. */
const ABREAST = 5;
/** What the process may gain after its warm-up, in bytes; histories and compiled code are in it. */
const GROWTH_LIMIT_BYTES = 96 * 1024 * 1024;
const PAGE_BYTES = 4096;

const residentBytes = (pid: number | undefined): number =>
  Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;

/** A reply of a random kind; calls are answered by another one. */
function replyOf(random: Random, nextId: () => string): Reply {
  const id = nextId();
  const words = Array.from({ length: 1 + random.below(30) }, (_, at) => textDelta(`word ${at} `));
  const whole: ModelEvent = { type: 'response.output_item.done', item: messageItem(id, 'all the words') };
  const begun = [created(), itemAdded(messageItem(id, null)), ...words];
  switch (random.below(8)) {
    case 0:
      return hang(begun); // until it is interrupted
    case 1:
      return stream(calls(shell(`call-${id}`, ['bash', '-c', `seq 1 ${random.below(3000)}`])));
    case 2:
      return stream(calls(shell(`call-${id}`, ['sleep', '0.2'])));
    case 3:
      return status(500, { error: { message: 'scripted' } });
    case 4:
      return stream(begun); // cut off
    default:
      return stream([...begun, whole, completed(id, { input: 10, output: 5 })]);
  }
}

async function oneTurn(box: Box, threadId: string, random: Random): Promise<string> {
  const turn: TurnWatch = await box.turn(threadId, `say something ${random.below(1000)}`);
  const ended = turn.ended(30_000);
  if (random.below(3) === 0) {
    await turn.wait('item/started');
    await turn.interrupt();
  }
  // Streams that hang are interrupted by whoever waits too long.
  const timer = setTimeout(() => void turn.interrupt(), 400);
  const { status: how } = await ended;
  clearTimeout(timer);
  return how;
}

test(`${TURNS} turns over ${THREADS} threads end once each, and memory stays flat`, async (context) => {
  const random = new Random(seedOf(context));
  await using box = await Box.open({ capabilities: { optOutNotificationMethods: ['codex/event/*'] } });
  let replies = 0;
  box.model.route('POST', '/v1/responses', () => {
    // What was asked is not looked at here.
    box.model.received.length = 0;
    replies += 1;
    return replyOf(random, () => `m${replies}`);
  });
  const threads: string[] = [];
  for (let at = 0; at < THREADS; at += 1) threads.push(await box.thread());
  const { pid } = box.client.server.child;
  const counts: Record<string, number> = {};
  const samples: number[] = [];
  for (let done = 0; done < TURNS; done += ABREAST) {
    const first = random.below(THREADS);
    const turns = Array.from({ length: ABREAST }, (_, at) =>
      oneTurn(box, threads[(first + at) % THREADS] ?? '', random),
    );
    for (const how of await Promise.all(turns)) counts[how] = (counts[how] ?? 0) + 1;
    box.client.messages.length = 0;
    box.client.lines.length = 0;
    samples.push(residentBytes(pid));
  }
  const warm = samples[Math.floor(samples.length / 4)] ?? 0;
  const last = Math.min(...samples.slice(-3));
  const mb = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;
  process.stderr.write(
    `turns: ${JSON.stringify(counts)}, resident ${mb(warm)} after a quarter, ${mb(last)} at the end\n`,
  );
  assert.equal(
    Object.values(counts).reduce((sum, count) => sum + count, 0),
    TURNS,
  );
  assert.ok(last - warm < GROWTH_LIMIT_BYTES, `grew from ${mb(warm)} to ${mb(last)}`);
  const alive = await box.call('thread/loaded/list', {});
  assert.equal(alive.data.length, THREADS);
});
