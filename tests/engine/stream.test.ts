import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, outputOf, textOf } from '../support/box.ts';
import {
  calls,
  completed,
  created,
  functionCall,
  itemAdded,
  itemDone,
  message,
  reasoning,
  reasoningDelta,
  reasoningItem,
  says,
  streams,
  summaryDelta,
  summaryPartAdded,
  webSearchCall,
} from '../support/model-events.ts';
import { rawStream, stream, withHeaders } from '../support/model-server.ts';

const frame = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;

test('an assistant message streams as deltas of one item under its upstream id', async () => {
  await using box = await Box.open();
  box.model.script(stream(streams(['Do', 'ne'])));
  const turn = await box.completed(await box.thread(), 'Hi');
  assert.deepEqual(
    turn.all('item/agentMessage/delta').map(({ itemId, delta }) => [itemId, delta]),
    [
      ['msg-1', 'Do'],
      ['msg-1', 'ne'],
    ],
  );
  assert.deepEqual(turn.items('agentMessage'), [{ type: 'agentMessage', id: 'msg-1', text: 'Done' }]);
  assert.deepEqual(await turn.startOf('agentMessage'), { type: 'agentMessage', id: 'msg-1', text: '' });
  assert.equal(turn.all('codex/event/task_complete')[0].msg.last_agent_message, 'Done');
});

test('ids-unique: a repeated upstream id gets a suffix, also after a resume, and turns read back have the same ids', async () => {
  await using box = await Box.open();
  for (let n = 0; n < 3; n += 1) box.model.script(stream(says(`answer ${n}`)));
  const threadId = await box.thread();
  const one = await box.completed(threadId, 'a');
  const two = await box.completed(threadId, 'b');
  await box.start();
  await box.call('thread/resume', { threadId });
  const three = await box.completed(threadId, 'c');
  assert.deepEqual(
    [one, two, three].map((turn) => turn.items('agentMessage')[0].id),
    ['msg-1', 'msg-1.2', 'msg-1.3'],
  );
  const stored = await box.turnsOf(threadId);
  assert.deepEqual(
    stored.map((turn) => [turn.id, ...turn.items.map((item: { id: string }) => item.id)]),
    [one, two, three].map((turn) => [turn.id, ...turn.items().map(({ id }) => id)]),
  );
});

test('an item without an upstream id has one id from its start to its end', async () => {
  await using box = await Box.open();
  const item = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] };
  box.model.script(stream(created(), itemAdded({ ...item, content: [] }), itemDone(item), completed()));
  const turn = await box.completed(await box.thread(), 'Hi');
  assert.equal((await turn.startOf('agentMessage')).id, turn.items('agentMessage')[0].id);
});

test('reasoning streams as summary parts and raw text, and goes back upstream sealed', async () => {
  await using box = await Box.open({ top: 'model_supports_reasoning_summaries = true\n' });
  box.model.script(
    stream(
      created(),
      itemAdded({ ...reasoningItem('rs-1', []), encrypted_content: null }),
      summaryPartAdded(0),
      summaryDelta('**A**'),
      summaryPartAdded(1),
      summaryDelta('B', 1),
      reasoningDelta('raw'),
      reasoning('rs-1', ['**A**', 'B'], ['raw']),
      message('msg-1', 'Done'),
      completed(),
    ),
    stream(says('Again', 'msg-2')),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'Think');
  const item = { type: 'reasoning', id: 'rs-1', summary: ['**A**', 'B'], content: ['raw'] };
  assert.deepEqual(turn.items('reasoning'), [item]);
  assert.deepEqual(
    turn.methods().filter((method) => method.startsWith('item/reasoning')),
    [
      'item/reasoning/summaryPartAdded',
      'item/reasoning/summaryTextDelta',
      'item/reasoning/summaryPartAdded',
      'item/reasoning/summaryTextDelta',
      'item/reasoning/textDelta',
    ],
  );
  assert.equal(turn.all('item/reasoning/summaryTextDelta')[1].summaryIndex, 1);
  assert.equal(turn.all('codex/event/agent_reasoning').length, 2);
  await box.completed(threadId, 'More');
  const sent = (await box.sent(2)).find(({ type }) => type === 'reasoning');
  assert.deepEqual(sent, {
    type: 'reasoning',
    summary: [
      { type: 'summary_text', text: '**A**' },
      { type: 'summary_text', text: 'B' },
    ],
    content: [{ type: 'reasoning_text', text: 'raw' }],
    encrypted_content: 'sealed-rs-1',
  });
  const [stored] = await box.turnsOf(threadId);
  assert.deepEqual(stored.items[1], item);
});

test('a web search is an item with its query', async () => {
  await using box = await Box.open();
  box.model.script(stream(created(), webSearchCall('ws-1', 'cats'), message('msg-1', 'Found'), completed()));
  const turn = await box.completed(await box.thread(), 'Search');
  const [item] = turn.items('webSearch');
  assert.equal(item.id, 'ws-1');
  assert.equal(item.query, 'cats');
  assert.equal(item.action.type, 'search');
});

