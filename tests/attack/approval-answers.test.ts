/** What a client may answer to a question, and what of it is consent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, type BoxOptions, outputOf } from '../support/box.ts';
import { applyPatch, calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const COMMAND = 'item/commandExecution/requestApproval';
const PATCH = 'item/fileChange/requestApproval';
const ASKING: BoxOptions = {
  approvalPolicy: 'untrusted',
  sandboxMode: 'workspace-write',
  tables: '[features]\napply_patch_freeform = true\n',
};
const add = (name: string): string => `*** Begin Patch\n*** Add File: ${name}\n+x\n*** End Patch`;
const done = (id = 'msg-end') => stream(says('done', id));

/** As the client writes the members beside the id. */
const NO_DECISIONS: readonly string[] = [
  '"result":["accept"]',
  '"result":[["accept"]]',
  '"result":{}',
  '"result":null',
  '"result":"accept"',
  '"result":true',
  '"result":1',
  '"result":{"decision":"acceptt"}',
  '"result":{"decision":"Accept"}',
  '"result":{"decision":" accept"}',
  '"result":{"decision":["accept"]}',
  '"result":{"decision":{"accept":{}}}',
  '"result":{"decision":{"accept":null}}',
  '"result":{"decision":null}',
  '"result":{"decision":0}',
  '"result":{"decision":"approved"}',
  '"result":{"decision":"approved_for_session"}',
  '"result":{"Decision":"accept"}',
  '"result":{"decision":{"acceptWithExecpolicyAmendment":{}}}',
  '"result":{"decision":{"acceptWithExecpolicyAmendment":["touch"]}}',
  '"result":{"decision":{"acceptWithExecpolicyAmendment":[["touch"]]}}',
  '"result":{"__proto__":{"decision":"accept"}}',
  '"result":{"__proto__":{"decision":"accept"},"x":"\\ud800"}',
  '"result":{"decision":"decline","decision":"accept"}',
  '"result":{"decision":"decline","\\u0064ecision":"accept"}',
  '"result":{"decision":"accept"},"error":{"code":1,"message":"no"}',
  '"result":{"decision":"decline"},"result":{"decision":"accept"}',
  '"error":{"code":"1","message":"no"}',
  '"error":"no"',
  '"error":null',
];

test('an answer that is no decision is a refusal, and the model and the client read why', async () => {
  await using box = await Box.open(ASKING);
  const ids = NO_DECISIONS.map((_, at) => `c${at}`);
  box.model.script(...ids.map((id) => stream(calls(shell(id, ['touch', id])))), done());
  const turn = await box.turn(await box.thread(), 'go');
  for (const members of NO_DECISIONS) {
    const { id } = await turn.take(COMMAND);
    box.client.sendText(`{"id":${id},${members}}\n`);
  }
  assert.equal((await turn.ended()).status, 'completed');
  const input = await box.sent(ids.length + 1);
  for (const [at, id] of ids.entries()) {
    assert.equal(box.has(id), false, NO_DECISIONS[at]);
    assert.match(outputOf(input, id), /^exec command rejected by user: .+ no decision/, NO_DECISIONS[at]);
  }
  const warnings = box.client.ofMethod('codex/event/warning').map(({ params }) => params.msg.message);
  assert.equal(warnings.length, NO_DECISIONS.length);
  for (const [at, id] of ids.entries())
    assert.match(warnings[at], new RegExp(`approval request for ${id} is no decision`));
});

test('the same for patches', async () => {
  await using box = await Box.open(ASKING);
  const amendment = '"result":{"decision":{"acceptWithExecpolicyAmendment":{"execpolicy_amendment":["x"]}}}';
  const answers = [...NO_DECISIONS, amendment];
  const ids = answers.map((_, at) => `c${at}`);
  box.model.script(...ids.map((id) => stream(calls(applyPatch(id, add(id))))), done());
  const turn = await box.turn(await box.thread(), 'go');
  for (const members of answers) {
    const { id } = await turn.take(PATCH);
    box.client.sendText(`{"id":${id},${members}}\n`);
  }
  assert.equal((await turn.ended()).status, 'completed');
  const input = await box.sent(ids.length + 1);
  for (const [at, id] of ids.entries()) {
    assert.equal(box.has(id), false, answers[at]);
    assert.match(outputOf(input, id), /^patch rejected by user: .+ no decision/, answers[at]);
  }
});

test('the older protocol: its own words decide, and nothing else', async () => {
  await using box = await Box.open({ ...ASKING, sandboxMode: 'danger-full-access' });
  const conversation = await box.call('newConversation', {});
  await box.call('addConversationListener', { conversationId: conversation.conversationId });
  const answers = [
    '["approved"]',
    '{"decision":"accept"}',
    '{"decision":["approved"]}',
    '{"decision":{"approved":{}}}',
  ];
  const ids = answers.map((_, at) => `c${at}`);
  box.model.script(...ids.map((id) => stream(calls(shell(id, ['touch', id])))), done());
  const { conversationId } = conversation;
  await box.call('sendUserMessage', { conversationId, items: [{ type: 'text', data: { text: 'go' } }] });
  for (const result of answers) {
    const { id } = await box.client.takeMethod('execCommandApproval');
    box.client.sendText(`{"id":${id},"result":${result}}\n`);
  }
  await box.client.takeMethod('codex/event/task_complete');
  const input = await box.sent(ids.length + 1);
  for (const [at, id] of ids.entries()) {
    assert.equal(box.has(id), false, answers[at]);
    assert.match(outputOf(input, id), /^exec command rejected by user: .+ no decision/, answers[at]);
  }
});

