import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, textOf } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';
import { Conversation, UNKNOWN_ID } from './conversation.ts';

const answer = (n: number) => stream(says(`answer ${n}`, `msg-${n}`));

test('newConversation stores a thread, with what the request says, and tells nothing', async () => {
  await using box = await Box.open({
    tables: '[profiles.quick]\nmodel = "quick-model"\nmodel_reasoning_effort = "low"\n',
  });
  const { conversationId, rolloutPath, ...rest } = await box.call('newConversation', { profile: 'quick' });
  assert.deepEqual(rest, { model: 'quick-model', reasoningEffort: 'low' });
  assert.ok(existsSync(rolloutPath) && rolloutPath.includes(conversationId));
  assert.deepEqual((await box.call('thread/loaded/list')).data, [conversationId]);
  assert.deepEqual(
    box.client.messages.filter(({ method }) => method !== undefined && method !== 'configWarning'),
    [],
  );
});

test('a switch of newConversation that has a new name works, and its listener is told the name', async () => {
  await using box = await Box.open();
  const begun = await Conversation.begin(box, { includeApplyPatchTool: true });
  await begun.listen();
  const { params } = await begun.event('deprecation_notice');
  assert.match(params.msg.summary, /`include_apply_patch_tool` is deprecated/);
  box.model.script(answer(1));
  await begun.send('first');
  const { tools } = (await box.model.waitForRequest(1)).body;
  assert.ok(tools.some(({ name }) => name === 'apply_patch'));
});

test('resumeConversation tells of the conversation first, then answers, with all stored events', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2));
  const begun = await Conversation.begin(box, { baseInstructions: 'Stored base.' });
  await begun.listen();
  await begun.send('first');
  await begun.event('task_complete');
  await box.start();
  const reply = await box.client.request('resumeConversation', {
    conversationId: begun.id.toUpperCase(),
    overrides: { model: 'newer' },
  });
  const { result } = reply;
  const told = box.client.ofMethod('sessionConfigured');
  assert.equal(told.length, 1);
  assert.ok(told[0] && box.client.messages.indexOf(told[0]) < box.client.messages.indexOf(reply));
  assert.deepEqual(told[0].params, {
    sessionId: begun.id,
    model: 'newer',
    reasoningEffort: null,
    historyLogId: 0,
    historyEntryCount: 0,
    initialMessages: result.initialMessages,
    rolloutPath: begun.path,
  });
  assert.deepEqual([result.conversationId, result.model, result.rolloutPath], [begun.id, 'newer', begun.path]);
  const stored = readFileSync(begun.path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'event_msg')
    .map(({ payload }) => payload);
  assert.deepEqual(result.initialMessages, stored);
  assert.deepEqual(
    stored.map(({ type }) => type).filter((type) => type !== 'token_count'),
    ['user_message', 'agent_message'],
  );
  // Nobody listens yet.
  const resumed = new Conversation(box, begun.id, begun.path);
  assert.deepEqual(resumed.types(), []);
  await resumed.listen();
  await resumed.event('warning');
  await resumed.send('second');
  await resumed.event('task_complete');
  const { body } = await box.model.waitForRequest(2);
  assert.deepEqual([body.model, body.instructions], ['newer', 'Stored base.']);
  // A loaded one is joined: the same answer.
  const joined = await box.call('resumeConversation', { path: begun.path });
  assert.deepEqual([joined.conversationId, joined.model], [begun.id, 'newer']);
  assert.ok(joined.initialMessages.length > stored.length);
});

test('sessionConfigured names the log of prompts by inode and length', async () => {
  await using box = await Box.open();
  const log = box.write(join(box.home, 'history.jsonl'), '{"text":"a"}\n{"text":"b"}\ntorn');
  const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'from elsewhere' }] };
  const { initialMessages } = await box.call('resumeConversation', { history: [item] });
  assert.deepEqual(initialMessages, []);
  const { historyLogId, historyEntryCount } = box.client.ofMethod('sessionConfigured')[0]?.params ?? {};
  assert.deepEqual([historyLogId, historyEntryCount], [statSync(log).ino, 2]);
});

