import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, outputOf, textOf } from '../support/box.ts';
import {
  completed,
  created,
  functionCall,
  itemAdded,
  itemDone,
  type Json,
  messageItem,
  reasoningDelta,
  reasoningItem,
  says,
  summaryDelta,
  summaryPartAdded,
  textDelta,
} from '../support/model-events.ts';
import { rawStream, status, stream } from '../support/model-server.ts';

/** Half a pair as an escape that is still one when the surrounding JSON has been read. */
const HALF = /(?<!\\)\\u[dD][89a-fA-F]/;

/** All that a thread left behind: requests upstream, lines to the client, files of the home. */
function assertWhole(box: Box): void {
  for (const { bytes } of box.model.received) assert.doesNotMatch(bytes.toString('utf8'), HALF);
  for (const message of box.client.messages) assert.doesNotMatch(JSON.stringify(message), HALF);
  for (const name of readdirSync(box.home, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.jsonl')) assert.doesNotMatch(readFileSync(join(box.home, name), 'utf8'), HALF);
  }
}

test('well-formed: text of the client that is not whole is made so, and the thread goes on, after a restart too', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one')), stream(says('two', 'msg-2')), stream(says('three', 'msg-3')));
  const threadId = await box.thread({ developerInstructions: 'be \ud83d', baseInstructions: 'base \udc00' });
  await box.completed(threadId, 'see \ud83d', { outputSchema: { description: 'x\ud83d', '\ud83dkey': 1 } });
  await box.call('thread/name/set', { threadId, name: 'name \ud83d' });
  assert.deepEqual((await box.sent()).map(textOf).at(-1), 'see \ufffd');
  await box.completed(threadId, 'go on');
  await box.start();
  await box.call('thread/resume', { threadId });
  const { data } = await box.call('thread/list', {});
  assert.equal(data[0].preview, 'see \ufffd');
  await box.completed(threadId, 'and on');
  assert.ok((await box.sent(3)).map(textOf).includes('see \ufffd'));
  assertWhole(box);
});

test('well-formed: the older methods, and answers of the client, are made whole too', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted', tables: '[features]\ncollaboration_modes = true\n' });
  const questions = [{ id: 'q', header: 'h', question: 'w?', options: [{ label: 'a', description: 'b' }] }];
  box.model.script(
    stream(created(), functionCall('c1', 'request_user_input', { questions }), completed()),
    stream(says('done')),
    stream(says('older', 'msg-2')),
  );
  const threadId = await box.thread();
  const settings = { model: 'some-model', reasoning_effort: null, developer_instructions: 'plan \ud83d' };
  const turn = await box.turn(threadId, 'ask', { collaborationMode: { mode: 'plan', settings } });
  box.client.answer(await turn.take('item/tool/requestUserInput'), { answers: { q: { answers: ['half \ud83d'] } } });
  await turn.ended();
  assert.match(outputOf(await box.sent(2), 'c1'), /half \ufffd/);
  const { conversationId } = await box.call('newConversation', {});
  await box.call('sendUserMessage', { conversationId, items: [{ type: 'text', data: { text: 'old \ud83d' } }] });
  assert.equal(textOf((await box.sent(3)).at(-1)), 'old \ufffd');
  assertWhole(box);
});

test('well-formed: whatever the model sends is stored, shown and sent back whole', async () => {
  await using box = await Box.open();
  const broken: readonly Json[] = [
    messageItem('m\ud83d', 'half \ud83d'),
    reasoningItem('rs-\ud83d', ['sum \udc00'], ['thought \ud83d']),
    { type: 'function_call', id: 'f', call_id: 'c\ud83d', name: 'no_such\ud83d', arguments: '{"a":"\ud83d"}' },
    { type: 'custom_tool_call', call_id: 'd\udc00', name: 'nor_this\ud83d', input: 'patch \ud83d' },
    {
      type: 'local_shell_call',
      call_id: 'e',
      status: 'completed',
      action: { type: 'exec', command: ['echo', '\ud83d'], env: { '\ud83d': '\udc00' } },
    },
    { type: 'web_search_call', id: 'w', status: 's\ud83d', action: { type: 'search', query: 'q\ud83d' } },
    { type: 'brand_new', text: '\ud83d' },
  ];
  box.model.script(
    stream(created(), ...broken.map(itemDone), completed('resp\ud83d')),
    stream(says('done', 'msg-2')),
    stream(says('on', 'msg-3')),
  );
  const threadId = await box.thread({ experimentalRawEvents: true });
  const turn = await box.completed(threadId, 'go');
  assert.equal(turn.items('agentMessage')[0].text, 'half \ufffd');
  await box.completed(threadId, 'on');
  assertWhole(box);
});

test('well-formed: arguments that spell half a pair reach the tool, and the model again, whole', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  const args = '{"command":["printf","%s","<\\ud83d>"]}';
  const item = { type: 'function_call', call_id: 'c1', name: 'shell', arguments: args };
  box.model.script(stream(created(), itemDone(item), completed()), stream(says('done')));
  const turn = await box.completed(await box.thread(), 'go');
  assert.equal(turn.items('commandExecution')[0].aggregatedOutput, '<\ufffd>');
  const sent = (await box.sent(2)).find(({ type }) => type === 'function_call');
  assert.equal(sent?.arguments, '{"command":["printf","%s","<\\ufffd>"]}');
  assertWhole(box);
});

