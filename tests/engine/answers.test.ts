import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, type BoxOptions, type Item, outputOf } from '../support/box.ts';
import {
  completed,
  created,
  itemAdded,
  itemDone,
  type Json,
  type ModelEvent,
  messageItem,
  says,
  textDelta,
} from '../support/model-events.ts';
import { json, type Reply, rawStream, status, stream, withHeaders } from '../support/model-server.ts';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const output = (...items: readonly Json[]): ModelEvent => ({
  type: 'response.completed',
  response: { id: 'r', output: items },
});
const typed = (type: string, fields: Json): ModelEvent => ({ type, ...fields });
const lastInput = (box: Box): readonly Item[] => (box.model.to().at(-1)?.body.input ?? []) as readonly Item[];
const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

/** Ways of saying "Hello" that are understood. */
const WORDS: readonly (readonly [string, Reply])[] = [
  ['content as a string', stream(itemDone({ type: 'message', role: 'assistant', content: 'Hello' }), completed())],
  [
    'content as one part',
    stream(
      itemDone({ type: 'message', role: 'assistant', content: { type: 'output_text', text: 'Hello' } }),
      completed(),
    ),
  ],
  [
    'parts of an unknown type beside it',
    stream(itemDone({ type: 'message', content: [{ type: 'new' }, { type: 'text', text: 'Hello' }] }), completed()),
  ],
  [
    'a refusal',
    stream(itemDone({ ...messageItem('m', ''), content: [{ type: 'refusal', refusal: 'Hello' }] }), completed()),
  ],
  ['no role and no type', stream(itemDone({ content: [{ type: 'output_text', text: 'Hello' }] }), completed())],
  ['deltas only', stream(created(), textDelta('Hel'), textDelta('lo'), completed())],
  ['deltas of an item that was added', stream(itemAdded(messageItem('m', null)), textDelta('Hello'), completed())],
  [
    'deltas, and an item without content',
    stream(itemAdded(messageItem('m', null)), textDelta('Hello'), itemDone(messageItem('m', null)), completed()),
  ],
  [
    'the whole text in output_text.done',
    stream(typed('response.output_text.done', { item_id: 'm', text: 'Hello' }), completed()),
  ],
  ['the list of the completion only', stream(created(), output(messageItem('m', 'Hello')))],
  ['deltas, and the list of the completion', stream(textDelta('Hello'), output(messageItem('m', 'Hello')))],
  [
    'an item and the list of the completion',
    stream(itemDone(messageItem('m', 'Hello')), output(messageItem('m', 'Hello'))),
  ],
  [
    'an item without an id and the list of the completion',
    stream(typed('response.output_item.done', { output_index: 0, item: { type: 'message', content: 'Hello' } }), {
      type: 'response.completed',
      response: { output: [{ type: 'message', content: 'Hello' }] },
    }),
  ],
  [
    'another id at the end than at the beginning',
    stream(itemAdded(messageItem('a', null)), textDelta('Hello'), itemDone(messageItem('b', 'Hello')), completed()),
  ],
  ['a completion without an id', stream(itemDone(messageItem('m', 'Hello')), typed('response.completed', {}))],
  [
    'events that only their name tells apart',
    rawStream(
      `event: response.output_item.done\ndata: ${JSON.stringify({ item: messageItem('m', 'Hello') })}\n\n`,
      'event: response.completed\ndata: {"response":{"id":"r"}}\n\n',
    ),
  ],
  [
    'a completion whose blank line is missing',
    rawStream(data(itemDone(messageItem('m', 'Hello'))), `data: ${JSON.stringify(completed())}`),
  ],
  ['the closing mark of another dialect', rawStream(data(itemDone(messageItem('m', 'Hello'))), 'data: [DONE]\n\n')],
  ['deltas and that mark only', rawStream(data(textDelta('Hello')), 'data: [DONE]\n\n')],
  ['a response that is not streamed', json({ id: 'r', object: 'response', output: [messageItem('m', 'Hello')] })],
  ['a stream under another name', withHeaders({ 'content-type': 'application/json' }, stream(says('Hello')))],
];

test('an answer counts however it comes', async () => {
  await using box = await Box.open();
  for (const [what, reply] of WORDS) {
    box.model.script(reply, stream(says('on', 'msg-2')));
    const threadId = await box.thread();
    const turn = await box.completed(threadId, 'go');
    const texts = turn.items('agentMessage').map(({ text }) => text);
    assert.deepEqual(texts, ['Hello'], what);
    await box.completed(threadId, 'on');
    const said = lastInput(box).filter(({ role }) => role === 'assistant');
    const sent = said.map(({ content }) => content[0].text);
    assert.deepEqual(sent, ['Hello'], what);
  }
});

