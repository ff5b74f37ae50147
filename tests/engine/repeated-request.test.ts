/** What the model is asked again when a stream broke, and what a turn says before it begins. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, textOf } from '../support/box.ts';
import { calls, completed, created, itemDone, message, says } from '../support/model-events.ts';
import { cut, stream } from '../support/model-server.ts';

const RETRY = { provider: 'request_max_retries = 0\nstream_max_retries = 1\n' };

test('a broken request is repeated as it was, and what it had said is part of the next one', async () => {
  await using box = await Box.open(RETRY);
  box.model.script(cut(created(), message('m1', 'half')), stream(says('whole', 'm2')), stream(says('next', 'm3')));
  const thread = await box.thread();
  await box.completed(thread, 'go');
  assert.deepEqual(await box.sent(2), await box.sent(1));
  await box.completed(thread, 'on');
  const texts = (await box.sent(3)).slice(-4).map(textOf);
  assert.deepEqual(texts, ['go', 'half', 'whole', 'on']);
});

test('changed settings are told to the model before the turn is announced', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('ok', 'm1')));
  const thread = await box.thread({ experimentalRawEvents: true });
  const turn = await box.completed(thread, 'go', { cwd: box.folder });
  const names = box.client.messages.map(({ method, params }) => `${method} ${params?.id ?? ''}`);
  const raw = names.indexOf(`codex/event/raw_response_item ${turn.id}`);
  assert.ok(raw >= 0 && raw < names.indexOf(`codex/event/task_started ${turn.id}`), names.join('\n'));
});

test('an empty message is told and is not what the turn said last', async () => {
  await using box = await Box.open();
  box.model.script(stream(created(), message('m1', 'said'), message('m2', ''), completed()));
  await box.completed(await box.thread(), 'go');
  const told = (name: string) => box.client.ofMethod(`codex/event/${name}`).map(({ params }) => params.msg);
  assert.deepEqual(
    told('agent_message').map(({ message: text }) => text),
    ['said', ''],
  );
  assert.equal(told('task_complete')[0].last_agent_message, 'said');
});

test('a message of several parts is one item and a message event for each part', async () => {
  await using box = await Box.open();
  const content = ['a', 'b'].map((text) => ({ type: 'output_text', text }));
  box.model.script(stream(calls(itemDone({ type: 'message', role: 'assistant', id: 'm1', content }))));
  const turn = await box.completed(await box.thread(), 'go');
  assert.deepEqual(
    turn.items('agentMessage').map(({ text }) => text),
    ['ab'],
  );
  const events = box.client.ofMethod('codex/event/agent_message').map(({ params }) => params.msg.message);
  assert.deepEqual(events, ['a', 'b']);
});

test('a span without a placeholder gets the text it covers, unless it cuts a character', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('ok', 'm1')));
  const spans = [
    { byteRange: { start: 0, end: 2 } },
    { byteRange: { start: 1, end: 2 } },
    { byteRange: { start: 0, end: 9 } },
  ];
  await box.completed(await box.thread(), [{ type: 'text', text: 'äb', text_elements: spans }]);
  const [event] = box.client.ofMethod('codex/event/user_message');
  const found = event?.params.msg.text_elements.map(({ placeholder }: { placeholder: unknown }) => placeholder);
  assert.deepEqual(found, ['ä', null, null]);
});
