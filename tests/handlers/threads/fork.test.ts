import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Box, textOf } from '../../support/box.ts';
import { calls, created, itemAdded, messageItem, says, shellCommand, textDelta } from '../../support/model-events.ts';
import { hang, stream } from '../../support/model-server.ts';

const answer = (n: number) => stream(says(`answer ${n}`, `msg-${n}`));

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('thread/fork begins a thread with a copy of all lines, and leaves the source as it is', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  box.model.script(stream(calls(shellCommand('call-1', 'echo hi'))), answer(1), answer(2), answer(3));
  const { thread: source } = await box.call('thread/start', { baseInstructions: 'Source base.' });
  await box.completed(source.id, 'first');
  const old = new Date('2026-01-01T00:00:00Z');
  utimesSync(source.path, old, old);
  const before = readFileSync(source.path, 'utf8');
  const turns = await box.turnsOf(source.id);

  const { thread, ...rest } = await box.call('thread/fork', { threadId: source.id });
  const started = await box.client.waitFor(
    ({ method, params }) => method === 'thread/started' && params.thread.id === thread.id,
    'thread/started',
  );
  assert.deepEqual(started.params.thread, thread);
  assert.ok(
    box.client.messages.indexOf(started) >
      box.client.messages.findIndex((each) => each.result?.thread?.id === thread.id),
  );
  assert.deepEqual([thread.preview, thread.source, thread.turns], ['first', 'vscode', turns]);
  assert.notEqual(thread.id, source.id);
  assert.equal(rest.model, 'some-model');
  assert.equal(readFileSync(source.path, 'utf8'), before);
  assert.equal(statSync(source.path).mtimeMs, old.getTime());

  const [copied, lines] = [linesOf(source.path), linesOf(thread.path)];
  assert.equal(lines[0].payload.id, thread.id);
  assert.equal(lines[0].payload.forked_from_id, source.id);
  assert.deepEqual(lines[0].payload.base_instructions, { text: 'Source base.' });
  const pure = (each: { type: string; payload: unknown }) => [each.type, each.payload];
  assert.deepEqual(lines.slice(1, 1 + copied.length).map(pure), copied.map(pure));
  assert.ok(lines.every(({ timestamp }) => timestamp >= lines[0].timestamp));
  const fresh = lines.slice(1 + copied.length);
  assert.ok(fresh.length > 0 && fresh.every(({ type }) => type === 'response_item'));
  assert.match(textOf(fresh[0].payload), /^<permissions instructions>/);

  // Both go on by themselves.
  await box.completed(thread.id, 'in the fork');
  await box.completed(source.id, 'in the source');
  const [inFork, inSource] = [await box.sent(3), await box.sent(4)].map((input) => input.map(textOf));
  assert.ok(inFork?.includes('answer 1') && inFork.includes('in the fork'));
  assert.equal(inFork?.filter((text) => text.startsWith('<permissions instructions>')).length, 2);
  assert.ok(!inSource?.includes('in the fork'));
  assert.equal((await box.turnsOf(source.id)).length, 2);
  await box.start();
  assert.equal((await box.call('thread/resume', { threadId: thread.id })).thread.turns.length, 2);
});

test('thread/fork of a running thread takes what is on disk, and the turn goes on', async () => {
  await using box = await Box.open();
  box.model.script(hang(created(), itemAdded(messageItem('msg-1', null)), textDelta('so far')), answer(2));
  const threadId = await box.thread();
  const turn = await box.turn(threadId, 'first');
  await turn.wait('item/agentMessage/delta');
  const { thread } = await box.call('thread/fork', { threadId });
  assert.deepEqual(
    thread.turns.map(({ id, status }: { id: string; status: string }) => [id, status]),
    [[turn.id, 'interrupted']],
  );
  const forked = await box.completed(thread.id, 'second');
  assert.deepEqual(
    (await box.turnsOf(thread.id)).map(({ id, status }) => [id, status]),
    [
      [turn.id, 'interrupted'],
      [forked.id, 'completed'],
    ],
  );
  await turn.interrupt();
  assert.equal((await turn.ended()).status, 'interrupted');
});

test('thread/fork by path, of a fork, without turns, and with settings of its own', async () => {
  await using box = await Box.open();
  box.model.script(answer(1), answer(2));
  const { thread: source } = await box.call('thread/start', {});
  await box.completed(source.id, 'first');
  const copy = join(box.folder, 'copy.jsonl');
  copyFileSync(source.path, copy);
  const { thread: child } = await box.call('thread/fork', { threadId: 'garbage', path: copy, excludeTurns: true });
  assert.deepEqual(child.turns, []);
  assert.deepEqual(box.client.ofMethod('thread/started').at(-1)?.params.thread.turns, []);
  const grandchild = await box.call('thread/fork', { threadId: child.id, model: 'newer', cwd: box.folder });
  assert.deepEqual([grandchild.model, grandchild.cwd, grandchild.thread.cwd], ['newer', box.folder, box.folder]);
  assert.equal(grandchild.thread.turns.length, 1);
  const heads = linesOf(grandchild.thread.path).filter(({ type }) => type === 'session_meta');
  assert.deepEqual(
    heads.map(({ payload }) => payload.id),
    [grandchild.thread.id, child.id, source.id],
  );
  assert.equal(heads[0].payload.forked_from_id, child.id);
  // A fork says nothing about another model.
  assert.deepEqual(box.client.ofMethod('codex/event/warning'), []);
});

test('thread/fork keeps what it understands of a file with torn and foreign lines', async () => {
  await using box = await Box.open();
  box.model.script(answer(1));
  const { thread: source } = await box.call('thread/start', {});
  await box.completed(source.id, 'first');
  const turns = await box.turnsOf(source.id);
  await box.start();
  const text = readFileSync(source.path, 'utf8');
  writeFileSync(
    source.path,
    `${text.replace('\n', '\njunk\n\n{"type":"of_tomorrow","payload":{}}\n')}{"timestamp":"2026`,
  );
  const { thread } = await box.call('thread/fork', { threadId: source.id });
  assert.deepEqual(thread.turns, turns);
  assert.ok(!readFileSync(thread.path, 'utf8').includes('junk'));
});

test('thread/fork: every refusal has its code and text, and leaves no file', async () => {
  await using box = await Box.open();
  const unknown = '01900000-0000-7000-8000-000000000000';
  assert.deepEqual(await box.error('thread/fork', { threadId: unknown }), {
    code: -32600,
    message: `no rollout found for thread id ${unknown}`,
  });
  assert.match((await box.error('thread/fork', { threadId: 'zz' })).message, /^invalid thread id: /);
  const empty = box.write(join(box.folder, 'empty.jsonl'), '');
  assert.equal(
    (await box.error('thread/fork', { threadId: 'zz', path: empty })).message,
    `failed to load rollout \`${empty}\`: empty session file`,
  );
  const ephemeral = await box.thread({ ephemeral: true });
  assert.equal(
    (await box.error('thread/fork', { threadId: ephemeral })).message,
    `no rollout found for thread id ${ephemeral}`,
  );
  const { thread } = await box.call('thread/start', {});
  const files = () => readdirSync(dirname(thread.path)).length;
  assert.equal(files(), 1);
  assert.match(
    (await box.error('thread/fork', { threadId: thread.id, modelProvider: 'nobody' })).message,
    /^error deriving config: /,
  );
  assert.equal(files(), 1);
});
