/** Items and outputs of codex app-server 0.171.0 that clients of 0.94 have no kind for: each is shown, none is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOrNull } from '../../src/base/json/schema.ts';
import { CurrentItem } from '../../src/rollout/current-items.ts';
import { ResponseItem } from '../../src/rollout/decode-item.ts';
import { decodeEntry } from '../../src/rollout/format.ts';

const TOOL = { type: 'mcpToolCall', id: 'c1', status: 'completed', result: null, error: null, durationMs: null };
const AGENT = '01a231e1-1405-7552-85b3-07ee12998c74';

const CASES: Readonly<Record<string, { readonly stored: object; readonly shown: object }>> = {
  'a tool of the client': {
    stored: {
      type: 'DynamicToolCall',
      tool: 'lookup',
      arguments: { q: 'x' },
      status: 'completed',
      content_items: [
        { type: 'inputText', text: 'found' },
        { type: 'inputImage', imageUrl: 'data:image/png;base64,AAAA' },
        { type: 'inputImage', imageUrl: 'https://example.org/a.png' },
        { type: 'inputAudio', audioUrl: 'data:audio/wav;base64,AAAA' },
      ],
      success: true,
      duration: { secs: 1, nanos: 5_000_000 },
    },
    shown: {
      ...TOOL,
      server: 'client',
      tool: 'lookup',
      arguments: { q: 'x' },
      result: {
        content: [
          { type: 'text', text: 'found' },
          { type: 'image', data: 'AAAA', mimeType: 'image/png' },
          { type: 'text', text: 'https://example.org/a.png' },
          { type: 'text', text: '{"type":"inputAudio","audioUrl":"data:audio/wav;base64,AAAA"}' },
        ],
        structuredContent: null,
      },
      durationMs: 1005,
    },
  },
  'a tool of the client that failed': {
    stored: { type: 'DynamicToolCall', tool: 't', namespace: 'n', arguments: null, status: 'failed', success: false },
    shown: { ...TOOL, server: 'n', tool: 't', arguments: null, status: 'failed' },
  },
  'a call that starts an agent': {
    stored: {
      type: 'CollabAgentToolCall',
      tool: 'spawn_agent',
      status: 'completed',
      sender_thread_id: 'me',
      receiver_thread_ids: [AGENT],
      prompt: 'do it',
      agents_states: { [AGENT]: 'pending_init', two: { completed: 'done' }, three: 'interrupted', four: 7 },
    },
    shown: {
      type: 'collabAgentToolCall',
      id: 'c1',
      tool: 'spawnAgent',
      status: 'completed',
      senderThreadId: 'me',
      receiverThreadIds: [AGENT],
      prompt: 'do it',
      agentsStates: {
        [AGENT]: { status: 'pendingInit', message: null },
        two: { status: 'completed', message: 'done' },
        three: { status: 'shutdown', message: null },
        four: { status: 'notFound', message: null },
      },
    },
  },
  'a call that lists agents': {
    stored: { type: 'CollabAgentToolCall', tool: 'list_agents', status: 'completed', sender_thread_id: 'me' },
    shown: { ...TOOL, server: 'codex', tool: 'list_agents', arguments: { sender_thread_id: 'me' } },
  },
  'what an agent does': {
    stored: { type: 'SubAgentActivity', kind: 'started', agent_thread_id: AGENT, agent_path: '/a' },
    shown: {
      ...TOOL,
      server: 'codex',
      tool: 'SubAgentActivity',
      arguments: { kind: 'started', agent_thread_id: AGENT, agent_path: '/a' },
    },
  },
  'a wait': {
    stored: { type: 'Sleep', duration_ms: 500 },
    shown: { ...TOOL, server: 'codex', tool: 'Sleep', arguments: { duration_ms: 500 } },
  },
  'an image that was made': {
    stored: { type: 'ImageGeneration', status: 'completed', revised_prompt: 'a cat', saved_path: 'file:///tmp/a.png' },
    shown: { type: 'imageView', id: 'c1', path: '/tmp/a.png' },
  },
  'an image that was not made': {
    stored: { type: 'ImageGeneration', status: 'failed', revised_prompt: 'a cat' },
    shown: {
      ...TOOL,
      server: 'codex',
      tool: 'ImageGeneration',
      arguments: { revised_prompt: 'a cat' },
      status: 'failed',
    },
  },
  'a text that a hook put in': {
    stored: { type: 'HookPrompt', fragments: [{ text: 'mind the gap', hook_run_id: 'h' }, { text: 'and more' }] },
    shown: {
      type: 'userMessage',
      id: 'c1',
      content: [
        { type: 'text', text: 'mind the gap', text_elements: [] },
        { type: 'text', text: 'and more', text_elements: [] },
      ],
    },
  },
  'a kind that nobody has heard of': {
    stored: { type: 'Telepathy', target: ['x'], status: 'failed' },
    shown: { ...TOOL, server: 'codex', tool: 'Telepathy', arguments: { target: ['x'] }, status: 'failed' },
  },
};

for (const [name, { stored, shown }] of Object.entries(CASES)) {
  test(`other-items: ${name} is shown in a form that every client knows`, () => {
    const item = readOrNull(CurrentItem, { id: 'c1', ...stored });
    assert.deepEqual(item, shown);
  });
}

test('other-items: an item without an id or a kind is none', () => {
  for (const item of [null, 'x', {}, { type: 'Sleep' }, { id: 'x' }, { id: 'x', type: 7 }]) {
    assert.equal(readOrNull(CurrentItem, item), null);
  }
});

test('other-items: the model keeps each output of a call, whatever parts it has', () => {
  const image = { type: 'input_image', image_url: 'data:image/png;base64,AAAA' };
  const parts = [{ type: 'input_text', text: 'out' }, image, { type: 'encrypted_content', encrypted_content: 'x' }, 7];
  const kept = { type: 'function_call_output', call_id: 'c1', output: parts };
  const left = '[a part of a kind that is not known here was left out]';
  assert.deepEqual(readOrNull(ResponseItem, kept), {
    ...kept,
    output: [parts[0], image, { type: 'input_text', text: left }, { type: 'input_text', text: left }],
  });
  assert.deepEqual(readOrNull(ResponseItem, { ...kept, type: 'custom_tool_call_output' }), {
    ...kept,
    type: 'custom_tool_call_output',
    output: `out\n[an image was left out]\n${left}\n${left}`,
  });
  for (const output of [null, 7, { a: 1 }]) {
    assert.deepEqual(readOrNull(ResponseItem, { ...kept, output }), { ...kept, output: JSON.stringify(output) });
  }
  const line = JSON.stringify({
    timestamp: '2026-12-01T00:00:00.000Z',
    ordinal: 1,
    type: 'response_item',
    payload: kept,
  });
  assert.equal(decodeEntry(line)?.type, 'response_item');
});

test('other-items: the model keeps a message whose parts are not all known', () => {
  const words = { type: 'input_text', text: 'words' };
  const message = { type: 'message', role: 'user', content: [words, { type: 'input_audio', audio: 'x' }] };
  const left = { type: 'input_text', text: '[a part of a kind that is not known here was left out]' };
  assert.deepEqual(readOrNull(ResponseItem, message), { ...message, content: [words, left] });
  assert.deepEqual(readOrNull(ResponseItem, { ...message, content: 'words' }), { ...message, content: [words] });
  assert.deepEqual(readOrNull(ResponseItem, { ...message, role: 'assistant', content: 'words' }), {
    ...message,
    role: 'assistant',
    content: [{ type: 'output_text', text: 'words' }],
  });
  assert.equal(readOrNull(ResponseItem, { ...message, content: 7 }), null);
});
