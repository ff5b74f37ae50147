import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Box, outputOf, type TurnWatch, textOf } from '../support/box.ts';
import {
  calls,
  completed,
  created,
  functionCall,
  itemAdded,
  itemDone,
  message,
  messageItem,
  reasoningItem,
  says,
  shell,
  streams,
  summaryDelta,
  textDelta,
} from '../support/model-events.ts';
import { cut, gate, hang, rawStream, stream } from '../support/model-server.ts';
import { until } from '../support/patience.ts';

const done = (id = 'msg-end') => stream(says('done', id));

test('history-complete: every kind of broken turn reads back as it was streamed, before and after a restart', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted', sandboxMode: 'workspace-write' });
  const threadId = await box.thread();
  const turns: TurnWatch[] = [];
  box.model.script(
    cut(
      created(),
      itemAdded(reasoningItem('rs-1', [])),
      summaryDelta('thinking'),
      itemAdded(messageItem('m-1', null)),
      textDelta('ha'),
    ),
  );
  const broken = await box.turn(threadId, 'one');
  await broken.ended();
  turns.push(broken);

  box.model.script(
    stream(calls(shell('c1', ['touch', 'a']))),
    stream(calls(shell('c2', ['touch', 'b']))),
    hang(streams(['st']).slice(0, 3)),
  );
  const stopped = await box.turn(threadId, 'two');
  const ask = 'item/commandExecution/requestApproval';
  box.client.answer(await stopped.take(ask), { decision: 'decline' });
  box.client.answerError(await stopped.take(ask), 1, 'no');
  await stopped.wait('item/agentMessage/delta');
  await stopped.interrupt();
  await stopped.ended();
  turns.push(stopped);

  box.model.script(stream(calls(shell('c1', ['touch', 'c']))));
  const cancelled = await box.turn(threadId, 'three');
  box.client.answer(await cancelled.take(ask), { decision: 'cancel' });
  await cancelled.ended();
  turns.push(cancelled);

  const expected: { id: string; items: object[]; status: string; error: unknown }[] = [];
  for (const turn of turns) {
    const { status, error } = await turn.ended();
    expected.push({ id: turn.id, items: turn.items(), status, error });
  }
  assert.deepEqual(
    expected.map(({ status }) => status),
    ['failed', 'interrupted', 'interrupted'],
  );
  assert.deepEqual(await box.turnsOf(threadId), expected);
  await box.start();
  assert.deepEqual(await box.turnsOf(threadId), expected);
});

test('ids-unique: a call id that comes again is a new item, and outputs still go to their calls', async () => {
  await using box = await Box.open();
  box.model.script(stream(calls(shell('c1', ['echo', '1']))), stream(calls(shell('c1', ['echo', '2']))), done());
  const turn = await box.completed(await box.thread(), 'go');
  assert.deepEqual(
    turn.items('commandExecution').map(({ id, aggregatedOutput }) => [id, aggregatedOutput]),
    [
      ['c1', '1\n'],
      ['c1.2', '2\n'],
    ],
  );
});

test('tools of one response run one at a time in the order of their calls; parallel ones are not held up by each other', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  const script = (n: number) => ['bash', '-c', `echo start ${n} >> log; sleep 0.05; echo end ${n} >> log`];
  box.model.script(stream(calls(shell('c1', script(1)), shell('c2', script(2)), shell('c3', script(3)))), done());
  await box.completed(await box.thread(), 'go');
  assert.equal(box.read('log'), [1, 2, 3].map((n) => `start ${n}\nend ${n}\n`).join(''));
});

test('a tool starts when its call arrives, before the response has ended', async () => {
  await using box = await Box.open();
  const held = gate();
  box.model.script(stream(created(), shell('c1', ['echo', 'early']), held.wait, completed()), done());
  const turn = await box.turn(await box.thread(), 'go');
  await turn.wait('item/completed', ({ params }) => params.item.id === 'c1');
  held.open();
  await turn.ended();
});

test('calls of a stream that broke are ended, and the model reads that they were aborted', async () => {
  await using box = await Box.open({
    sandboxMode: 'danger-full-access',
    provider: 'request_max_retries = 0\nstream_max_retries = 1\n',
  });
  const held = gate();
  box.model.script(cut(created(), shell('c1', ['sleep', '300']), held.wait), done());
  const turn = await box.turn(await box.thread(), 'go');
  await turn.startOf('commandExecution');
  held.open();
  assert.equal((await turn.ended()).status, 'completed');
  assert.equal(turn.items('commandExecution')[0].status, 'failed');
});

test('a user message and a system message of the model are no fault', async () => {
  await using box = await Box.open();
  const said = (role: string, text: string) =>
    itemDone({ type: 'message', role, id: `${role}-1`, content: [{ type: 'input_text', text }] });
  box.model.script(
    stream(
      created(),
      said('user', 'u'),
      said('system', 's'),
      itemDone({ type: 'brand_new', x: 1 }),
      message('m', 'ok'),
      completed(),
    ),
    done(),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'go');
  assert.deepEqual(
    turn.items().map(({ type }) => type),
    ['userMessage', 'userMessage', 'agentMessage'],
  );
  await box.completed(threadId, 'more');
  const texts = (await box.sent(2)).map(textOf);
  assert.ok(!texts.includes('s'));
  assert.ok(!(await box.sent(2)).some(({ type }) => type === 'brand_new'));
});

