import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notificationsFor } from '../../src/events/notifications.ts';
import { FRAME, HEAD, TAIL, THREAD, TURN, told } from './told.ts';

test('a user message is an item, then a message with its text joined and its spans moved', () => {
  const content = [
    { type: 'text', text: 'Look ü ', text_elements: [] },
    { type: 'image', url: 'data:x' },
    { type: 'text', text: '@a', text_elements: [{ byteRange: { start: 0, end: 2 }, placeholder: '@a' }] },
    { type: 'localImage', path: '/p.png' },
    { type: 'skill', name: 's', path: '/s' },
  ] as const;
  const item = { type: 'userMessage', id: 'u', content: content as never } as const;
  const legacy = `{"type":"UserMessage","id":"u","content":[{"type":"text","text":"Look ü ","text_elements":[]},{"type":"image","image_url":"data:x"},{"type":"text","text":"@a","text_elements":[{"byte_range":{"start":0,"end":2},"placeholder":"@a"}]},{"type":"local_image","path":"/p.png"},{"type":"skill","name":"s","path":"/s"}]}`;
  const wire = JSON.stringify(item);
  assert.deepEqual(told({ kind: 'itemStarted', item }), [
    `~{"type":"item_started",${FRAME},"item":${legacy}}`,
    `item/started {"item":${wire},${TAIL}}`,
  ]);
  assert.deepEqual(told({ kind: 'itemCompleted', item }), [
    `~{"type":"item_completed",${FRAME},"item":${legacy}}`,
    `item/completed {"item":${wire},${TAIL}}`,
    '~{"type":"user_message","message":"Look ü @a","images":["data:x"],"local_images":["/p.png"],"text_elements":[{"byte_range":{"start":8,"end":10},"placeholder":"@a"}]}',
  ]);
});

test('an agent message starts empty, streams in three parts, and ends with its text', () => {
  assert.deepEqual(told({ kind: 'itemStarted', item: { type: 'agentMessage', id: 'm', text: '' } }), [
    `~{"type":"item_started",${FRAME},"item":{"type":"AgentMessage","id":"m","content":[]}}`,
    `item/started {"item":{"type":"agentMessage","id":"m","text":""},${TAIL}}`,
  ]);
  assert.deepEqual(told({ kind: 'messageDelta', itemId: 'm', delta: 'Do' }), [
    `~{"type":"agent_message_content_delta",${FRAME},"item_id":"m","delta":"Do"}`,
    `item/agentMessage/delta ${HEAD},"itemId":"m","delta":"Do"}`,
    '~{"type":"agent_message_delta","delta":"Do"}',
  ]);
  assert.deepEqual(told({ kind: 'itemCompleted', item: { type: 'agentMessage', id: 'm', text: 'Done' } }), [
    `~{"type":"item_completed",${FRAME},"item":{"type":"AgentMessage","id":"m","content":[{"type":"Text","text":"Done"}]}}`,
    `item/completed {"item":{"type":"agentMessage","id":"m","text":"Done"},${TAIL}}`,
    '~{"type":"agent_message","message":"Done"}',
  ]);
});

test('item-lifecycle: what is left of a broken stream completes without being a message', () => {
  const item = { type: 'agentMessage', id: 'm', text: 'Do' } as const;
  assert.deepEqual(told({ kind: 'itemCompleted', item, partial: true }), [
    `~{"type":"item_completed",${FRAME},"item":{"type":"AgentMessage","id":"m","content":[{"type":"Text","text":"Do"}]}}`,
    `item/completed {"item":{"type":"agentMessage","id":"m","text":"Do"},${TAIL}}`,
  ]);
});

test('a plan streams and completes as an item of its own', () => {
  assert.deepEqual(told({ kind: 'planDelta', itemId: 't1-plan', delta: '# P' }), [
    `~{"type":"plan_delta",${FRAME},"item_id":"t1-plan","delta":"# P"}`,
    `item/plan/delta ${HEAD},"itemId":"t1-plan","delta":"# P"}`,
  ]);
  assert.deepEqual(told({ kind: 'itemCompleted', item: { type: 'plan', id: 't1-plan', text: '# P' } }), [
    `~{"type":"item_completed",${FRAME},"item":{"type":"Plan","id":"t1-plan","text":"# P"}}`,
    `item/completed {"item":{"type":"plan","id":"t1-plan","text":"# P"},${TAIL}}`,
  ]);
});

