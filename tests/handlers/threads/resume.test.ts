import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { Box, textOf } from '../../support/box.ts';
import { says, streams } from '../../support/model-events.ts';
import { gate, hang, stream } from '../../support/model-server.ts';

const answer = (n: number) => stream(says(`answer ${n}`, `msg-${n}`));

test('thread/resume by id gives the thread with its turns, and the model remembers', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2), answer(3));
  const { thread: started } = await box.call('thread/start', {});
  await box.completed(started.id, 'first');
  await box.completed(started.id, 'second');
  const turns = await box.turnsOf(started.id);
  await box.start();
  const old = new Date('2026-01-01T00:00:00Z');
  utimesSync(started.path, old, old);
  const before = readFileSync(started.path, 'utf8');
  const unloaded = await box.error('turn/start', { threadId: started.id, input: [] });
  assert.equal(unloaded.message, `thread not found: ${started.id}`);
  const { thread, model, cwd } = await box.call('thread/resume', { threadId: started.id.toUpperCase() });
  assert.deepEqual([thread.id, thread.preview, thread.path], [started.id, 'first', started.path]);
  assert.deepEqual([model, cwd], ['some-model', box.workspace]);
  assert.deepEqual(thread.turns, turns);
  assert.deepEqual(box.client.ofMethod('thread/started'), []);
  // Nothing is written until something happens.
  assert.equal(readFileSync(started.path, 'utf8'), before);
  assert.equal(statSync(started.path).mtimeMs, old.getTime());
  await box.completed(started.id, 'third');
  const texts = (await box.sent(3)).map(textOf);
  const at = ['first', 'answer 1', 'second', 'answer 2', 'third'].map((text) => texts.indexOf(text));
  assert.deepEqual(
    at,
    at.toSorted((a, b) => a - b),
  );
  assert.ok(!at.includes(-1));
  // The set-up comes again behind the old history.
  assert.equal(texts.filter((text) => text.startsWith('<permissions instructions>')).length, 2);
});

test('thread/resume takes path over id and history over both, and what the request says over the file', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2));
  const { thread } = await box.call('thread/start', { baseInstructions: 'Stored base.' });
  await box.completed(thread.id, 'first');
  const copy = join(box.folder, 'copy.jsonl');
  copyFileSync(thread.path, copy);
  await box.start();
  const byPath = await box.call('thread/resume', {
    threadId: 'garbage',
    path: copy,
    model: 'newer',
    approvalPolicy: 'on-request',
  });
  assert.deepEqual([byPath.thread.id, byPath.thread.path, byPath.model], [thread.id, copy, 'newer']);
  assert.equal(byPath.approvalPolicy, 'on-request');
  await box.client.waitFor(
    ({ method, params }) => method === 'codex/event/warning' && params.msg.message.includes('`newer`'),
    'the warning about another model',
  );
  await box.completed(thread.id, 'only in the copy');
  assert.equal(box.model.to().at(-1)?.body.instructions, 'Stored base.');
  assert.ok(readFileSync(copy, 'utf8').includes('only in the copy'));
  assert.ok(!readFileSync(thread.path, 'utf8').includes('only in the copy'));

  box.model.script(answer(3));
  const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'from elsewhere' }] };
  const byHistory = await box.call('thread/resume', { threadId: 'garbage', path: '/no/such', history: [item] });
  assert.notEqual(byHistory.thread.id, thread.id);
  assert.deepEqual(byHistory.thread.turns, []);
  await box.completed(byHistory.thread.id, 'go');
  const sent = (await box.sent(3)).map(textOf);
  assert.equal(sent[0], 'from elsewhere');
  assert.match(sent[1] ?? '', /^<permissions instructions>/);
});

test('resume-joins: resuming a loaded thread shows what is there; there is one writer, and its turn goes on', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), hang(streams(['so far']).slice(0, 3)), answer(3));
  const { thread } = await box.call('thread/start', {});
  await box.completed(thread.id, 'first');
  const turn = await box.turn(thread.id, 'second');
  await turn.wait('item/agentMessage/delta');
  const joined = await box.call('thread/resume', { threadId: thread.id });
  assert.deepEqual(joined.thread.turns.map(({ id, status }: { id: string; status: string }) => [id, status]).at(-1), [
    turn.id,
    'inProgress',
  ]);
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
  await box.completed(thread.id, 'third');
  const lines = readFileSync(thread.path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines.filter(({ type }) => type === 'session_meta').length, 1);
  assert.equal((await box.call('thread/loaded/list')).data.length, 1);
});