test('one question, one answer: repeated, late and foreign ones decide nothing', async () => {
  await using box = await Box.open(ASKING);
  box.model.script(
    stream(calls(shell('c1', ['touch', 'one']))),
    stream(calls(shell('c2', ['touch', 'two']))),
    stream(calls(shell('c3', ['touch', 'three']))),
  );
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  const first = await turn.take(COMMAND);
  box.client.answer(first, { decision: 'decline' });
  box.client.answer(first, { decision: 'accept' });
  const second = await turn.take(COMMAND);
  box.client.answer(first, { decision: 'accept' });
  for (const id of [String(second.id), Number(second.id) + 1, -1, 1e30, null]) {
    box.client.send({ id, result: { decision: 'accept' } });
  }
  box.client.answer(second, { decision: 'decline' });
  const third = await turn.take(COMMAND);
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  box.client.answer(third, { decision: 'acceptForSession' });
  box.model.script(stream(calls(shell('c4', ['touch', 'three']))), done('msg-2'));
  const next = await box.turn(threadId, 'again');
  box.client.answer(third, { decision: 'accept' });
  const fourth = await next.take(COMMAND);
  box.client.answer(fourth, { decision: 'decline' });
  await next.ended();
  for (const name of ['one', 'two', 'three']) assert.equal(box.has(name), false, name);
});

test('a question that is open when the client goes away is a no', async () => {
  await using box = await Box.open(ASKING);
  box.model.script(stream(calls(shell('c1', ['touch', 'one']))));
  const turn = await box.turn(await box.thread(), 'go');
  await turn.take(COMMAND);
  await box.start();
  assert.equal(box.has('one'), false);
});

test('a rule that the client adds fits the command that was shown, and only where one was offered', async () => {
  const rules = 'prefix_rule(pattern=["mkdir"], decision="prompt")\n';
  await using box = await Box.open({
    ...ASKING,
    prepare: (it) => void it.write(`${it.home}/rules/own.rules`, rules),
  });
  const amendments: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['touch', 'a'], ['rm']],
    [
      ['touch', 'b'],
      ['touch', '-h'],
    ],
    [
      ['touch', 'c'],
      ['touch', 'c', 'd'],
    ],
    [['touch', 'd'], []],
    [['mkdir', 'e'], ['mkdir']],
    [
      ['touch', 'f'],
      ['touch', 'f'],
    ],
  ];
  box.model.script(...amendments.map(([argv], at) => stream(calls(shell(`c${at}`, argv)))), done());
  const turn = await box.turn(await box.thread(), 'go');
  for (const [, execpolicy_amendment] of amendments) {
    box.client.answer(await turn.take(COMMAND), {
      decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment } },
    });
  }
  await turn.ended();
  for (const [[, name]] of amendments) assert.equal(box.has(String(name)), true, name);
  assert.equal(box.read(`${box.home}/rules/default.rules`), 'prefix_rule(pattern=["touch", "f"], decision="allow")\n');
  const warnings = box.client.ofMethod('codex/event/warning').map(({ params }) => params.msg.message);
  assert.equal(warnings.length, amendments.length - 1);
  for (const warning of warnings) assert.match(warning, /^Failed to apply execpolicy amendment: /);
});

test('a rule that the model offers is shown only when it fits its command', async () => {
  await using box = await Box.open({ ...ASKING, approvalPolicy: 'on-request' });
  const offered = (prefix_rule: readonly string[]) => ({ sandbox_permissions: 'require_escalated', prefix_rule });
  box.model.script(
    stream(calls(shell('c1', ['touch', 'a'], offered(['bash'])))),
    stream(calls(shell('c2', ['touch', 'a'], offered(['touch'])))),
    done(),
  );
  const turn = await box.turn(await box.thread(), 'go');
  const proposals: unknown[] = [];
  for (const _ of [1, 2]) {
    const question = await turn.take(COMMAND);
    proposals.push(question.params.proposedExecpolicyAmendment);
    box.client.answer(question, { decision: 'decline' });
  }
  await turn.ended();
  assert.deepEqual(proposals, [['touch', 'a'], ['touch']]);
});

test('what the model gives as its reason is bounded, the command is not', async () => {
  await using box = await Box.open(ASKING);
  const long = 'z'.repeat(100_000);
  box.model.script(
    stream(calls(shell('c1', ['touch', `a\u202e\n\u0007${long}`], { justification: `why\u202e${long}` }))),
    done(),
  );
  const turn = await box.turn(await box.thread(), 'go');
  const question = await turn.take(COMMAND);
  assert.ok(question.params.reason.startsWith('why\u202e'));
  assert.ok(question.params.reason.length <= 4096, String(question.params.reason.length));
  assert.equal(question.params.command, `'touch' 'a\u202e\n\u0007${long}'`.replace("'touch'", 'touch'));
  box.client.answer(question, { decision: 'decline' });
  await turn.ended();
});
