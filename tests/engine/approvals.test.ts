import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, outputOf, textOf } from '../support/box.ts';
import { calls, functionCall, says, shell, shellCommand } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const done = () => stream(says('done', 'msg-end'));
const ASK = 'item/commandExecution/requestApproval';
const REJECTED = 'exec command rejected by user';

test('untrusted: a command that is not known to be safe is asked about, with all that a client needs', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted' });
  box.model.script(
    stream(calls(shell('c0', ['ls']), shell('c1', ['touch', 'a b'], { justification: 'because' }))),
    done(),
  );
  const turn = await box.turn(await box.thread(), 'go');
  const question = await turn.take(ASK);
  assert.equal(question.id, 0);
  assert.deepEqual(question.params, {
    threadId: turn.threadId,
    turnId: turn.id,
    itemId: 'c1',
    reason: 'because',
    command: "touch 'a b'",
    cwd: box.workspace,
    commandActions: [{ type: 'unknown', command: "touch 'a b'" }],
    proposedExecpolicyAmendment: ['touch', 'a b'],
  });
  assert.equal(
    (await turn.wait('item/started', ({ params }) => params.item.id === 'c1')).params.item.status,
    'inProgress',
  );
  box.client.answer(question, { decision: 'decline' });
  await turn.ended();
  const [, item] = turn.items('commandExecution');
  assert.deepEqual(
    [item.status, item.exitCode, item.aggregatedOutput, item.durationMs],
    ['declined', null, null, null],
  );
  assert.equal(outputOf(await box.sent(2), 'c1'), REJECTED);
});

test('item-lifecycle: every kind of answer ends the item once', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted', sandboxMode: 'workspace-write' });
  const ids = ['c0', 'c1', 'c2', 'c3', 'c4'];
  box.model.script(...ids.map((id) => stream(calls(shell(id, ['touch', id])))), done());
  const turn = await box.turn(await box.thread(), 'go');
  box.client.answer(await turn.take(ASK), { decision: 'accept' });
  box.client.answer(await turn.take(ASK), { decision: 'approved' });
  box.client.answer(await turn.take(ASK), null);
  box.client.answerError(await turn.take(ASK), -32000, 'no user');
  const last = await turn.take(ASK);
  box.client.answer({ ...last, id: 999 }, { decision: 'accept' });
  box.client.answer(last, { decision: 'decline' });
  box.client.answer(last, { decision: 'accept' });
  assert.equal((await turn.ended()).status, 'completed');
  assert.deepEqual(
    turn.items('commandExecution').map(({ status }) => status),
    ['completed', 'declined', 'declined', 'failed', 'declined'],
  );
  assert.deepEqual(
    ids.map((id) => box.has(id)),
    [true, false, false, false, false],
  );
});

test('acceptForSession: the same command in the same place is not asked about again, another one is', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted', sandboxMode: 'workspace-write' });
  box.model.script(
    stream(calls(shell('c1', ['touch', 'x']))),
    stream(calls(shell('c2', ['touch', 'x']))),
    done(),
    stream(calls(shell('c3', ['touch', 'x']))),
    stream(calls(shell('c4', ['touch', 'x'], { workdir: box.folder }))),
    stream(says('done', 'msg-2')),
  );
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  box.client.answer(await turn.take(ASK), { decision: 'acceptForSession' });
  await turn.ended();
  const next = await box.turn(threadId, 'again');
  const question = await next.take(ASK);
  assert.equal(question.params.itemId, 'c4');
  box.client.answer(question, { decision: 'decline' });
  await next.ended();
  assert.equal(box.client.ofMethod(ASK).length, 2);
});

test('an amendment is kept in the rules file, told to the model, and in force at once and later', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted', sandboxMode: 'workspace-write' });
  box.model.script(
    stream(calls(shell('c1', ['touch', 'x']))),
    stream(calls(shell('c2', ['touch', 'y']))),
    done(),
    stream(calls(shell('c3', ['touch', 'z']))),
    stream(says('done', 'msg-2')),
  );
  const turn = await box.turn(await box.thread(), 'go');
  const decision = { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['touch'] } };
  box.client.answer(await turn.take(ASK), { decision });
  await turn.ended();
  assert.equal(box.read(`${box.home}/rules/default.rules`), 'prefix_rule(pattern=["touch"], decision="allow")\n');
  assert.ok(
    (await box.sent(2)).some(
      (item) => item.role === 'developer' && textOf(item) === 'Approved command prefix saved:\n- ["touch"]',
    ),
  );
  await box.start();
  await box.completed(await box.thread(), 'again');
  assert.equal(box.client.ofMethod(ASK).length, 0);
  assert.ok(box.has('z'));
});