test('reasoning streams its summary and its thoughts, and ends with one message a part', () => {
  assert.deepEqual(told({ kind: 'summaryPartAdded', itemId: 'r', summaryIndex: 1 }), [
    '~{"type":"agent_reasoning_section_break","item_id":"r","summary_index":1}',
    `item/reasoning/summaryPartAdded ${HEAD},"itemId":"r","summaryIndex":1}`,
  ]);
  assert.deepEqual(told({ kind: 'summaryDelta', itemId: 'r', summaryIndex: 0, delta: 'A' }), [
    `~{"type":"reasoning_content_delta",${FRAME},"item_id":"r","delta":"A","summary_index":0}`,
    `item/reasoning/summaryTextDelta ${HEAD},"itemId":"r","delta":"A","summaryIndex":0}`,
    '~{"type":"agent_reasoning_delta","delta":"A"}',
  ]);
  assert.deepEqual(told({ kind: 'reasoningDelta', itemId: 'r', contentIndex: 0, delta: 'raw' }), [
    `~{"type":"reasoning_raw_content_delta",${FRAME},"item_id":"r","delta":"raw","content_index":0}`,
    `item/reasoning/textDelta ${HEAD},"itemId":"r","delta":"raw","contentIndex":0}`,
    '~{"type":"agent_reasoning_raw_content_delta","delta":"raw"}',
  ]);
  const item = { type: 'reasoning', id: 'r', summary: ['A', 'B'], content: ['raw'] } as const;
  assert.deepEqual(told({ kind: 'itemCompleted', item }), [
    `~{"type":"item_completed",${FRAME},"item":{"type":"Reasoning","id":"r","summary_text":["A","B"],"raw_content":["raw"]}}`,
    `item/completed {"item":{"type":"reasoning","id":"r","summary":["A","B"],"content":["raw"]},${TAIL}}`,
    '~{"type":"agent_reasoning","text":"A"}',
    '~{"type":"agent_reasoning","text":"B"}',
    '~{"type":"agent_reasoning_raw_content","text":"raw"}',
  ]);
});

test('thoughts are no messages of their own unless the user asked for them', () => {
  const item = { type: 'reasoning', id: 'r', summary: [], content: ['raw'] } as const;
  const quiet = { rawReasoning: false };
  assert.equal(told({ kind: 'itemCompleted', item }, 'v2', quiet).length, 2);
  // Pieces of them are told all the same.
  assert.equal(told({ kind: 'reasoningDelta', itemId: 'r', contentIndex: 0, delta: 'x' }, 'v2', quiet).length, 3);
});

test('a web search has names of its own beside the item', () => {
  const item = { type: 'webSearch', id: 'w', query: 'cats', action: { type: 'search', query: 'cats' } } as const;
  const legacy = '{"type":"WebSearch","id":"w","query":"cats","action":{"type":"search","query":"cats"}}';
  const wire = '{"type":"webSearch","id":"w","query":"cats","action":{"type":"search","query":"cats","queries":null}}';
  assert.deepEqual(told({ kind: 'itemStarted', item }), [
    `~{"type":"item_started",${FRAME},"item":${legacy}}`,
    `item/started {"item":${wire},${TAIL}}`,
    '~{"type":"web_search_begin","call_id":"w"}',
  ]);
  assert.deepEqual(told({ kind: 'itemCompleted', item }), [
    `~{"type":"item_completed",${FRAME},"item":${legacy}}`,
    `item/completed {"item":${wire},${TAIL}}`,
    '~{"type":"web_search_end","call_id":"w","query":"cats","action":{"type":"search","query":"cats"}}',
  ]);
});

test('every action of a web search has its spelling', () => {
  const actionOf = (action: unknown): unknown => {
    const item = { type: 'webSearch', id: 'w', query: '', action } as never;
    const [, completed] = notificationsFor(
      { kind: 'itemCompleted', turnId: TURN, item },
      { threadId: THREAD, raw: false, listener: 'v2' },
    );
    assert.ok(completed);
    return (completed.params as { item: { action: unknown } }).item.action;
  };
  assert.deepEqual(actionOf({ type: 'open_page', url: 'u' }), { type: 'openPage', url: 'u' });
  assert.deepEqual(actionOf({ type: 'find_in_page' }), { type: 'findInPage', url: null, pattern: null });
  assert.deepEqual(actionOf({ type: 'other' }), { type: 'other' });
});
