import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EngineEvent, EngineItem } from '../../src/contract/engine-events.ts';
import { History } from '../../src/engine/history.ts';
import { Recorder, type RolloutSink } from '../../src/engine/recorder.ts';
import { notificationsFor } from '../../src/events/notifications.ts';
import type { ThreadItem } from '../../src/protocol/items.ts';
import type { RolloutEntry } from '../../src/rollout/entries.ts';
import { decodeEntry, encode } from '../../src/rollout/format.ts';
import { storedEventsOf } from '../../src/rollout/record.ts';
import { answers, fixtureText, meta, turnsOf } from './fixtures.ts';

const text = fc.constantFrom('a', 'a', 'b', '', 'ü\n');

/** Items of one turn; ids are given later, so that they are unique. */
const anyItem: fc.Arbitrary<EngineItem> = fc.oneof(
  fc.array(text, { maxLength: 2 }).map(
    (texts): EngineItem => ({
      type: 'userMessage',
      id: '',
      content: texts.map((each) => ({ type: 'text', text: each, text_elements: [] })),
    }),
  ),
  text.map((each): EngineItem => ({ type: 'agentMessage', id: '', text: each })),
  text.map((each): EngineItem => ({ type: 'plan', id: '', text: each })),
  fc
    .tuple(fc.array(text, { maxLength: 3 }), fc.array(text, { maxLength: 2 }))
    .map(([summary, content]): EngineItem => ({ type: 'reasoning', id: '', summary, content })),
  fc.constant<EngineItem>({ type: 'contextCompaction', id: '' }),
  fc.constant<EngineItem>({ type: 'webSearch', id: '', query: 'q', action: { type: 'open_page', url: 'u' } }),
);

const status = fc.constantFrom('completed', 'failed', 'interrupted');
const anyTurn = fc.record({
  items: fc.array(fc.tuple(anyItem, fc.boolean()), { maxLength: 6 }),
  status,
  isViewing: fc.boolean(),
});

/** Takes whatever it is given. */
function sinkInto(lines: string[]): RolloutSink {
  const write = (entries: readonly RolloutEntry[]): void =>
    void lines.push(...entries.map((entry) => encode(entry, 0)));
  return { write, drain: (queue) => write(queue.splice(0)) };
}

test('history-complete: turns read back equal what was streamed', () => {
  fc.assert(
    fc.property(fc.array(anyTurn, { maxLength: 4 }), fc.boolean(), (turns, rawReasoning) => {
      const lines: string[] = [];
      const streamed: { id: string; items: ThreadItem[]; status: string }[] = [];
      const listen = (event: EngineEvent): void => {
        for (const { method, params } of notificationsFor(event, { threadId: 'th', raw: false, listener: 'v2' })) {
          const { item, turn } = params as unknown as { item: ThreadItem; turn: { status: string } };
          if (method === 'item/completed') streamed.at(-1)?.items.push(item);
          const last = streamed.at(-1);
          if (method === 'turn/completed' && last !== undefined) last.status = turn.status;
        }
      };
      const recorder = new Recorder({
        rollout: sinkInto(lines),
        flushLater: (flush) => flush(),
        history: new History(),
        emit: listen,
        rawItems: false,
        takenIds: [],
        hasUserMessage: false,
        rawReasoning,
        threadId: 'th',
      });
      recorder.storeOnly([meta()]);
      for (const [index, turn] of turns.entries()) {
        const turnId = `turn ${index}`;
        streamed.push({ id: turnId, items: [], status: '' });
        recorder.turnBegan(turnId, 'message');
        const opening: EngineItem = {
          type: 'userMessage',
          id: '',
          content: [{ type: 'text', text: 'a', text_elements: [] }],
        };
        for (const [each, partial] of [[opening, false] as const, ...turn.items]) {
          const item = { ...each, id: recorder.uniqueItemId('item') };
          recorder.storeAndEmit({ kind: 'itemStarted', turnId, item });
          recorder.storeAndEmit({
            kind: 'itemCompleted',
            turnId,
            item,
            partial: partial && item.type !== 'userMessage',
          });
        }
        if (turn.isViewing)
          recorder.storeAndEmit({ kind: 'imageViewed', turnId, callId: `${turnId} image`, path: '/p' });
        if (turn.status === 'interrupted')
          recorder.storeAndEmit({ kind: 'turnAborted', turnId, reason: 'interrupted' });
        recorder.turnEnded(turnId, turn.status, null);
        recorder.storeAndEmit({ kind: 'turnEnded', turnId, status: turn.status, error: null, lastAgentMessage: null });
      }
      const entries = lines.map((line) => decodeEntry(line.trimEnd())).filter((entry) => entry !== null);
      assert.equal(entries.length, lines.length);
      assert.deepEqual(
        turnsOf(entries).map(({ id, items, status: ended }) => ({ id, items, status: ended })),
        streamed,
      );
      assertOursComeLate(entries);
    }),
    { numRuns: 300 },
  );
});

function assertOursComeLate(entries: readonly RolloutEntry[]): void {
  const ours = entries.findIndex(({ type }) => type === 'shardex');
  const user = entries.findIndex((entry) => entry.type === 'event_msg' && entry.payload.type === 'user_message');
  assert.ok(ours === -1 || (user !== -1 && user < ours));
}

test('the reference loads a file with lines of ours', () => {
  assert.match(fixtureText('own-1.jsonl'), /"type":"shardex"/);
  assert.equal(answers['own-1.jsonl']?.thread.turns.length, 2);
  assert.equal(answers['own-1.jsonl']?.listed, true);
});

test('only few events are stored, and a plan with its thread', () => {
  const plan: EngineEvent = { kind: 'itemCompleted', turnId: 't', item: { type: 'plan', id: 'p', text: 'x' } };
  assert.deepEqual(storedEventsOf(plan, { threadId: 'th' }), [
    { type: 'item_completed', thread_id: 'th', turn_id: 't', item: { type: 'Plan', id: 'p', text: 'x' } },
  ]);
  assert.deepEqual(storedEventsOf({ kind: 'warning', turnId: '', message: 'x' }), []);
  assert.deepEqual(storedEventsOf({ kind: 'messageDelta', turnId: 't', itemId: 'm', delta: 'x' }), []);
  const message: EngineItem = { type: 'agentMessage', id: 'm', text: 'x' };
  assert.deepEqual(storedEventsOf({ kind: 'itemCompleted', turnId: 't', item: message, partial: true }), []);
});