const PLAN = { plan: [{ step: 'look', status: 'completed' }] };
const call = (fields: Json): Json => ({
  type: 'function_call',
  call_id: 'c1',
  name: 'update_plan',
  arguments: JSON.stringify(PLAN),
  ...fields,
});

/** Ways of calling update_plan that are understood. */
const CALLS: readonly (readonly [string, Reply])[] = [
  ['no call_id, but an id', stream(itemDone(call({ call_id: undefined, id: 'c1' })), completed())],
  ['neither', stream(itemDone(call({ call_id: undefined })), completed())],
  ['arguments as an object', stream(itemDone(call({ arguments: PLAN })), completed())],
  ['no type', stream(itemDone(call({ type: undefined })), completed())],
  [
    'name and arguments as a function',
    stream(itemDone({ type: 'function_call', function: { name: 'update_plan', arguments: PLAN } }), completed()),
  ],
  [
    'arguments as deltas only',
    stream(
      typed('response.output_item.added', { output_index: 0, item: call({ arguments: '' }) }),
      ...[...JSON.stringify(PLAN)].map((delta) =>
        typed('response.function_call_arguments.delta', { output_index: 0, delta }),
      ),
      completed(),
    ),
  ],
  [
    'arguments at the end only',
    stream(
      itemAdded(call({ arguments: '', id: 'f1' })),
      typed('response.function_call_arguments.done', { item_id: 'f1', arguments: JSON.stringify(PLAN) }),
      completed(),
    ),
  ],
  ['the list of the completion only', stream(created(), output(call({})))],
];

test('a call is made however it comes', async () => {
  await using box = await Box.open();
  for (const [what, reply] of CALLS) {
    box.model.script(reply, stream(says('done')));
    const turn = await box.completed(await box.thread(), 'go');
    assert.equal(turn.all('turn/plan/updated').length, 1, what);
    const made = lastInput(box).filter(({ type }) => type === 'function_call');
    assert.equal(made.length, 1, what);
    assert.deepEqual(JSON.parse(made[0]?.arguments), PLAN, what);
    assert.equal(outputOf(lastInput(box), made[0]?.call_id), 'Plan updated', what);
  }
});

/** What a turn on a thread of its own fails with. */
async function failure(box: Box): Promise<string> {
  const { status: how, error } = await (await box.turn(await box.thread(), 'go')).ended();
  assert.equal(how, 'failed');
  return error.message;
}

const CAUSES: readonly (readonly [string, Reply, RegExp])[] = [
  ['no output at all', stream(created(), completed()), /completed its response without any output/],
  ['only what nobody knows', stream(itemDone({ type: 'brand_new' }), completed()), /without any output/],
  ['a call without a name', stream(itemDone(call({ name: undefined })), completed()), /a function_call without a name/],
  [
    'a message without words',
    stream(itemDone({ type: 'message', content: [{ type: 'new' }] }), completed()),
    /a message/,
  ],
  ['an error event', stream(created(), typed('error', { code: 'server_error', message: 'boom' })), /: boom$/],
  ['an error event with an error', stream(typed('error', { error: { message: 'boom' } })), /: boom$/],
  ['an error event without words', stream(typed('error', { code: 'E7' })), /error event received \(E7\)$/],
  ['an event of that name', rawStream('event: error\ndata: boom\n\n'), /: boom$/],
  ['an event that is an error', rawStream('data: {"error":{"message":"boom"}}\n\n'), /: boom$/],
  ['JSON with an error', json({ error: { message: 'boom', code: 'x' } }), /: boom$/],
  ['JSON with an error as text', json({ error: 'boom' }), /: boom$/],
  ['other JSON', json({ hello: 1 }), /sent JSON \(application\/json\) in place of a stream: \{"hello":1\}$/],
  ['lines of JSON', status(200, '{"type":"response.created"}\n{"type":"response.done"}\n'), /sent lines of JSON/],
  ['JSON that breaks off', status(200, '{"output":[{"ty'), /sent JSON that breaks off/],
  [
    'an HTML page',
    withHeaders(HTML, status(200, '<!DOCTYPE html><html><head><title>Sign\n in</title></head></html>')),
    /sent an HTML page \(text\/html; charset=utf-8\) in place of a stream: Sign in$/,
  ],
  ['plain text', status(200, 'try later'), /sent text \(text\/plain\) in place of a stream: try later$/],
  ['an empty body', stream(), /sent an empty answer in place of a stream$/],
  [
    'a compressed body',
    withHeaders({ 'content-encoding': 'gzip' }, status(200, 'x')),
    /compressed \(gzip\), which was not asked for$/,
  ],
  ['an empty refusal', status(400, ''), /status 400 Bad Request/],
  ['a redirect to nowhere', status(302, ''), /status 302 Found/],
  ['an event that breaks off', rawStream('data: {"type":"respon'), /broke off in the middle of an event$/],
  ['a quota that ran out, as JSON', json({ error: { code: 'insufficient_quota', message: 'x' } }), /^Quota exceeded\./],
];