test('cancel ends the turn as interrupted, without another request', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted' });
  box.model.script(stream(calls(shell('c1', ['touch', 'x']), shell('c2', ['touch', 'y']))), stream(says('next')));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  box.client.answer(await turn.take(ASK), { decision: 'cancel' });
  assert.equal((await turn.ended()).status, 'interrupted');
  assert.deepEqual(
    turn.items('commandExecution').map(({ id, status }) => [id, status]),
    [['c1', 'declined']],
  );
  assert.equal(box.model.to().length, 1);
  assert.equal(box.client.ofMethod(ASK).length, 1);
  await box.completed(threadId, 'next');
  assert.equal(outputOf(await box.sent(2), 'c1'), REJECTED);
});

test('on-request: only escalation and dangerous commands are asked about, and accepted ones leave the sandbox', async () => {
  await using box = await Box.open({ approvalPolicy: 'on-request' });
  const escalated = { sandbox_permissions: 'require_escalated', justification: 'Need it.', prefix_rule: ['touch'] };
  box.model.script(
    stream(calls(shell('c1', ['touch', 'inside']))),
    stream(calls(shell('c2', ['touch', 'outside'], escalated))),
    stream(calls(shell('c3', ['rm', '-rf', 'outside']))),
    done(),
  );
  const turn = await box.turn(await box.thread(), 'go');
  const first = await turn.take(ASK);
  assert.deepEqual(
    [first.params.itemId, first.params.reason, first.params.proposedExecpolicyAmendment],
    ['c2', 'Need it.', ['touch']],
  );
  box.client.answer(first, { decision: 'accept' });
  const second = await turn.take(ASK);
  assert.equal(second.params.itemId, 'c3');
  box.client.answer(second, { decision: 'decline' });
  await turn.ended();
  assert.deepEqual([box.has('inside'), box.has('outside')], [false, true]);
});

test('never, on-failure and untrusted: asking to leave the sandbox is refused before there is an item', async () => {
  for (const [approvalPolicy, name] of [
    ['never', 'Never'],
    ['on-failure', 'OnFailure'],
    ['untrusted', 'UnlessTrusted'],
  ] as const) {
    await using box = await Box.open({ approvalPolicy });
    box.model.script(stream(calls(shell('c1', ['true'], { sandbox_permissions: 'require_escalated' }))), done());
    const turn = await box.completed(await box.thread(), 'go');
    const output = outputOf(await box.sent(2), 'c1');
    assert.ok(output.startsWith(`approval policy is ${name}`) && output.endsWith(name), output);
    assert.deepEqual(turn.items('commandExecution'), []);
  }
});

test('never: a dangerous command is refused with an item that says why, under every sandbox policy', async () => {
  for (const sandboxMode of ['read-only', 'danger-full-access']) {
    await using box = await Box.open({ sandboxMode });
    box.model.script(stream(calls(shell('c1', ['rm', '-rf', 'x']))), done());
    const turn = await box.completed(await box.thread(), 'go');
    const [item] = turn.items('commandExecution');
    const text = '`rm -rf x` rejected: blocked by policy';
    assert.deepEqual([item.status, item.exitCode, item.aggregatedOutput], ['failed', -1, text]);
    assert.equal(outputOf(await box.sent(2), 'c1'), text);
  }
});