test('well-formed: a pair that two deltas share comes out whole; a half without its other is replaced', async () => {
  await using box = await Box.open();
  box.model.script(
    stream(
      created(),
      itemAdded({ type: 'reasoning', id: 'rs', summary: [] }),
      summaryPartAdded(0),
      ...['s\ud83d', '\ude00'].map((part) => summaryDelta(part)),
      ...['r\ud83d', '\ude00', '\ud83d'].map((part) => reasoningDelta(part)),
      itemDone(reasoningItem('rs', ['s😀'], ['r😀\ud83d'])),
      itemAdded(messageItem('m', null)),
      ...['a\ud83d', '\ude00b', '\ud83d', 'c', '\ud83d'].map(textDelta),
      itemDone(messageItem('m', 'a😀b\ud83dc\ud83d')),
      completed(),
    ),
    stream(says('on', 'msg-2')),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'go');
  const joined = (method: string): string =>
    turn
      .all(method)
      .map(({ delta }) => delta)
      .join('');
  assert.equal(joined('item/agentMessage/delta'), 'a😀b\ufffdc\ufffd');
  assert.equal(joined('item/reasoning/summaryTextDelta'), 's😀');
  assert.equal(joined('item/reasoning/textDelta'), 'r😀\ufffd');
  assert.equal(turn.items('agentMessage')[0].text, 'a😀b\ufffdc\ufffd');
  await box.completed(threadId, 'on');
  assert.ok((await box.sent(2)).map(textOf).includes('a😀b\ufffdc\ufffd'));
  assertWhole(box);
});

test('well-formed: the chat dialect too, in words, thoughts and calls', async () => {
  await using box = await Box.open({ args: ['-c', 'model_providers.local.wire_api="chat"'] });
  const chunk = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`;
  const call = (args: string): object => ({
    tool_calls: [{ index: 0, id: 'c\ud83d', function: { name: 'no_such', arguments: args } }],
  });
  let replies = 0;
  box.model.route('POST', '/v1/chat/completions', () => {
    replies += 1;
    if (replies > 1) return rawStream(chunk({ content: 'on' }, 'stop'), 'data: [DONE]\n\n');
    const words = ['h\ud83d', '\ude00', '\ud83d'].map((content) => chunk({ content }));
    const thoughts = ['t\ud83d', '\ude00', '\ud83d'].map((text) => chunk({ reasoning: text }));
    const calls = [chunk(call('{"a":"\ud83d')), chunk(call('\ude00 \\ud83d"}')), chunk({}, 'tool_calls')];
    return rawStream(...thoughts, ...words, ...calls, 'data: [DONE]\n\n');
  });
  const turn = await box.completed(await box.thread(), 'see \ud83d');
  assert.equal(turn.items('agentMessage')[0].text, 'h😀\ufffd');
  const deltas = turn.all('item/agentMessage/delta').map(({ delta }) => delta);
  assert.equal(deltas.slice(0, -1).join(''), 'h😀\ufffd');
  const { body } = await box.model.waitForRequest(2, '/v1/chat/completions');
  const { messages } = body as unknown as { messages: { tool_calls?: { function: { arguments: string } }[] }[] };
  const given = messages.flatMap(({ tool_calls }) => tool_calls ?? []).map((made) => made.function.arguments);
  assert.deepEqual(given, ['{"a":"😀 \\ufffd"}']);
  assertWhole(box);
});

test('well-formed: what a failing service says is shown whole', async () => {
  await using box = await Box.open();
  const failures = [
    status(400, '{"error":{"message":"no \\ud83d"}}'),
    stream(created(), { type: 'response.failed', response: { error: { code: 'x', message: 'no \ud83d' } } }),
    stream(created(), { type: 'error', message: 'no \ud83d' }),
  ];
  box.model.script(...failures);
  const threadId = await box.thread();
  for (const _each of failures) assert.equal((await (await box.turn(threadId, 'go')).ended()).status, 'failed');
  assertWhole(box);
});

test('well-formed: files read for the model are cut between characters', async () => {
  await using box = await Box.open({ top: 'project_doc_max_bytes = 10\n' });
  box.write('AGENTS.md', '1234567😀89');
  box.model.script(stream(says('done')));
  await box.completed(await box.thread(), 'go');
  const instructions = (await box.sent()).map(textOf).find((text) => text.startsWith('# AGENTS.md'));
  assert.match(instructions ?? '', /<INSTRUCTIONS>\n1234567\n\n## Skills/);
});

test('well-formed: a character where the output of a command is divided is shown whole', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  const script = "printf '%08191d😀 \\xf0\\x9f' 0";
  box.model.script(
    stream(created(), functionCall('c1', 'shell', { command: ['bash', '-c', script] }), completed()),
    stream(says('done')),
  );
  const turn = await box.completed(await box.thread(), 'go');
  const deltas = turn.all('item/commandExecution/outputDelta').map(({ delta }) => delta);
  assert.ok(deltas.length > 1);
  assert.equal(deltas.join(''), `${'0'.repeat(8191)}😀 \ufffd`);
});
