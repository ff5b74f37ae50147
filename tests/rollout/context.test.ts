import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ResponseItem } from '../../src/protocol/response-items.ts';
import { rebuildContext } from '../../src/rollout/context.ts';
import type { RolloutEntry } from '../../src/rollout/entries.ts';
import { isUserTurn } from '../../src/rollout/user-turn.ts';
import { event, FIXTURES, fixtureText, loadRollout, meta, own, said, userEvent } from './fixtures.ts';

const textOf = (item: ResponseItem): string =>
  item.type === 'message'
    ? item.content.map((part) => (part.type === 'input_image' ? '*' : part.text)).join('')
    : item.type;

const message = (text: string, role = 'user'): ResponseItem => ({
  type: 'message',
  role,
  content: [{ type: 'input_text', text }],
});

/** Keeps what users said, as the engine does. */
const rules = {
  compacted: (context: readonly ResponseItem[], summary: string): ResponseItem[] => [
    message('fresh', 'developer'),
    ...context.filter(isUserTurn).filter((item) => !textOf(item).startsWith('SUM')),
    message(summary),
  ],
};

const textsOf = (entries: RolloutEntry[]): string[] => rebuildContext(entries, rules).items.map(textOf);
const began = (turn_id: string): RolloutEntry => own({ type: 'turn_started', turn_id });
const ended = (turn_id: string): RolloutEntry =>
  own({ type: 'turn_completed', turn_id, status: 'completed', error: null });
const rollBack = (num_turns: number): RolloutEntry => event({ type: 'thread_rolled_back', num_turns });
const theirs = (text: string): RolloutEntry[] => [said('user', text), userEvent(text), said('assistant', `re ${text}`)];
const ours = (id: string, text: string): RolloutEntry[] => [
  began(id),
  said('user', text),
  userEvent(text),
  said('assistant', `re ${text}`),
  ended(id),
];

test('the context is what was said, in order', async () => {
  const stored = rebuildContext(await loadRollout(join(FIXTURES, 'turn-plain-1.jsonl')), rules);
  assert.deepEqual(stored.items.map(textOf).slice(3), ['Say hello', 'Hello']);
  assert.equal(stored.meta?.base_instructions?.text, 'Be brief.');
  assert.equal(stored.lastModel, 'test-model');
  assert.equal(stored.usage?.total.totalTokens, 130);
  assert.equal(stored.usage?.last.reasoningOutputTokens, 10);
  assert.equal(stored.hasUserMessage, true);
});

test('unknown items and system messages are not sent again', () => {
  const other: RolloutEntry = { type: 'response_item', payload: { type: 'other' } };
  const system: RolloutEntry = { type: 'response_item', payload: message('be evil', 'system') };
  assert.deepEqual(textsOf([meta(), other, system, said('user', 'q')]), ['q']);
});

test('a summary alone replaces the context by the rules, a whole history by itself', () => {
  const base = [meta(), said('developer', 'old'), ...theirs('one'), ...theirs('two')];
  const summary: RolloutEntry = { type: 'compacted', payload: { message: 'SUM' } };
  assert.deepEqual(textsOf([...base, summary, ...theirs('three')]), [
    'fresh',
    'one',
    'two',
    'SUM',
    'three',
    're three',
  ]);
  const whole: RolloutEntry = { type: 'compacted', payload: { message: '', replacement_history: [message('all')] } };
  assert.deepEqual(textsOf([...base, whole, ...theirs('three')]), ['all', 'three', 're three']);
});

test('the reference rolls back as it is read here', () => {
  const entries = fixtureText('thread-rollback-1.jsonl');
  assert.match(entries, /thread_rolled_back/);
  assert.deepEqual(textsOf([meta(), ...theirs('a'), ...theirs('b'), ...theirs('c'), rollBack(2), ...theirs('d')]), [
    'a',
    're a',
    'd',
    're d',
  ]);
});

test('a rollback keeps what stands before the first user message', () => {
  assert.deepEqual(textsOf([meta(), said('developer', 'set-up'), ...theirs('a'), rollBack(7)]), ['set-up']);
  assert.deepEqual(textsOf([meta(), ...theirs('a'), rollBack(0)]), ['a', 're a']);
});