test('rules-partial: a bad rules file leaves the others in force, and a warning names it', async () => {
  await using box = await Box.open({
    approvalPolicy: 'on-request',
    prepare: (it) => {
      it.write(`${it.home}/rules/bad.rules`, 'prefix_rule(pattern=\n');
      it.write(
        `${it.home}/rules/good.rules`,
        'prefix_rule(pattern=["ls"], decision="forbidden", justification="no listing")\nprefix_rule(pattern=["pwd"], decision="prompt")\n',
      );
    },
  });
  const warning = await box.client.takeMethod('configWarning');
  assert.ok(JSON.stringify(warning.params).includes('bad.rules'));
  box.model.script(stream(calls(shell('c1', ['ls', '-l']))), stream(calls(shellCommand('c2', 'pwd'))), done());
  const turn = await box.turn(await box.thread(), 'go');
  const question = await turn.take(ASK);
  assert.match(question.params.reason, /requires approval by policy$/);
  assert.equal(question.params.proposedExecpolicyAmendment, null);
  box.client.answer(question, { decision: 'decline' });
  await turn.ended();
  assert.equal(outputOf(await box.sent(2), 'c1'), '`ls -l` rejected: no listing');
});

test('request_user_input asks the client in plan mode, and only there', async () => {
  await using box = await Box.open();
  const options = [{ label: 'A', description: 'a' }];
  const ask = (id: string, questions: object[]) => stream(calls(functionCall(id, 'request_user_input', { questions })));
  const question = { id: 'q1', header: 'H', question: 'Which?', options };
  const mode = (kind: string) => ({ collaborationMode: { mode: kind, settings: { model: 'some-model' } } });
  box.model.script(
    ask('c1', [question]),
    done(),
    ask('c2', [question, { ...question, id: 'q2', isSecret: true }]),
    ask('c3', [{ ...question, options: [] }]),
    ask('c4', [question]),
    ask('c5', [question]),
    stream(says('done', 'msg-2')),
  );
  const threadId = await box.thread();
  await box.completed(threadId, 'go');
  assert.equal(outputOf(await box.sent(2), 'c1'), 'request_user_input is unavailable in Custom mode');
  const turn = await box.turn(threadId, 'plan', mode('plan'));
  const asked = await turn.take('item/tool/requestUserInput');
  assert.deepEqual(asked.params, {
    threadId,
    turnId: turn.id,
    itemId: 'c2',
    questions: [
      { ...question, isOther: true, isSecret: false },
      { ...question, id: 'q2', isOther: true, isSecret: true },
    ],
  });
  const answers = { q1: { answers: ['A', 'B'] }, q2: { answers: [] } };
  box.client.answer(asked, { answers });
  box.client.answer(await turn.take('item/tool/requestUserInput'), { answers: 5 });
  box.client.answerError(await turn.take('item/tool/requestUserInput'), 1, 'no');
  await turn.ended();
  const input = await box.sent(7);
  assert.deepEqual(JSON.parse(outputOf(input, 'c2')), { answers });
  assert.equal(outputOf(input, 'c3'), 'request_user_input requires non-empty options for every question');
  assert.equal(outputOf(input, 'c4'), '{"answers":{}}');
  assert.equal(outputOf(input, 'c5'), '{"answers":{}}');
});

test('an interrupt while the user is asked for input ends the wait', async () => {
  await using box = await Box.open();
  const questions = [{ id: 'q1', header: 'H', question: 'Which?', options: [{ label: 'A', description: 'a' }] }];
  box.model.script(stream(calls(functionCall('c1', 'request_user_input', { questions }))), done());
  const threadId = await box.thread();
  const mode = { collaborationMode: { mode: 'plan', settings: { model: 'some-model' } } };
  const turn = await box.turn(threadId, 'plan', mode);
  await turn.take('item/tool/requestUserInput');
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  await box.completed(threadId, 'go');
  assert.equal(outputOf(await box.sent(2), 'c1'), 'request_user_input was cancelled before receiving a response');
});

test('dispatch-concurrent: nothing that a client sends can delay its answer to an approval', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted', sandboxMode: 'workspace-write' });
  box.model.script(stream(calls(shell('c1', ['touch', 'x']))), done());
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'go');
  const question = await turn.take(ASK);
  const reads = Array.from({ length: 300 }, () => box.client.start('thread/read', { threadId, includeTurns: true }));
  box.client.answer(question, { decision: 'accept' });
  await turn.ended();
  for (const id of reads) assert.equal((await box.client.reply(id)).result.thread.id, threadId);
});
