import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Turn } from '../../src/protocol/turns.ts';
import { RolloutWriter } from '../../src/rollout/append.ts';
import { rebuildContext } from '../../src/rollout/context.ts';
import type { RolloutEntry } from '../../src/rollout/entries.ts';
import { encode } from '../../src/rollout/format.ts';
import { scanLines } from '../../src/rollout/line-scan.ts';
import { checkRollout } from '../../src/rollout/read.ts';
import { ContextReader } from '../../src/rollout/stored-context.ts';
import { markTurns, withTurns } from '../../src/rollout/stored-turns.ts';
import { drawTurn, type TurnView } from '../../src/rollout/turn-marks.ts';
import {
  agentEvent,
  event,
  FIXTURES,
  fixtureNames,
  loadRollout,
  meta,
  own,
  said,
  temporaryFolder,
  turnsOf,
  userEvent,
} from './fixtures.ts';

const rules = { compacted: (items: readonly unknown[]) => items.slice(-1) as never };

async function drawn(path: string, view: TurnView = 'full', marked = markTurns(path)): Promise<Turn[]> {
  return withTurns(path, await marked, async (turns, lineOf) =>
    turns.map((turn) => drawTurn(turn, { runningTurnId: null, view, lineOf })),
  );
}

async function contextOf(path: string, next?: RolloutEntry) {
  const reader = new ContextReader(rules);
  await checkRollout(path, (line) => reader.take(line));
  if (next !== undefined) reader.add(next);
  const { items, usage, lastModel, itemIds, hasUserMessage } = reader.finish(path);
  return { items, usage, lastModel, itemIds, hasUserMessage };
}

async function sameBothWays(path: string): Promise<void> {
  const entries = await loadRollout(path);
  assert.deepEqual(await drawn(path), turnsOf(entries));
  const { items, usage, lastModel, itemIds, hasUserMessage } = rebuildContext(entries, rules);
  assert.deepEqual(await contextOf(path), { items, usage, lastModel, itemIds, hasUserMessage });
}

/** A rollback that is still to be stored shows what it will show once it is. */
async function sameAhead(path: string, numTurns: number): Promise<void> {
  const next = event({ type: 'thread_rolled_back', num_turns: numTurns });
  const [turns, context] = [await markTurns(path, undefined, { next }), await contextOf(path, next)];
  using writer = await RolloutWriter.open(path);
  writer.write([next]);
  assert.deepEqual(await drawn(path, 'full', Promise.resolve(turns)), await drawn(path));
  assert.deepEqual(context, await contextOf(path));
}

test('a file that is scanned shows the turns and the context that its lines hold', async () => {
  for (const name of fixtureNames) await sameBothWays(join(FIXTURES, name));
});

const text = fc.constantFrom('', 'one', 'two', '}}', '{"timestamp":"', 'ä€😀');
const turnId = fc.constantFrom('a', 'b', 'c');
const item = fc.oneof(
  text.map((value) => ({ type: 'agentMessage' as const, id: `i-${value}`, text: value })),
  text.map((value) => ({ type: 'reasoning' as const, id: `r-${value}`, summary: [value], content: [] })),
  text.map((path) => ({ type: 'imageView' as const, id: `v-${path}`, path })),
);
const entry: fc.Arbitrary<RolloutEntry> = fc.oneof(
  text.map(userEvent),
  text.map(agentEvent),
  text.map((value) => event({ type: 'agent_reasoning', text: value })),
  text.map((value) => said('assistant', value)),
  fc.constant(event({ type: 'turn_aborted', reason: 'interrupted' })),
  fc.nat(3).map((count) => event({ type: 'thread_rolled_back', num_turns: count })),
  turnId.map((id) => own({ type: 'turn_started', turn_id: id })),
  fc.tuple(turnId, item).map(([id, each]) => own({ type: 'item_completed', turn_id: id, item: each })),
  turnId.map((id) => own({ type: 'turn_completed', turn_id: id, status: 'completed', error: null })),
);
/** A line as it is, torn so that the next one is glued to it, or with a member that spoils it. */
const damage = fc.constantFrom('none', 'none', 'none', 'none', 'torn', 'spoilt', 'invalid');

function damaged(line: string, how: string): Buffer {
  if (how === 'torn') return Buffer.from(line.slice(0, line.length / 2));
  if (how === 'spoilt') return Buffer.from(line.replace('"}}\n', '",}}\n'));
  return how === 'invalid' ? Buffer.concat([Buffer.from([0xff]), Buffer.from(line)]) : Buffer.from(line);
}

test('any lines in any order, whole and damaged, are read the same in one go and piece by piece', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'any.jsonl');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(entry, damage), { maxLength: 40 }), fc.nat(3), async (lines, numTurns) => {
      const bytes = lines.map(([each, how]) => damaged(encode(each, 0), how));
      writeFileSync(path, Buffer.concat([Buffer.from(encode(meta(), 0)), ...bytes]));
      await sameBothWays(path);
      await sameAhead(path, numTurns);
    }),
    { numRuns: 300 },
  );
});

test('a line that is none does not take the place of a turn that is rolled back', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'spoilt.jsonl');
  const lines: [RolloutEntry, string][] = [
    [own({ type: 'turn_completed', turn_id: 'a', status: 'completed', error: null }), 'none'],
    [event({ type: 'agent_reasoning', text: 'spoilt' }), 'spoilt'],
    [event({ type: 'thread_rolled_back', num_turns: 1 }), 'none'],
  ];
  const bytes = lines.map(([each, how]) => damaged(encode(each, 0), how));
  writeFileSync(path, Buffer.concat([Buffer.from(encode(meta(), 0)), ...bytes]));
  assert.deepEqual(await drawn(path), []);
  await sameBothWays(path);
});

test('a summary is drawn from the lines it needs', async () => {
  for (const name of fixtureNames) {
    const path = join(FIXTURES, name);
    const whole = await drawn(path);
    const expected = whole.map((turn) => {
      const last = turn.items.findLast(({ type }) => type === 'agentMessage');
      return { ...turn, items: turn.items.filter((each) => each.type === 'userMessage' || each === last) };
    });
    assert.deepEqual(await drawn(path, 'summary'), expected);
    assert.ok((await drawn(path, 'notLoaded')).every(({ items }) => items.length === 0));
  }
});

test('lines longer than a chunk, empty ones and a last one without an end are taken whole, each at its place', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lines.jsonl');
  const lines = ['a', '', 'b'.repeat(5000), 'c', 'ä'.repeat(100), 'd'.repeat(64)];
  writeFileSync(path, lines.join('\n'));
  const stored = readFileSync(path);
  for (const chunkBytes of [1, 2, 7, 64, 4096, 1 << 20]) {
    const taken: string[] = [];
    await scanLines(
      path,
      (line) => {
        taken.push(line.bytes.toString());
        const { offset, sizeBytes } = line;
        assert.deepEqual(stored.subarray(offset, offset + sizeBytes), line.bytes);
      },
      { chunkBytes },
    );
    assert.deepEqual(taken, lines, `${chunkBytes} bytes at a time`);
  }
});