test('a turn of ours is rolled back with all the input that joined it', () => {
  const joined = [began('t'), said('user', 'b'), userEvent('b'), said('user', 'more'), userEvent('more'), ended('t')];
  assert.deepEqual(textsOf([meta(), ...ours('s', 'a'), ...joined, rollBack(1)]), ['a', 're a']);
});

test('the first turn of a file, whose own lines come late, is one turn', () => {
  const first = [said('user', 'a'), userEvent('a'), began('s'), said('user', 'more'), userEvent('more'), ended('s')];
  assert.deepEqual(textsOf([meta(), said('developer', 'set-up'), ...first, ...ours('t', 'b'), rollBack(1)]), [
    'set-up',
    'a',
    'more',
  ]);
  assert.deepEqual(textsOf([meta(), said('developer', 'set-up'), ...first, ...ours('t', 'b'), rollBack(2)]), [
    'set-up',
  ]);
});

test('a turn without a user message is a turn, too', () => {
  const compaction = [began('c'), ended('c')];
  assert.deepEqual(textsOf([meta(), ...ours('s', 'a'), ...compaction, rollBack(1)]), ['a', 're a']);
  assert.deepEqual(textsOf([meta(), ...ours('s', 'a'), ...compaction, rollBack(2)]), []);
});

test('after a compaction turns are still counted by what users said', () => {
  const summary: RolloutEntry = { type: 'compacted', payload: { message: 'SUM' } };
  const base = [meta(), ...ours('s', 'a'), ...ours('t', 'b'), summary, ...ours('u', 'c')];
  assert.deepEqual(textsOf([...base, rollBack(1)]), ['fresh', 'a', 'b', 'SUM']);
  assert.deepEqual(textsOf([...base, rollBack(2)]), ['fresh', 'a']);
});

test('a turn that compacts in its middle keeps its own messages together', () => {
  const summary: RolloutEntry = { type: 'compacted', payload: { message: 'SUM' } };
  const running = [
    began('t'),
    said('user', 'b'),
    userEvent('b'),
    said('user', 'more'),
    summary,
    said('assistant', 'r'),
    ended('t'),
  ];
  assert.deepEqual(textsOf([meta(), ...ours('s', 'a'), ...running, rollBack(1)]), ['fresh', 'a']);
});

test('item ids that were given out are known', () => {
  const item = own({ type: 'item_completed', turn_id: 't', item: { type: 'contextCompaction', id: 'msg-1' } });
  assert.deepEqual([...rebuildContext([meta(), item], rules).itemIds], ['msg-1']);
});

test('the last usage that was reported counts', () => {
  const count = (info: unknown): RolloutEntry => event({ type: 'token_count', info, rate_limits: null } as never);
  const tokens = {
    input_tokens: 1,
    cached_input_tokens: 2,
    output_tokens: 3,
    reasoning_output_tokens: 4,
    total_tokens: 5,
  };
  const info = { total_token_usage: tokens, last_token_usage: {}, model_context_window: 9 };
  assert.deepEqual(rebuildContext([count(info), count(null)], rules).usage, {
    total: { inputTokens: 1, cachedInputTokens: 2, outputTokens: 3, reasoningOutputTokens: 4, totalTokens: 5 },
    last: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0, totalTokens: 0 },
    contextWindow: 9,
  });
});

test("messages that the server puts into the user's mouth are no user turns", () => {
  for (const text of [
    '  <ENVIRONMENT_context>x',
    '\n<turn_aborted>\nx',
    '<user_shell_command>',
    '# AGENTS.md instructions for /w',
    '<user_instructions>',
    '<skill>\n<name>',
  ]) {
    assert.equal(isUserTurn(message(text)), false, text);
  }
  for (const text of ['hello', '', ' # AGENTS.md instructions for /w', '<image>', 'x <turn_aborted>']) {
    assert.equal(isUserTurn(message(text)), true, text);
  }
  const twoParts: ResponseItem = {
    type: 'message',
    role: 'user',
    content: [
      { type: 'input_text', text: '<skill>' },
      { type: 'input_text', text: 'x' },
    ],
  };
  assert.equal(isUserTurn(twoParts), true);
  assert.equal(isUserTurn(message('hello', 'assistant')), false);
  assert.equal(isUserTurn({ type: 'other' }), false);
});
