import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, outputOf } from '../../support/box.ts';
import { applyPatch, calls, says, shell } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';
import { Conversation } from './conversation.ts';

const ASKING = {
  approvalPolicy: 'untrusted',
  sandboxMode: 'danger-full-access',
  tables: '[features]\napply_patch_freeform = true\n',
} as const;
const PATCH = '*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch';

async function listening(box: Box): Promise<Conversation> {
  const conversation = await Conversation.begin(box);
  await conversation.listen();
  return conversation;
}

const touch = (n: number, name: string) => stream(calls(shell(`call-${n}`, ['touch', name])));
const done = (n: number) => stream(says('done', `msg-${n}`));

test('a command is asked about with execCommandApproval, behind its start', async () => {
  await using box = await Box.open(ASKING);
  box.model.script(touch(1, 'a.txt'), done(1));
  const conversation = await listening(box);
  await conversation.send('go');
  const request = await box.client.takeMethod('execCommandApproval');
  assert.deepEqual(request.params, {
    conversationId: conversation.id,
    callId: 'call-1',
    command: ['touch', 'a.txt'],
    cwd: box.workspace,
    reason: null,
    parsedCmd: [{ type: 'unknown', cmd: 'touch a.txt' }],
  });
  assert.deepEqual(conversation.types().slice(-2), ['exec_command_begin', 'exec_approval_request']);
  assert.ok(!box.has('a.txt'));
  box.client.answer(request, { decision: 'approved' });
  await conversation.event('task_complete');
  assert.ok(box.has('a.txt'));
});

test('approved_for_session is asked once; an amendment is saved as the client words it', async () => {
  await using box = await Box.open(ASKING);
  box.model.script(touch(1, 'a.txt'), touch(2, 'a.txt'), touch(3, 'b.txt'), done(1));
  const conversation = await listening(box);
  await conversation.send('go');
  box.client.answer(await box.client.takeMethod('execCommandApproval'), { decision: 'approved_for_session' });
  const second = await box.client.takeMethod('execCommandApproval');
  assert.equal(second.params.callId, 'call-3');
  const amendment = { proposed_execpolicy_amendment: ['touch'] };
  box.client.answer(second, { decision: { approved_execpolicy_amendment: amendment } });
  await conversation.event('task_complete');
  assert.ok(box.has('b.txt'));
  const rules = readFileSync(join(box.home, 'rules/default.rules'), 'utf8');
  assert.match(rules, /prefix_rule\(pattern=\["touch"\], decision="allow"\)/);
});

for (const [name, reply] of [
  ['denied', { decision: 'denied' }],
  ['an unknown decision', { decision: 'perhaps' }],
  ['no decision', {}],
] as const) {
  test(`${name} about a command is a no: the item fails, the turn goes on`, async () => {
    await using box = await Box.open(ASKING);
    box.model.script(touch(1, 'a.txt'), done(1));
    const conversation = await listening(box);
    await conversation.send('go');
    box.client.answer(await box.client.takeMethod('execCommandApproval'), reply);
    const ended = await conversation.event('exec_command_end');
    assert.equal(ended.params.msg.exit_code, -1);
    await conversation.event('task_complete');
    assert.ok(outputOf(await box.sent(2), 'call-1').startsWith('exec command rejected by user'));
    const items = box.client.ofMethod('item/completed').map(({ params }) => params.item);
    const command = items.find(({ type }) => type === 'commandExecution');
    assert.equal(command.status, 'failed');
    assert.ok(!box.has('a.txt'));
    const [turn] = await box.turnsOf(conversation.id);
    assert.deepEqual(turn.items, items);
  });
}

test('abort ends the turn too', async () => {
  await using box = await Box.open(ASKING);
  box.model.script(touch(1, 'a.txt'));
  const conversation = await listening(box);
  await conversation.send('go');
  box.client.answer(await box.client.takeMethod('execCommandApproval'), { decision: 'abort' });
  await conversation.event('turn_aborted');
  const ended = await box.client.waitFor(({ method }) => method === 'turn/completed', 'turn/completed');
  assert.equal(ended.params.turn.status, 'interrupted');
  assert.ok(!box.has('a.txt'));
});