test('a turn that fails says what was wrong', async () => {
  await using box = await Box.open();
  for (const [what, reply, pattern] of CAUSES) {
    box.model.script(reply);
    const message = await failure(box);
    assert.match(message, pattern, what);
    assert.doesNotMatch(message, /stream closed before/, what);
  }
});

test('a redirect that ends at a page says so', async () => {
  await using box = await Box.open();
  box.model.script(status(302, '', { location: '/login' }));
  box.model.route('GET', '/login', withHeaders(HTML, status(200, '<html><title>Sign in</title></html>')));
  assert.match(await failure(box), /an HTML page .*: Sign in$/);
});

const CHAT: BoxOptions = { args: ['-c', 'model_providers.local.wire_api="chat"'] };
const chunk = (choice: Json): string => data({ choices: [choice] });
const CHAT_PATH = '/v1/chat/completions';

const CHAT_WORDS: readonly (readonly [string, Reply])[] = [
  ['content as parts', rawStream(chunk({ delta: { content: [{ type: 'text', text: 'Hello' }] } }))],
  ['a message in a delta’s place', rawStream(chunk({ message: { content: 'Hello' }, finish_reason: 'stop' }))],
  ['a refusal', rawStream(chunk({ delta: { refusal: 'Hello' } }))],
  ['an answer that is not streamed', json({ choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }] })],
  ['a last event without its blank line', rawStream(chunk({ delta: { content: 'Hello' } }).trimEnd())],
];

test('an answer of the chat dialect counts however it comes', async () => {
  await using box = await Box.open(CHAT);
  for (const [what, reply] of CHAT_WORDS) {
    box.model.route('POST', CHAT_PATH, reply);
    const turn = await box.completed(await box.thread(), 'go');
    assert.equal(turn.items('agentMessage')[0].text, 'Hello', what);
  }
});

const CHAT_CALLS: readonly (readonly [string, Json])[] = [
  [
    'arguments as an object',
    { tool_calls: [{ index: 0, id: 'c', function: { name: 'update_plan', arguments: PLAN } }] },
  ],
  ['no id', { tool_calls: [{ function: { name: 'update_plan', arguments: JSON.stringify(PLAN) } }] }],
  ['the older form', { function_call: { name: 'update_plan', arguments: JSON.stringify(PLAN) } }],
];

test('a call of the chat dialect is made however it comes', async () => {
  await using box = await Box.open(CHAT);
  for (const [what, delta] of CHAT_CALLS) {
    let asked = 0;
    box.model.route('POST', CHAT_PATH, () => {
      asked += 1;
      return rawStream(asked > 1 ? chunk({ delta: { content: 'done' } }) : chunk({ delta, finish_reason: 'stop' }));
    });
    const turn = await box.completed(await box.thread(), 'go');
    assert.equal(turn.all('turn/plan/updated').length, 1, what);
  }
});

const CHAT_CAUSES: readonly (readonly [string, Reply, RegExp])[] = [
  ['nothing said', rawStream(chunk({ delta: { content: '' }, finish_reason: 'stop' })), /without any output/],
  ['only the closing mark', rawStream('data: [DONE]\n\n'), /without any output/],
  ['an answer held back', rawStream(chunk({ delta: {}, finish_reason: 'content_filter' })), /content_filter/],
  ['a call without a name', rawStream(chunk({ delta: { tool_calls: [{ index: 0 }] } })), /without its name/],
  ['an error', rawStream(data({ error: { message: 'boom' } })), /: boom$/],
  ['an error as text', rawStream(data({ error: 'boom' })), /: boom$/],
  ['JSON with an error', json({ error: { message: 'boom' } }), /: boom$/],
  ['an HTML page', withHeaders(HTML, status(200, '<html><title>Sign in</title></html>')), /HTML page .*: Sign in$/],
  ['a full window', json({ error: { code: 'context_length_exceeded', message: 'x' } }), /ran out of room/],
];

test('a turn of the chat dialect that fails says what was wrong', async () => {
  await using box = await Box.open(CHAT);
  for (const [what, reply, pattern] of CHAT_CAUSES) {
    box.model.route('POST', CHAT_PATH, reply);
    assert.match(await failure(box), pattern, what);
  }
});
