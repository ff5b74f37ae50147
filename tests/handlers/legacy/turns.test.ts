import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, type Item, textOf } from '../../support/box.ts';
import { calls, says, shell, streams } from '../../support/model-events.ts';
import { gate, hang, stream } from '../../support/model-server.ts';
import { Conversation, text, UNKNOWN_ID } from './conversation.ts';

const answer = (n: number) => stream(says(`answer ${n}`, `msg-${n}`));

async function begun(box: Box): Promise<Conversation> {
  const conversation = await Conversation.begin(box);
  await conversation.listen();
  return conversation;
}

/** Settings of the requests upstream, as they are stored. */
const contextsOf = (box: Box, { path }: Conversation) =>
  box
    .read(path)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'turn_context')
    .map(({ payload }) => payload);

test('sendUserMessage answers before the turn, whose events come in order', async () => {
  await using box = await Box.open();
  box.model.script(stream(streams(['an', 'swer'])));
  const conversation = await begun(box);
  const reply = await box.client.request('sendUserMessage', {
    conversationId: conversation.id,
    items: [text('hello')],
  });
  assert.deepEqual(reply.result, {});
  const ended = await conversation.event('task_complete');
  assert.equal(ended.params.msg.last_agent_message, 'answer');
  await box.client.waitFor(({ method }) => method === 'turn/completed', 'turn/completed');
  const behind = box.client.messages.slice(box.client.messages.indexOf(reply) + 1).map(({ method }) => method);
  const plain = behind.filter((method) => !/token_count|tokenUsage|rateLimits/.test(method ?? ''));
  assert.deepEqual(plain, [
    'codex/event/task_started',
    'codex/event/item_started',
    'item/started',
    'codex/event/item_completed',
    'item/completed',
    'codex/event/user_message',
    'codex/event/item_started',
    'item/started',
    ...['an', 'swer'].flatMap(() => [
      'codex/event/agent_message_content_delta',
      'item/agentMessage/delta',
      'codex/event/agent_message_delta',
    ]),
    'codex/event/item_completed',
    'item/completed',
    'codex/event/agent_message',
    'codex/event/task_complete',
    'turn/completed',
  ]);
});

test('input of every kind arrives: text with spans, images, local images', async () => {
  await using box = await Box.open();
  box.model.script(answer(1));
  const conversation = await begun(box);
  const span = { byteRange: { start: 0, end: 2 }, placeholder: '<hi>' };
  const png = box.write('a.png', Buffer.from('iVBORw0KGgo=', 'base64'));
  await conversation.send(
    { type: 'text', data: { text: 'hi there', text_elements: [span] } },
    { type: 'image', data: { image_url: 'data:image/png;base64,AAAA' } },
    { type: 'localImage', data: { path: png } },
  );
  const { params } = await conversation.event('user_message');
  assert.deepEqual(params.msg, {
    type: 'user_message',
    message: 'hi there',
    images: ['data:image/png;base64,AAAA'],
    local_images: [png],
    text_elements: [{ byte_range: { start: 0, end: 2 }, placeholder: '<hi>' }],
  });
  assert.match(
    (await box.error('sendUserMessage', { conversationId: conversation.id, items: [{ type: 'text', text: 'flat' }] }))
      .message,
    /missing field `data`/,
  );
});

test('sendUserTurn changes settings for its turn and all that follow; its schema is for the one turn', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2), answer(3));
  const conversation = await begun(box);
  const elsewhere = join(box.folder, 'elsewhere');
  mkdirSync(elsewhere);
  const outputSchema = { type: 'object', properties: {}, additionalProperties: false };
  const settings = { cwd: elsewhere, model: 'newer', effort: 'low', outputSchema };
  await conversation.sendTurn('one', settings);
  await conversation.event('task_complete');
  await conversation.send('two');
  await conversation.event('task_complete');
  const [first, second] = [await box.model.waitForRequest(1), await box.model.waitForRequest(2)];
  assert.deepEqual([first.body.model, second.body.model], ['newer', 'newer']);
  const format = { type: 'json_schema', name: 'codex_output_schema', strict: true, schema: outputSchema };
  assert.deepEqual(first.body.text, { format });
  assert.equal(second.body.text, undefined);
  const texts = second.body.input.map(textOf);
  assert.ok(texts.some((each: string) => each.includes(`<cwd>${elsewhere}</cwd>`)));
  // An effort that is absent is none.
  await conversation.sendTurn('three', { model: 'newer' });
  await conversation.event('task_complete');
  const efforts = contextsOf(box, conversation).map((context) => [context.model, context.effort]);
  assert.deepEqual(efforts, [
    ['newer', 'low'],
    ['newer', 'low'],
    ['newer', undefined],
  ]);
});

