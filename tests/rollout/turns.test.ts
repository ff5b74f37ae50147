import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ThreadItem } from '../../src/protocol/items.ts';
import type { RolloutEntry } from '../../src/rollout/entries.ts';
import {
  agentEvent,
  answers,
  event,
  FIXTURES,
  fixtureNames,
  loadRollout,
  meta,
  own,
  said,
  turnsOf,
  userEvent,
} from './fixtures.ts';

const message = (id: string, text: string): ThreadItem => ({ type: 'agentMessage', id, text });
const typed = (id: string, text: string): ThreadItem => ({
  type: 'userMessage',
  id,
  content: [{ type: 'text', text, text_elements: [] }],
});
const item = (turn_id: string, each: ThreadItem): RolloutEntry => own({ type: 'item_completed', turn_id, item: each });
const began = (turn_id: string): RolloutEntry => own({ type: 'turn_started', turn_id });
const ended = (turn_id: string, status: 'completed' | 'failed' | 'interrupted' = 'completed'): RolloutEntry =>
  own({ type: 'turn_completed', turn_id, status, error: null });

/** A turn as the engine stores it; the lines of a file's first turn wait for its user message. */
const recorded = (id: string, question: string, answer: string, order: 'first' | 'later'): RolloutEntry[] => [
  ...(order === 'later' ? [began(id)] : []),
  said('user', question),
  userEvent(question),
  ...(order === 'first' ? [began(id)] : []),
  item(id, typed(`u-${id}`, question)),
  agentEvent(answer),
  item(id, message(`m-${id}`, answer)),
  said('assistant', answer),
  ended(id),
];

const shape = (entries: RolloutEntry[], running: string | null = null): unknown =>
  turnsOf(entries, running).map(({ id, status, items }) => [id, status, ...items.map((each) => each.id)]);

for (const name of fixtureNames.filter((each) => !each.startsWith('own'))) {
  test(`${name} reads as the reference reads it`, async () => {
    assert.deepEqual(turnsOf(await loadRollout(join(FIXTURES, name))), answers[name]?.thread.turns);
  });
}

test('history-complete: turns of ours read back exactly, lines of others around them by their rules', async () => {
  const turns = turnsOf(await loadRollout(join(FIXTURES, 'own-1.jsonl')));
  const id = '01a20787-0000-7000-8000-00000000aaaa';
  assert.deepEqual(turns, [
    {
      id,
      items: [typed('u1', 'one'), message('msg-1', 'answer')],
      status: 'failed',
      error: { message: 'no', codexErrorInfo: 'other', additionalDetails: null },
    },
    {
      id: 'turn-2',
      items: [typed('item-1', 'from elsewhere'), message('item-2', 'other answer')],
      status: 'completed',
      error: null,
    },
  ]);
});

test('events that a line of ours repeats are not shown twice', () => {
  const entries = [meta(), ...recorded('a', 'q', 'r', 'first'), ...recorded('b', 'q', 'r', 'later')];
  assert.deepEqual(shape(entries), [
    ['a', 'completed', 'u-a', 'm-a'],
    ['b', 'completed', 'u-b', 'm-b'],
  ]);
});

test('turns of others before and after turns of ours keep their places', () => {
  const theirs = [said('user', 'q'), userEvent('q'), agentEvent('r')];
  const entries = [
    meta(),
    ...theirs,
    ...recorded('a', 'q', 'r', 'later'),
    ...theirs,
    ...recorded('b', 'q', 'r', 'later'),
  ];
  assert.deepEqual(shape(entries), [
    ['turn-1', 'completed', 'item-1', 'item-2'],
    ['a', 'completed', 'u-a', 'm-a'],
    ['turn-3', 'completed', 'item-3', 'item-4'],
    ['b', 'completed', 'u-b', 'm-b'],
  ]);
});

test('an event whose own line was lost is still shown', () => {
  const entries = [meta(), userEvent('q'), began('a'), item('a', typed('u', 'q')), agentEvent('lost line'), ended('a')];
  assert.deepEqual(shape(entries), [['a', 'completed', 'u', 'item-1']]);
});

test('input that joined a running turn is an item of that turn', () => {
  const entries = [
    meta(),
    ...[said('user', 'q'), userEvent('q'), began('a'), item('a', typed('u1', 'q'))],
    ...[said('user', 'more'), userEvent('more'), item('a', typed('u2', 'more'))],
    ...[agentEvent('r'), item('a', message('m', 'r')), ended('a')],
  ];
  assert.deepEqual(shape(entries), [['a', 'completed', 'u1', 'u2', 'm']]);
});

test('a turn without an end is interrupted, or in progress when it is the running one', () => {
  const entries = [meta(), userEvent('q'), began('a'), item('a', typed('u', 'q'))];
  assert.deepEqual(shape(entries), [['a', 'interrupted', 'u']]);
  assert.deepEqual(shape(entries, 'a'), [['a', 'inProgress', 'u']]);
  assert.deepEqual(shape([...entries, ...recorded('b', 'x', 'y', 'later')], 'b'), [
    ['a', 'interrupted', 'u'],
    ['b', 'completed', 'u-b', 'm-b'],
  ]);
});

test('an abort inside a turn of ours leaves the status to its end', () => {
  const abort = event({ type: 'turn_aborted', reason: 'interrupted' });
  const entries = [meta(), userEvent('q'), began('a'), item('a', typed('u', 'q')), abort, ended('a', 'interrupted')];
  assert.deepEqual(shape(entries), [['a', 'interrupted', 'u']]);
});

test('an item that completes after its turn has ended belongs to that turn', () => {
  const late = item('a', message('late', 'r'));
  const entries = [meta(), ...recorded('a', 'q', 'r', 'first'), ...recorded('b', 'x', 'y', 'later'), late];
  assert.deepEqual(shape(entries), [
    ['a', 'completed', 'u-a', 'm-a', 'late'],
    ['b', 'completed', 'u-b', 'm-b'],
  ]);
});

test("an item may come before its turn's start: a compaction in front of the user message", () => {
  const entries = [
    meta(),
    ...recorded('a', 'q', 'r', 'first'),
    item('b', { type: 'contextCompaction', id: 'c' }),
    event({ type: 'context_compacted' }),
    ...recorded('b', 'x', 'y', 'later'),
  ];
  assert.deepEqual(shape(entries), [
    ['a', 'completed', 'u-a', 'm-a'],
    ['b', 'completed', 'c', 'u-b', 'm-b'],
  ]);
});

test('a rollback drops the last turns whatever their kind', () => {
  const rollBack = (num_turns: number): RolloutEntry => event({ type: 'thread_rolled_back', num_turns });
  const theirs = [userEvent('q'), agentEvent('r')];
  const base = [meta(), ...theirs, ...recorded('a', 'q', 'r', 'later'), ...theirs];
  assert.deepEqual(shape([...base, rollBack(2)]), [['turn-1', 'completed', 'item-1', 'item-2']]);
  assert.deepEqual(shape([...base, rollBack(9)]), []);
  assert.deepEqual(shape([...base, rollBack(1), ...theirs]), [
    ['turn-1', 'completed', 'item-1', 'item-2'],
    ['a', 'completed', 'u-a', 'm-a'],
    ['turn-3', 'completed', 'item-3', 'item-4'],
  ]);
});