test('empty texts, and an empty response after the model has done something, are turns like others', async () => {
  await using box = await Box.open();
  const call = functionCall('c1', 'update_plan', { plan: [] });
  box.model.script(stream(created(), call, completed()), stream(created(), completed()), stream(says('', 'm-1')));
  const threadId = await box.thread();
  for (const text of ['1', '2']) await box.completed(threadId, text);
  const turns = await box.turnsOf(threadId);
  assert.deepEqual(
    turns.map(({ items }) => items.slice(1).map(({ text }: { text: string }) => text)),
    [[], ['']],
  );
});

test('an unsteady stream of bytes is put together again', async () => {
  await using box = await Box.open();
  const bytes = Buffer.from(
    streams(['Grüße ', '🎈🎈'])
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join(''),
  );
  const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, n) => bytes.subarray(n * 7, n * 7 + 7));
  box.model.script(rawStream(...pieces));
  const turn = await box.completed(await box.thread(), 'go');
  assert.equal(turn.items('agentMessage')[0].text, 'Grüße 🎈🎈');
});

test('a very large output and a very large message go through', async () => {
  await using box = await Box.open({ capabilities: { optOutNotificationMethods: ['codex/event/*'] } });
  const text = 'x'.repeat(3_000_000);
  box.model.script(
    stream(calls(shell('c1', ['bash', '-c', 'head -c 3000000 /dev/zero | tr "\\\\0" y']))),
    stream(says(text)),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'go');
  assert.equal(turn.items('commandExecution')[0].aggregatedOutput.length, 1_048_576);
  assert.equal(turn.items('agentMessage')[0].text.length, text.length);
  assert.ok(outputOf(await box.sent(2), 'c1').length < 15_000);
  assert.deepEqual((await box.turnsOf(threadId))[0].items, turn.items());
});

test('a notify program is told of a completed turn, and only of that', async () => {
  await using box = await Box.open({
    start: false,
  });
  const sink = box.write('../notified', '');
  const hook = box.write('../hook.sh', `#!/bin/sh\nprintf '%s\\n' "$2" >> ${sink}\n`);
  box.writeConfig({ top: `notify = ["/bin/sh", "${hook}", "extra"]\n` });
  await box.start();
  box.model.script(stream(says('answer')));
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'question');
  const read = (): string => readFileSync(sink, 'utf8');
  await until(() => read().endsWith('\n'), 'the notification');
  const { cwd, ...told } = JSON.parse(read());
  assert.equal(cwd, box.workspace);
  assert.deepEqual(told, {
    type: 'agent-turn-complete',
    'thread-id': threadId,
    'turn-id': turn.id,
    'input-messages': ['question'],
    'last-assistant-message': 'answer',
  });
  const failing = await box.turn(threadId, 'fails');
  assert.equal((await failing.ended()).status, 'failed');
  assert.equal(read().trimEnd().split('\n').length, 1);
});

test('turn-status: a notify program that cannot be started leaves the turn completed', async () => {
  await using box = await Box.open({ top: 'notify = ["/bin/true"]\n' });
  // More than the system takes as one argument.
  box.model.script(stream(says('fine')), stream(says('fine again', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'short');
  await box.completed(threadId, 'x'.repeat(300_000));
  assert.equal(box.client.ofMethod('turn/completed').length, 2);
  assert.deepEqual(box.client.ofMethod('error'), []);
});

test('many turns on many threads at once all complete, each under its own thread', async () => {
  await using box = await Box.open({ capabilities: { optOutNotificationMethods: ['codex/event/*'] } });
  const count = 24;
  for (let n = 0; n < count; n += 1) box.model.script(stream(streams(['a', 'b', 'c', 'd'])));
  const threads = await Promise.all(Array.from({ length: count }, () => box.thread()));
  const turns = await Promise.all(threads.map((threadId) => box.turn(threadId, `for ${threadId}`)));
  for (const turn of turns) {
    assert.equal((await turn.ended()).status, 'completed');
    assert.equal(turn.items('userMessage')[0].content[0].text, `for ${turn.threadId}`);
    assert.ok(turn.all('item/agentMessage/delta').every(({ threadId }) => threadId === turn.threadId));
    assert.equal(turn.items('agentMessage')[0].text, 'abcd');
  }
});

test('history-complete: a message in several parts is one item, streamed and read back', async () => {
  await using box = await Box.open();
  const content = ['a', '', 'b'].map((text) => ({ type: 'output_text', text }));
  box.model.script(
    stream(created(), itemDone({ type: 'message', role: 'assistant', id: 'm-1', content }), completed()),
  );
  const threadId = await box.thread();
  const turn = await box.completed(threadId, 'go');
  assert.deepEqual(turn.items('agentMessage'), [{ type: 'agentMessage', id: 'm-1', text: 'ab' }]);
  const expected = [{ id: turn.id, items: turn.items(), status: 'completed', error: null }];
  assert.deepEqual(await box.turnsOf(threadId), expected);
});
