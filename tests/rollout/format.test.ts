import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RolloutEntry } from '../../src/rollout/entries.ts';
import { decodeEntry, encode } from '../../src/rollout/format.ts';
import { fixtureNames, fixtureText, meta, said } from './fixtures.ts';

const line = (type: string, payload: unknown): string => JSON.stringify({ timestamp: 't', type, payload });

test('a line of the reference is written again byte for byte', () => {
  for (const name of fixtureNames.filter((each) => !/^(awkward|preview|thread-resume-1)/.test(each))) {
    for (const text of fixtureText(name).split('\n').slice(0, -1)) {
      const entry = decodeEntry(text);
      assert.ok(entry, `${name}: ${text.slice(0, 80)}`);
      const time = Date.parse((JSON.parse(text) as { timestamp: string }).timestamp);
      assert.equal(encode(entry, time), `${text}\n`);
    }
  }
});

test('the head is written in the order of the reference, without absent members', () => {
  const payload = {
    git: { branch: 'main', commit_hash: 'b3f0' },
    dynamic_tools: [{ name: 'n', description: 'd', inputSchema: {} }],
    source: { subagent: 'review' },
    id: 'i',
    cwd: '/w',
    timestamp: 't',
    forked_from_id: 'f',
    originator: 'o',
    cli_version: 'v',
    base_instructions: null,
    model_provider: null,
  } as const;
  const keys = Object.keys((JSON.parse(encode({ type: 'session_meta', payload }, 0)) as { payload: object }).payload);
  assert.equal(
    keys.join(),
    'id,forked_from_id,timestamp,cwd,originator,cli_version,source,model_provider,base_instructions,dynamic_tools,git',
  );
  assert.doesNotMatch(encode(meta(), 0), /forked_from_id|dynamic_tools|git/);
});

test('the id that upstream gave an item is never stored', () => {
  const items: RolloutEntry[] = [
    { type: 'response_item', payload: { type: 'message', id: 'SECRET', role: 'assistant', content: [] } },
    { type: 'response_item', payload: { type: 'reasoning', id: 'SECRET', summary: [], encrypted_content: null } },
    { type: 'response_item', payload: { type: 'function_call', id: 'SECRET', name: 'n', arguments: '', call_id: 'c' } },
    { type: 'response_item', payload: { type: 'custom_tool_call', id: 'SECRET', call_id: 'c', name: 'n', input: '' } },
    { type: 'response_item', payload: { type: 'web_search_call', id: 'SECRET' } },
  ];
  for (const item of items) assert.doesNotMatch(encode(item, 0), /SECRET|"id"/);
});

test('reasoning content is null without content, left out when it is only text, and kept otherwise', () => {
  const stored = (content: unknown): unknown =>
    (
      JSON.parse(
        encode(
          {
            type: 'response_item',
            payload: { type: 'reasoning', summary: [], content, encrypted_content: null } as never,
          },
          0,
        ),
      ) as { payload: unknown }
    ).payload;
  const head = { type: 'reasoning', summary: [] };
  assert.deepEqual(stored(undefined), { ...head, content: null, encrypted_content: null });
  assert.deepEqual(stored([{ type: 'text', text: 'x' }]), { ...head, encrypted_content: null });
  const content = [
    { type: 'text', text: 'x' },
    { type: 'reasoning_text', text: 'y' },
  ];
  assert.deepEqual(stored(content), { ...head, content, encrypted_content: null });
});

test('items of unknown types are read as such and never written', () => {
  const entry = decodeEntry(line('response_item', { type: 'hologram', size: 3 }));
  assert.deepEqual(entry, { type: 'response_item', payload: { type: 'other' } });
  assert.equal(encode({ type: 'response_item', payload: { type: 'other' } }, 0), '');
});

test('compaction_summary is the older name of compaction', () => {
  assert.deepEqual(decodeEntry(line('response_item', { type: 'compaction_summary', encrypted_content: 'e' })), {
    type: 'response_item',
    payload: { type: 'compaction', encrypted_content: 'e' },
  });
});

test('each member that a head needs is needed', () => {
  const whole = (JSON.parse(encode(meta(), 0)) as { payload: Record<string, unknown> }).payload;
  for (const key of ['id', 'timestamp', 'cwd', 'originator', 'cli_version']) {
    const { [key]: _gone, ...rest } = whole;
    assert.equal(decodeEntry(line('session_meta', rest)), null, key);
  }
  for (const key of ['source', 'model_provider', 'base_instructions']) {
    const { [key]: _gone, ...rest } = whole;
    assert.ok(decodeEntry(line('session_meta', rest)), key);
  }
});

test('an unknown source text reads as unknown, an unknown source object spoils its line', () => {
  const whole = (JSON.parse(encode(meta(), 0)) as { payload: Record<string, unknown> }).payload;
  const sourceOf = (source: unknown): unknown => {
    const entry = decodeEntry(line('session_meta', { ...whole, source }));
    return entry?.type === 'session_meta' ? entry.payload.source : null;
  };
  assert.equal(sourceOf('brand-new'), 'unknown');
  assert.equal(sourceOf({ robot: 1 }), null);
  assert.equal(sourceOf({ subagent: 'strange' }), null);
  assert.deepEqual(sourceOf({ subagent: { other: 'x' } }), { subagent: { other: 'x' } });
});

test('lines that are no entries read as null', () => {
  const bad = [
    '',
    'null',
    '[]',
    '{"type":"event_msg"}',
    line('future', {}),
    line('event_msg', { type: 'turn_aborted', reason: 'boredom' }),
    line('event_msg', { type: 'agent_message', message: 7 }),
    line('event_msg', { type: 'thread_rolled_back', num_turns: -1 }),
    line('event_msg', { type: 'user_message', message: 'x', images: [3] }),
    line('response_item', { type: 'message', role: 'user', content: 7 }),
    line('response_item', { type: 'function_call', name: 'x', arguments: '{}' }),
    line('compacted', { message: 'x', replacement_history: [{ type: 'message' }] }),
    line('shardex', { type: 'item_completed', turn_id: 't', item: { type: 'agentMessage' } }),
    line('shardex', { type: 'turn_completed', turn_id: 't', status: 'odd', error: null }),
  ];
  for (const text of bad) assert.equal(decodeEntry(text), null, text);
});

test('any text and any JSON decodes to an entry or null, and what decodes can be written', () => {
  const type = fc.constantFrom('session_meta', 'response_item', 'event_msg', 'turn_context', 'compacted', 'shardex');
  const inner = fc.constantFrom('message', 'reasoning', 'user_message', 'token_count', 'item_completed', 'toString');
  const payload = fc.record({ type: inner, message: fc.jsonValue(), content: fc.jsonValue(), item: fc.jsonValue() });
  const anyLine = fc.oneof(
    fc.string(),
    fc.json(),
    fc.tuple(type, fc.oneof(payload, fc.jsonValue())).map(([each, value]) => line(each, value)),
  );
  fc.assert(
    fc.property(anyLine, (text) => {
      const entry = decodeEntry(text);
      if (entry !== null) encode(entry, 0);
    }),
    { numRuns: 2000 },
  );
});

test('an item survives being written and read', () => {
  const entry = said('user', 'line\nbreak \u2028 and "quotes"');
  const text = encode(entry, 0);
  assert.equal(text.split('\n').length, 2);
  assert.deepEqual(decodeEntry(text), entry);
});