test('sendUserTurn understands every policy in its older spelling', async () => {
  await using box = await Box.open();
  const policies = [
    { type: 'read-only' },
    { type: 'workspace-write', writable_roots: [box.folder], network_access: true },
    { type: 'external-sandbox', network_access: 'enabled' },
    { type: 'danger-full-access' },
  ];
  const conversation = await begun(box);
  for (const [n, sandboxPolicy] of policies.entries()) {
    box.model.script(answer(n));
    await conversation.sendTurn('go', { sandboxPolicy });
    await conversation.event('task_complete');
  }
  const contexts = contextsOf(box, conversation).map((context) => context.sandbox_policy);
  const [readOnly, workspace, external, full] = contexts;
  assert.deepEqual([readOnly, external, full], [policies[0], policies[2], policies[3]]);
  assert.deepEqual([workspace.writable_roots, workspace.network_access], [[box.folder], true]);
  const v2 = await box.error('sendUserTurn', {
    conversationId: conversation.id,
    items: [],
    cwd: '/',
    approvalPolicy: 'never',
    sandboxPolicy: { type: 'readOnly' },
    model: 'm',
    summary: 'auto',
  });
  assert.match(v2.message, /unknown variant `readOnly`/);
});

test('interruptConversation is answered between the abort and the end of the turn', async () => {
  await using box = await Box.open();
  box.model.script(hang(streams(['so far']).slice(0, 3)));
  const conversation = await begun(box);
  await conversation.send('go');
  await conversation.event('agent_message_delta');
  const reply = await box.client.request('interruptConversation', { conversationId: conversation.id });
  assert.deepEqual(reply.result, { abortReason: 'interrupted' });
  const ended = await box.client.waitFor(({ method }) => method === 'turn/completed', 'turn/completed');
  assert.equal(ended.params.turn.status, 'interrupted');
  const aborted = await conversation.event('turn_aborted');
  const places = [aborted, reply, ended].map((each) => box.client.messages.indexOf(each));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
});

test('interrupt-idle: interruptConversation with nothing to interrupt is answered at once, also without a listener', async () => {
  await using box = await Box.open();
  const { id: conversationId } = await Conversation.begin(box);
  assert.deepEqual(await box.call('interruptConversation', { conversationId }), { abortReason: 'interrupted' });
  box.model.script(hang(streams(['so far']).slice(0, 3)));
  await box.call('sendUserMessage', { conversationId, items: [text('go')] });
  await box.sent(1);
  assert.deepEqual(await box.call('interruptConversation', { conversationId }), { abortReason: 'interrupted' });
});

/** A conversation whose first turn waits for the model, until `held` is opened; a second reply is there. */
async function busy(box: Box) {
  const held = gate();
  box.model.script(stream(held.wait, says('one', 'msg-1')), stream(says('two', 'msg-2')));
  const conversation = await begun(box);
  await conversation.send('first');
  await held.reached;
  return { conversation, held };
}

test('steer: a message for a busy conversation joins the running turn', async () => {
  await using box = await Box.open();
  const { conversation, held } = await busy(box);
  await conversation.send('second');
  held.open();
  await conversation.event('task_complete');
  assert.ok((await box.sent(2)).map(textOf).includes('second'));
  const types = conversation.types();
  assert.deepEqual(
    ['task_started', 'user_message', 'task_complete'].map((type) => types.filter((each) => each === type).length),
    [1, 2, 1],
  );
});

test('steer: an empty message joins the running turn too, and asks nothing of an idle conversation', async () => {
  await using box = await Box.open();
  const { conversation, held } = await busy(box);
  await box.call('sendUserMessage', { conversationId: conversation.id, items: [] });
  held.open();
  await conversation.event('task_complete');
  assert.deepEqual((await box.sent(2)).at(-1), { type: 'message', role: 'user', content: [] });
  const [turn] = await box.turnsOf(conversation.id);
  assert.deepEqual(
    turn.items.map(({ type, content }: Item) => [type, content?.length]),
    [
      ['userMessage', 1],
      ['agentMessage', undefined],
      ['userMessage', 0],
      ['agentMessage', undefined],
    ],
  );
  await box.call('sendUserMessage', { conversationId: conversation.id, items: [] });
  await box.client.takeMethod('turn/completed');
  await box.client.takeMethod('turn/completed');
  assert.equal(box.model.to().length, 2);
});

test('the second protocol’s methods work on a conversation, and the other way round', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2), stream(calls(shell('call-1', ['true']))), answer(3));
  const conversation = await begun(box);
  const turn = await box.completed(conversation.id, 'by turn/start');
  assert.equal(turn.all('turn/started').length, 1);
  const threadId = await box.thread();
  await box.call('sendUserMessage', { conversationId: threadId, items: [text('by sendUserMessage')] });
  await box.client.waitFor(
    ({ method, params }) => method === 'turn/completed' && params.threadId === threadId,
    'turn/completed',
  );
  assert.equal((await box.turnsOf(threadId)).length, 1);
});

test('turns of conversations: every refusal has its code and text', async () => {
  await using box = await Box.open();
  const refusal = { code: -32600, message: `conversation not found: ${UNKNOWN_ID}` };
  const conversationId = UNKNOWN_ID;
  assert.deepEqual(await box.error('sendUserMessage', { conversationId, items: [] }), refusal);
  assert.deepEqual(await box.error('interruptConversation', { conversationId }), refusal);
  const turn = { cwd: '/', approvalPolicy: 'never', sandboxPolicy: { type: 'read-only' }, model: 'm', summary: 'auto' };
  assert.deepEqual(await box.error('sendUserTurn', { conversationId, items: [], ...turn }), refusal);
  assert.equal((await box.error('sendUserMessage', undefined)).message, 'Invalid request: missing field `params`');
});