test('resumeConversation takes path over id, and id over history', async () => {
  await using box = await Box.open();
  const one = await Conversation.begin(box);
  const two = await Conversation.begin(box);
  const item = { type: 'message', role: 'user', content: [] };
  const resumed = async (params: object) => (await box.call('resumeConversation', params)).conversationId;
  assert.equal(await resumed({ path: one.path, conversationId: two.id, history: [item] }), one.id);
  assert.equal(await resumed({ conversationId: two.id, history: [item] }), two.id);
  assert.ok(![one.id, two.id].includes(await resumed({ history: [item] })));
});

test('forkConversation copies a conversation; no listener, no thread/started', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2));
  const source = await Conversation.begin(box);
  await source.listen();
  await source.send('first');
  await source.event('task_complete');
  const { conversationId, rolloutPath, initialMessages } = await box.call('forkConversation', {
    path: source.path,
    conversationId: UNKNOWN_ID,
  });
  assert.notEqual(conversationId, source.id);
  const [told] = box.client.ofMethod('sessionConfigured');
  assert.deepEqual([told?.params.sessionId, told?.params.initialMessages], [conversationId, initialMessages]);
  assert.ok(initialMessages.length > 0);
  const fork = new Conversation(box, conversationId, rolloutPath);
  await fork.listen();
  await fork.send('in the fork');
  await fork.event('task_complete');
  const texts = (await box.sent(2)).map(textOf);
  assert.ok(texts.includes('answer 1') && texts.includes('in the fork'));
  assert.deepEqual(box.client.ofMethod('thread/started'), []);
});

test('archiveConversation moves the file that is named, when it is the conversation’s', async () => {
  await using box = await Box.open();
  const one = await Conversation.begin(box);
  const other = await Conversation.begin(box);
  const refusal = async (conversationId: string, rolloutPath: string) =>
    (await box.error('archiveConversation', { conversationId, rolloutPath })).message;
  const outside = box.write(join(box.folder, `rollout-${one.id}.jsonl`), '{}\n');
  assert.equal(await refusal(one.id, outside), `rollout path \`${outside}\` must be in sessions directory`);
  assert.equal(await refusal(one.id, '/no/such'), 'rollout path `/no/such` must be in sessions directory');
  assert.equal(await refusal(one.id, other.path), `rollout path \`${other.path}\` does not match thread id ${one.id}`);
  await one.listen();
  assert.deepEqual(await box.call('archiveConversation', { conversationId: one.id, rolloutPath: one.path }), {});
  assert.ok(!existsSync(one.path));
  assert.equal(one.types().at(-1), 'shutdown_complete');
  assert.deepEqual((await box.call('thread/loaded/list')).data, [other.id]);
});

test('conversations: every refusal has its code and text', async () => {
  await using box = await Box.open();
  const refusal = (method: string, params: object) => box.error(method, params);
  const missing = { code: -32600, message: `no rollout found for conversation id ${UNKNOWN_ID}` };
  assert.deepEqual(await refusal('resumeConversation', { conversationId: UNKNOWN_ID }), missing);
  assert.deepEqual(await refusal('forkConversation', { conversationId: UNKNOWN_ID }), missing);
  assert.equal(
    (await refusal('resumeConversation', { history: [] })).message,
    'either path, conversation id or non empty history must be provided',
  );
  assert.equal((await refusal('forkConversation', {})).message, 'either path or conversation id must be provided');
  assert.match(
    (await refusal('resumeConversation', { path: '/no/such' })).message,
    /^failed to load rollout `\/no\/such`: No such file/,
  );
  assert.equal(
    (await refusal('newConversation', { modelProvider: 'nobody' })).message,
    'error deriving config: Model provider `nobody` not found',
  );
  assert.equal(
    (await refusal('newConversation', { profile: 'nobody' })).message,
    'error deriving config: config profile `nobody` not found',
  );
  assert.match(
    (await refusal('resumeConversation', { conversationId: 'zz' })).message,
    /^Invalid request: invalid (length|character)/,
  );
  const { conversationId, rolloutPath } = await box.call('newConversation', {});
  await box.start();
  box.write(rolloutPath, '');
  assert.equal(
    (await refusal('resumeConversation', { conversationId })).message,
    `failed to load rollout \`${rolloutPath}\` for conversation ${conversationId}: empty session file`,
  );
});
