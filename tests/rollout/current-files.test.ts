/** Files written by codex app-server 0.171.0, shortened, and what that server answers about them. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ThreadItem } from '../../src/protocol/items.ts';
import type { Turn } from '../../src/protocol/turns.ts';
import { RolloutWriter } from '../../src/rollout/append.ts';
import type { RolloutEntry } from '../../src/rollout/entries.ts';
import { findRollout } from '../../src/rollout/find.ts';
import { decodeEntry } from '../../src/rollout/format.ts';
import { readSummary } from '../../src/rollout/head.ts';
import { kindOf } from '../../src/rollout/kind.ts';
import { scanLines } from '../../src/rollout/line-scan.ts';
import { OrdinalScan } from '../../src/rollout/ordinals.ts';
import { PlainCopy } from '../../src/rollout/plain-copy.ts';
import { ContextReader } from '../../src/rollout/stored-context.ts';
import { markTurns, withTurns } from '../../src/rollout/stored-turns.ts';
import { ownOffset, threadText } from '../../src/rollout/thread-text.ts';
import { drawTurn } from '../../src/rollout/turn-marks.ts';
import { agentEvent, temporaryFolder } from './fixtures.ts';

const CURRENT = join(process.cwd(), 'tests/rollout/current-fixtures');
const PAGINATED = '01a22fa3-e971-7b20-8f3e-0c0689666f2b';
const PAGINATED_FORK = '01a22fa3-f039-73d3-a003-7d98f44451d4';
const LEGACY = '01a22fa4-08f2-79f2-bc26-1e5207c7865d';
const REVERTED = '01a22fa9-a17e-7293-8567-f42bc3127866';
const FORK_OF_REVERTED = '01a22fa9-a551-7202-853a-037f6c13fab1';

async function fileOf(id: string, folder = CURRENT): Promise<string> {
  const path = await findRollout(folder, id);
  assert.ok(path !== null, id);
  return path;
}

async function turnsIn(path: string, distrust = false): Promise<Turn[]> {
  const text = threadText(path);
  return withTurns(text, await markTurns(text, undefined, { distrust }), async (turns, lineOf) =>
    turns.map((turn) => drawTurn(turn, { runningTurnId: null, view: 'full', lineOf })),
  );
}

const shownText = (item: ThreadItem): string => {
  if (item.type === 'userMessage')
    return JSON.stringify(item.content.map((part) => ('text' in part ? part.text : part.type)));
  if (item.type === 'commandExecution') return item.command;
  return 'text' in item ? item.text : '';
};

const dialogue = (turns: readonly Turn[]): string[][] => turns.map(({ items }) => items.map(shownText));

async function contextOf(path: string): Promise<ContextReader> {
  const text = threadText(path);
  const reader = new ContextReader({ compacted: () => [] }, ownOffset(text));
  await scanLines(text, (line) => reader.take(line));
  return reader;
}

for (const [name, id] of Object.entries({ paginated: PAGINATED, legacy: LEGACY })) {
  test(`current-files: the turns of a ${name} file are those that its writer shows`, async () => {
    const path = await fileOf(id);
    const shown: Turn[] = JSON.parse(readFileSync(join(CURRENT, `${name}.turns.json`), 'utf8'));
    for (const distrust of [false, true]) {
      const turns = (await turnsIn(path, distrust)).slice(0, shown.length);
      for (const [at, turn] of turns.entries()) {
        const theirs = shown[at];
        // Their answer was given before the command's end was stored.
        const items = turn.items.filter((item) => item.id !== 'call-5');
        assert.deepEqual(
          [turn.id, turn.status, turn.error?.message ?? null],
          [theirs?.id, theirs?.status, theirs?.error],
        );
        assert.deepEqual(
          items.map((item) => [item.type, item.id, shownText(item)]),
          theirs?.items.map((item) => [item.type, item.id, shownText(item)]),
        );
      }
      assert.equal(turns.length, shown.length);
    }
  });
}

test('current-files: every item of a paginated file is there, with its ends', async () => {
  const items = (await turnsIn(await fileOf(PAGINATED))).flatMap((turn) => turn.items);
  const commands = items.flatMap((item) => (item.type === 'commandExecution' ? [item] : []));
  assert.deepEqual(
    commands.map(({ id, cwd, status, exitCode, aggregatedOutput }) => [id, cwd, status, exitCode, aggregatedOutput]),
    [
      ['call-1', '/work', 'completed', 0, 'out\nerr\n'],
      ['call-2', '/work', 'failed', 3, null],
      ['call-5', '/work', 'failed', -1, null],
    ],
  );
  const [patch] = items.flatMap((item) => (item.type === 'fileChange' ? [item] : []));
  assert.deepEqual(patch?.changes, [{ path: '/work/new.txt', kind: { type: 'add' }, diff: 'line one\n' }]);
  for (const type of ['reasoning', 'webSearch', 'imageView', 'contextCompaction']) {
    assert.ok(
      items.some((item) => item.type === type),
      type,
    );
  }
});

test('current-files: a fork begins with the lines of what it was forked from, up to where that was', async () => {
  const path = await fileOf(PAGINATED_FORK);
  const whole = await turnsIn(await fileOf(PAGINATED));
  const fork = await turnsIn(path);
  assert.deepEqual(fork.at(-1)?.items.map(shownText), ['["fork turn"]', 'fresh']);
  assert.deepEqual(
    fork.slice(0, -1).map(({ id }) => id),
    whole.slice(0, -1).map(({ id }) => id),
  );
  assert.equal((await readSummary(path)).preview, 'first question');
  const context = (await contextOf(path)).finish(threadText(path));
  assert.equal(context.meta?.id, PAGINATED_FORK);
  const texts = JSON.stringify(context.items);
  assert.ok(texts.includes('after compaction') && texts.includes('fork turn') && !texts.includes('after restart'));
});

test('current-files: a thread that was taken back goes on in its newest file, and so does its fork', async () => {
  assert.deepEqual(dialogue(await turnsIn(await fileOf(REVERTED))), [
    ['["one"]', 're one'],
    ['["seven"]', 're seven'],
  ]);
  assert.deepEqual(dialogue(await turnsIn(await fileOf(FORK_OF_REVERTED))).at(-1), ['["forked"]', 're forked']);
});

test('current-files: a file whose beginning is gone or cut short says so', async () => {
  using folder = temporaryFolder();
  const fork = join(folder.path, `rollout-2026-12-01T03-26-42-${PAGINATED_FORK}.jsonl`);
  copyFileSync(await fileOf(PAGINATED_FORK), fork);
  assert.throws(() => threadText(fork), /in which this thread begins, cannot be found/);
  const base = join(folder.path, `rollout-2026-12-01T03-26-41-${PAGINATED}.jsonl`);
  writeFileSync(base, readFileSync(await fileOf(PAGINATED)).subarray(0, 5000));
  assert.throws(() => threadText(fork), /was cut short/);
  writeFileSync(base, readFileSync(fork, 'utf8').replaceAll(PAGINATED, PAGINATED_FORK));
  assert.throws(() => threadText(base), /in which this thread begins/);
});

test('current-files: the kind of a file is known, or it is not', async () => {
  const meta = (await readSummary(await fileOf(PAGINATED))).meta;
  assert.equal(kindOf(meta, true), 'paginated');
  assert.equal(kindOf((await readSummary(await fileOf(LEGACY))).meta, false), 'legacy');
  const line = readFileSync(await fileOf(PAGINATED), 'utf8').split('\n')[0] ?? '';
  for (const strange of [
    '"history_mode":"braided"',
    '"history_mode":7',
    '"history_base":{"file":"x"},"history_mode":"legacy"',
  ]) {
    const entry = decodeEntry(line.replace('"history_mode":"paginated"', strange));
    assert.ok(entry?.type === 'session_meta');
    assert.equal(kindOf(entry.payload, true), 'unknown', strange);
  }
});

async function nextOrdinal(path: string): Promise<number> {
  const scan = new OrdinalScan(0);
  await scanLines(path, (line) => scan.take(line));
  return scan.next;
}

test('current-files: numbers go on behind gaps, doubles, lines without one and torn lines', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  copyFileSync(await fileOf(PAGINATED), path);
  const plain = JSON.stringify({
    timestamp: '2026-12-01T00:00:00.000Z',
    type: 'event_msg',
    payload: { type: 'context_compacted' },
  });
  const turned =
    '{"payload":{"type":"context_compacted"},"ordinal":700,"type":"event_msg","timestamp":"2026-12-01T00:00:00.000Z"}';
  appendFileSync(path, `${turned}\n${plain}\n{"timestamp":"2026-12-01T00:00:00.000Z","ordinal":900,"type":"response_i`);
  using writer = await RolloutWriter.open(path, {}, { threadId: PAGINATED, next: await nextOrdinal(path) });
  writer.write([agentEvent('x')]);
  // Somebody who knows nothing of locks.
  appendFileSync(path, `{"timestamp":"2026-12-01T00:00:00.000Z","ordinal":1000,"type":"mystery","payload":{}}\n`);
  writer.write([{ type: 'shardex', payload: { type: 'turn_started', turn_id: 't1' } }]);
  const tail = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-5);
  const numbers = tail.map((line) => /"ordinal":(\d+)/.exec(line)?.[1]);
  assert.deepEqual(numbers, ['900', '901', '1000', '1001', '1002']);
  assert.match(tail.at(-1) ?? '', /"task_started","turn_id":"t1"/);
});

test('current-files: a copy without numbers shows the same turns, and the first message near its top', async () => {
  using folder = temporaryFolder();
  for (const id of [PAGINATED, PAGINATED_FORK, LEGACY, REVERTED]) {
    const text = threadText(await fileOf(id));
    const path = join(folder.path, `rollout-2026-12-01T03-26-42-${id}.jsonl`);
    const copy = new PlainCopy();
    const entries: RolloutEntry[] = [];
    await scanLines(text, (line) => {
      const entry = line.entry();
      if (entry !== null) entries.push(...copy.take(entry));
    });
    using writer = await RolloutWriter.create(path);
    writer.write([...entries, ...copy.end()]);
    assert.ok(!readFileSync(path, 'utf8').includes('"ordinal":'));
    assert.deepEqual(await turnsIn(path), await turnsIn(await fileOf(id)), id);
    assert.equal((await readSummary(path)).isListable, true);
  }
});

test('every line of the stored samples is one, and none is ours', () => {
  for (const name of readdirSync(CURRENT).filter((each) => each.endsWith('.jsonl'))) {
    for (const line of readFileSync(join(CURRENT, name), 'utf8').trimEnd().split('\n')) {
      assert.notEqual(JSON.parse(line).type, 'shardex');
    }
  }
});