test('resume-joins: settings that the request names are those of the turns to come, and of the answer', async () => {
  await using box = await Box.open();
  const held = gate();
  box.model.script(stream(held.wait, says('answer 1', 'msg-1')), answer(2), answer(3));
  const { thread } = await box.call('thread/start', {});
  const turn = await box.turn(thread.id, 'first');
  await held.reached;
  const named = { model: 'other-model', approvalPolicy: 'on-request', sandbox: 'workspace-write', cwd: box.home };
  const config = { model_reasoning_effort: 'low', model_reasoning_summary: 'detailed' };
  const { thread: _shown, ...rest } = await box.call('thread/resume', { threadId: thread.id, ...named, config });
  assert.deepEqual(
    [rest.model, rest.approvalPolicy, rest.cwd, rest.reasoningEffort],
    ['other-model', 'on-request', box.home, 'low'],
  );
  assert.equal(rest.sandbox.type, 'workspaceWrite');
  held.open();
  await turn.ended();
  await box.completed(thread.id, 'second');
  const { body } = await box.model.waitForRequest(2);
  assert.equal(body.model, 'other-model');
  assert.ok(body.input.some((item) => textOf(item).includes(`<cwd>${box.home}</cwd>`)));
  // What is not named stays as it is, and a bad setting changes nothing.
  const again = await box.call('thread/resume', { threadId: thread.id });
  assert.deepEqual({ ...again, thread: null }, { ...rest, thread: null });
  const refused = await box.error('thread/resume', { threadId: thread.id, model: 'third', modelProvider: 'nobody' });
  assert.deepEqual(refused, { code: -32600, message: 'error deriving config: Model provider `nobody` not found' });
  await box.completed(thread.id, 'third');
  assert.equal((await box.model.waitForRequest(3)).body.model, 'other-model');
});

test('resume-joins: a thread that is resumed twice at once, under two names, is opened once', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2));
  const { thread } = await box.call('thread/start', {});
  await box.completed(thread.id, 'first');
  await box.start();
  const names = [{ threadId: thread.id }, { threadId: 'x', path: thread.path }, { threadId: `urn:uuid:${thread.id}` }];
  const ids = names.map((name) => box.client.start('thread/resume', name));
  for (const id of ids) assert.equal((await box.client.reply(id)).result.thread.turns.length, 1);
  await box.completed(thread.id, 'second');
  const lines = readFileSync(thread.path, 'utf8').trimEnd().split('\n');
  // The set-up of the start, and the one before the second turn.
  assert.equal(lines.filter((line) => line.includes('<environment_context>')).length, 2);
  assert.equal(box.client.ofMethod('codex/event/mcp_startup_complete').length, 1);
});

test('thread/resume: every refusal has its code and text', async () => {
  await using box = await Box.open();
  const unknown = '01900000-0000-7000-8000-000000000000';
  assert.deepEqual(await box.error('thread/resume', { threadId: unknown }), {
    code: -32600,
    message: `no rollout found for thread id ${unknown}`,
  });
  assert.match((await box.error('thread/resume', { threadId: 'zz' })).message, /^invalid thread id: /);
  assert.equal((await box.error('thread/resume', {})).message, 'Invalid request: missing field `threadId`');
  const empty = box.write(join(box.folder, 'empty.jsonl'), '');
  assert.deepEqual(await box.error('thread/resume', { threadId: 'x', path: empty }), {
    code: -32600,
    message: `failed to load rollout \`${empty}\`: empty session file`,
  });
  const missing = await box.error('thread/resume', { threadId: 'x', path: '/no/such/file' });
  assert.match(missing.message, /^failed to load rollout `\/no\/such\/file`: No such file or directory/);
  // A path that does not begin at the root is told as it was given, and starts where the server was started.
  const near = await box.error('thread/resume', { threadId: 'x', path: 'near/missing.jsonl' });
  assert.match(near.message, /^failed to load rollout `near\/missing.jsonl`: No such file or directory/);
  const blank = await box.error('thread/resume', { threadId: 'x', path: '' });
  assert.match(blank.message, /^failed to load rollout ``: No such file or directory/);
  const junk = box.write(join(box.folder, 'junk.jsonl'), 'junk\n{}\n');
  assert.equal(
    (await box.error('thread/resume', { threadId: 'x', path: junk })).message,
    `failed to load rollout \`${junk}\`: failed to parse thread ID from rollout file`,
  );
  assert.equal((await box.error('thread/resume', { threadId: 'x', history: [] })).message, 'history must not be empty');
  assert.deepEqual((await box.call('thread/loaded/list')).data, []);
});

test('thread/resume keeps usage: totals go on from where they were', async () => {
  await using box = await Box.open();
  box.model.script(
    stream(says('a', 'msg-1', { input: 10, output: 5 })),
    stream(says('b', 'msg-2', { input: 1, output: 1 })),
  );
  const threadId = await box.thread();
  await box.completed(threadId, 'a');
  await box.start();
  await box.call('thread/resume', { threadId });
  const turn = await box.completed(threadId, 'b');
  assert.equal(turn.all('thread/tokenUsage/updated').at(-1).tokenUsage.total.totalTokens, 17);
});

test('two clients of one thread file: a second resume in a fresh process sees every turn of the first', async () => {
  await using box = await Box.open();
  const threadId = await box.thread();
  for (let n = 1; n <= 4; n += 1) {
    box.model.script(answer(n));
    await box.completed(threadId, `question ${n}`);
    await box.start();
    const { thread } = await box.call('thread/resume', { threadId });
    assert.equal(thread.turns.length, n);
  }
});

test('path-absolute: a thread that is resumed by a relative path is told with its whole path', async () => {
  await using box = await Box.open();
  box.model.script(answer(1));
  const { thread } = await box.call('thread/start', {});
  await box.completed(thread.id, 'first');
  await box.start();
  const path = relative(box.workspace, thread.path);
  assert.equal((await box.call('thread/resume', { threadId: 'x', path })).thread.path, thread.path);
});