test('usage adds up over the thread and rate limits are told with every request', async () => {
  await using box = await Box.open({ model: 'gpt-5.1' });
  const limits = {
    'x-codex-primary-used-percent': '12.5',
    'x-codex-primary-window-minutes': '300',
    'x-codex-primary-reset-at': '2000000000',
    'x-codex-credits-has-credits': 'True',
    'x-codex-credits-unlimited': '0',
    'x-codex-credits-balance': ' ',
  };
  box.model.script(
    withHeaders(limits, stream(says('a', 'msg-1', { input: 10, cached: 2, output: 5, reasoning: 1 }))),
    stream(says('b', 'msg-2', { input: 20, output: 1 })),
  );
  const threadId = await box.thread();
  const one = await box.completed(threadId, 'a');
  const two = await box.completed(threadId, 'b');
  const breakdown = (
    totalTokens: number,
    inputTokens: number,
    cached: number,
    outputTokens: number,
    thoughts: number,
  ) => ({
    totalTokens,
    inputTokens,
    cachedInputTokens: cached,
    outputTokens,
    reasoningOutputTokens: thoughts,
  });
  const first = breakdown(15, 10, 2, 5, 1);
  assert.deepEqual(one.all('thread/tokenUsage/updated'), [
    { threadId, turnId: one.id, tokenUsage: { total: first, last: first, modelContextWindow: 258400 } },
  ]);
  assert.deepEqual(two.all('thread/tokenUsage/updated').at(-1).tokenUsage, {
    total: breakdown(36, 30, 2, 6, 1),
    last: breakdown(21, 20, 0, 1, 0),
    modelContextWindow: 258400,
  });
  const told = box.client.ofMethod('account/rateLimits/updated').map(({ params }) => params.rateLimits);
  assert.equal(told.length, 4);
  assert.deepEqual(told[0], {
    primary: { usedPercent: 13, windowDurationMins: 300, resetsAt: 2000000000 },
    secondary: null,
    credits: { hasCredits: true, unlimited: false, balance: null },
    planType: null,
  });
  // The windows are those of the newest response, credits stay until others are named.
  assert.equal(told[3].primary, null);
  assert.deepEqual(told[3].credits, told[0].credits);
});

test('numbers of 64 bits arrive whole', async () => {
  await using box = await Box.open();
  const id = '9223372036854775807';
  box.client.sendText(`{"id":${id},"method":"getUserAgent"}\n`);
  await box.client.waitFor(() => box.client.lines.some((line) => line.includes(`"id":${id}`)), 'the answer');
});

test('unknown events, comments, non-JSON and CRLF in a stream are no fault; what follows the end is ignored', async () => {
  await using box = await Box.open();
  box.model.script(
    rawStream(
      ': ping\r\n\r\n',
      'data: not json\n\n',
      frame({ type: 'response.something.new', x: 1 }),
      `data: ${JSON.stringify(created())}\r\n\r\n`,
      frame(message('msg-1', 'Grüße 🎈')).replace('\n\n', ''),
      '\n\n',
      frame(completed()),
      frame(message('msg-2', 'too late')),
    ),
  );
  const turn = await box.completed(await box.thread(), 'Hi');
  assert.deepEqual(
    turn.items('agentMessage').map(({ text }) => text),
    ['Grüße 🎈'],
  );
});

test('calls that cannot be run are answered to the model, and the turn goes on', async () => {
  await using box = await Box.open();
  box.model.script(
    stream(
      calls(
        functionCall('c1', 'no_such_tool', {}),
        itemDone({ type: 'custom_tool_call', call_id: 'c2', name: 'no_such_custom', input: 'x' }),
        functionCall('c3', 'shell', 'not json'),
        functionCall('c4', 'shell', { command: 'a string' }),
        functionCall('c5', 'shell', { command: ['true'], sandbox_permissions: 'sideways' }),
        itemDone({ type: 'custom_tool_call', call_id: 'c6', name: 'shell', input: 'x' }),
        functionCall('c7', 'shell_command', { command: '   ' }),
        functionCall('c8', 'shell', { command: ['true'], timeout_ms: -1 }),
      ),
    ),
    stream(says('ok')),
  );
  const turn = await box.completed(await box.thread(), 'Hi');
  const input = await box.sent(2);
  assert.equal(outputOf(input, 'c1'), 'unsupported call: no_such_tool');
  assert.equal(outputOf(input, 'c2'), 'unsupported custom tool call: no_such_custom');
  for (const id of ['c3', 'c4', 'c5', 'c8']) assert.match(outputOf(input, id), /^failed to parse function arguments: /);
  outputOf(input, 'c6');
  outputOf(input, 'c7');
  const order = input.filter(({ type }) => String(type).endsWith('_output')).map(({ call_id }) => call_id);
  assert.deepEqual(order, ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8']);
  assert.equal(textOf(input.at(-1)), '');
  assert.equal(turn.items('agentMessage').length, 1);
});

test('raw items are told only to those who ask for them, in the order of the history', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one')), stream(says('two', 'msg-2')));
  const threadId = await box.thread({ experimentalRawEvents: true });
  const setUp = box.client.ofMethod('rawResponseItem/completed').map(({ params }) => params);
  assert.ok(setUp.length >= 2);
  assert.ok(setUp.every(({ turnId }) => turnId === 'auto-compact-0'));
  const turn = await box.completed(threadId, 'Hi');
  const raw = turn.all('rawResponseItem/completed').map(({ item }) => item);
  assert.deepEqual(
    raw.map((item) => [item.role, textOf(item), 'id' in item]),
    [
      ['user', 'Hi', false],
      ['assistant', 'one', false],
    ],
  );
  const quiet = await box.completed(await box.thread(), 'Hi');
  assert.deepEqual(quiet.all('rawResponseItem/completed'), []);
});

test('events-opt-out: named methods, or all older events, are not sent', async () => {
  await using box = await Box.open({
    capabilities: { optOutNotificationMethods: ['codex/event/*', 'item/agentMessage/delta'] },
  });
  box.model.script(stream(streams(['a', 'b'])));
  const turn = await box.completed(await box.thread(), 'Hi');
  assert.ok(!box.client.messages.some(({ method }) => method?.startsWith('codex/event/')));
  assert.deepEqual(turn.all('item/agentMessage/delta'), []);
  assert.equal(turn.items('agentMessage')[0].text, 'ab');
});
