import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, textOf } from '../support/box.ts';
import { says, streams } from '../support/model-events.ts';
import { gate, stream } from '../support/model-server.ts';

const pathOf = async (box: Box, threadId: string): Promise<string> =>
  (await box.call('thread/read', { threadId })).thread.path;

/** Files of the process cannot grow beyond this from now on, as on a full disk. */
const limitFiles = (pid: number, bytes: number | 'unlimited'): void =>
  void execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:unlimited`]);

test('a file that cannot grow fails the turn with the reason, and the thread goes on when there is room', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one')));
  const threadId = await box.thread();
  await box.completed(threadId, 'first');
  const pid = box.client.server.child.pid ?? 0;
  const path = await pathOf(box, threadId);
  // Half a line more.
  limitFiles(pid, statSync(path).size + 100);
  const turn = await box.turn(threadId, 'second');
  const ended = await turn.ended();
  assert.equal(ended.status, 'failed');
  assert.match(ended.error.message, /EFBIG|too large/i);
  limitFiles(pid, 'unlimited');
  box.model.script(stream(says('room again', 'msg-3')));
  const third = await box.completed(threadId, 'third');
  assert.equal(third.items('agentMessage')[0].text, 'room again');
  const turns = await box.turnsOf(threadId);
  assert.deepEqual(turns.at(-1).items, third.items());
  assert.ok(turns.some(({ items }) => items[0].content?.[0].text === 'first'));
});

test('a file that stops growing while a message streams ends its items and the turn', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one')));
  const threadId = await box.thread();
  await box.completed(threadId, 'first');
  const path = await pathOf(box, threadId);
  const pid = box.client.server.child.pid ?? 0;
  const held = gate();
  box.model.script(stream(streams(['some ', 'text']).slice(0, 3), held.wait, streams(['some ', 'text']).slice(3)));
  const turn = await box.turn(threadId, 'second');
  await turn.wait('item/agentMessage/delta');
  limitFiles(pid, statSync(path).size + 10);
  held.open();
  assert.equal((await turn.ended()).status, 'failed');
  limitFiles(pid, 'unlimited');
  box.model.script(stream(says('room again', 'msg-3')));
  await box.completed(threadId, 'third');
});

test('append-torn: a torn last line is ended first, and nothing but itself is lost', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one')), stream(says('two', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'first');
  const path = await pathOf(box, threadId);
  await box.client[Symbol.asyncDispose]();
  appendFileSync(path, '{"timestamp":"2026-01-01T00:00:00.000Z","type":"event_msg","payl');
  await box.start();
  const { thread } = await box.call('thread/resume', { threadId });
  assert.equal(thread.turns.length, 1);
  await box.completed(threadId, 'second');
  const sent = (await box.sent(2)).map(textOf);
  for (const text of ['first', 'one', 'second']) assert.ok(sent.includes(text), text);
  assert.equal((await box.turnsOf(threadId)).length, 2);
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.equal(lines.filter((line) => line.endsWith('"payl')).length, 1);
});

test('thread/start says why a thread cannot be stored', async () => {
  await using box = await Box.open({ prepare: (it) => void it.write(join(it.home, 'sessions'), 'a file') });
  const { code, message } = await box.error('thread/start', {});
  assert.equal(code, -32603);
  assert.match(message, /^error creating thread: Fatal error: .*is blocked by an existing file/);
  assert.match(message, /\(underlying error: .+\)$/);
  // An ephemeral thread needs no file.
  box.model.script(stream(says('fine')));
  await box.completed(await box.thread({ ephemeral: true }), 'go');
  rmSync(join(box.home, 'sessions'));
  await box.thread();
});

test('a thread whose file is gone is still read and goes on', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one')), stream(says('two', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'first');
  rmSync(await pathOf(box, threadId));
  const { thread } = await box.call('thread/read', { threadId });
  assert.equal(thread.id, threadId);
  await box.completed(threadId, 'second');
});