test('an error in place of a decision does not hang the turn', async () => {
  await using box = await Box.open(ASKING);
  box.model.script(touch(1, 'a.txt'), stream(calls(applyPatch('call-2', PATCH))), done(1));
  const conversation = await listening(box);
  await conversation.send('go');
  box.client.answerError(await box.client.takeMethod('execCommandApproval'), -32000, 'no');
  box.client.answerError(await box.client.takeMethod('applyPatchApproval'), -32000, 'no');
  await conversation.event('task_complete');
  assert.ok(!box.has('a.txt') && !box.has('new.txt'));
});

test('a patch is asked about with applyPatchApproval; every decision has its effect', async () => {
  await using box = await Box.open(ASKING);
  const path = join(box.workspace, 'new.txt');
  const conversation = await listening(box);
  const decide = async (n: number, decision: unknown) => {
    box.model.script(stream(calls(applyPatch(`call-${n}`, PATCH))), done(n));
    await conversation.send('go');
    const request = await box.client.takeMethod('applyPatchApproval');
    box.client.answer(request, { decision });
    const ended = await conversation.event('patch_apply_end');
    await conversation.event('task_complete');
    return { request, ended: ended.params.msg };
  };
  const denied = await decide(1, 'denied');
  assert.deepEqual(denied.request.params, {
    conversationId: conversation.id,
    callId: 'call-1',
    fileChanges: { [path]: { type: 'add', content: 'hello\n' } },
    reason: null,
    grantRoot: null,
  });
  assert.equal(denied.ended.success, false);
  assert.ok(!box.has('new.txt'));
  const changes = box.client
    .ofMethod('item/completed')
    .map(({ params }) => params.item)
    .filter(({ type }) => type === 'fileChange');
  assert.deepEqual(
    changes.map(({ status }) => status),
    ['failed'],
  );
  const amended = await decide(2, { approved_execpolicy_amendment: { proposed_execpolicy_amendment: ['x'] } });
  assert.equal(amended.ended.success, true);
  assert.equal(box.read('new.txt'), 'hello\n');
});

test('approval-route: with listeners of both kinds, the kind that started the turn is asked', async () => {
  await using box = await Box.open(ASKING);
  const threadId = await box.thread();
  const conversation = new Conversation(box, threadId, '');
  await conversation.listen();
  for (const n of [1, 3, 5, 7]) {
    box.model.script(touch(n, `v1-${n}.txt`), done(n));
    await conversation.send('go');
    box.client.answer(await box.client.takeMethod('execCommandApproval'), { decision: 'approved' });
    await conversation.event('task_complete');
    box.model.script(touch(n + 1, `v2-${n}.txt`), done(n + 1));
    const turn = await box.turn(threadId, 'go');
    box.client.answer(await box.client.takeMethod('item/commandExecution/requestApproval'), { decision: 'accept' });
    await turn.ended();
    await conversation.event('task_complete');
  }
  const asked = box.client.messages.filter(({ id, method }) => id !== undefined && method !== undefined);
  assert.equal(asked.length, 8);
});

test('approval-route: with listeners of one kind, that kind is asked, whoever started the turn', async () => {
  await using box = await Box.open(ASKING);
  const conversation = await listening(box);
  box.model.script(touch(1, 'a.txt'), done(1));
  const turn = await box.turn(conversation.id, 'go');
  box.client.answer(await box.client.takeMethod('execCommandApproval'), { decision: 'approved' });
  await turn.ended();
  box.model.script(touch(2, 'b.txt'), done(2));
  await new Conversation(box, await box.thread(), '').send('go');
  box.client.answer(await box.client.takeMethod('item/commandExecution/requestApproval'), { decision: 'accept' });
  await box.client.waitFor(
    ({ params }) => params?.turn?.status === 'completed' && params.threadId !== conversation.id,
    'end',
  );
  assert.ok(box.has('b.txt'));
});

test('a question that nobody heard is asked of the listener that comes', async () => {
  await using box = await Box.open(ASKING);
  box.model.script(touch(1, 'a.txt'), done(1));
  const conversation = await Conversation.begin(box);
  await conversation.send('go');
  await box.sent(1);
  await conversation.listen();
  box.client.answer(await box.client.takeMethod('execCommandApproval'), { decision: 'approved' });
  await conversation.event('task_complete');
  assert.ok(box.has('a.txt'));
});
