import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Box, textOf } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { distFolder } from '../support/server.ts';

const NOBODY = 65_534;
const line = (type: string, payload: unknown): string =>
  `${JSON.stringify({ timestamp: '2027-01-01T00:00:00.000Z', type, payload })}\n`;

/** A thread with one turn whose server has ended, and its file. */
async function stored(box: Box): Promise<{ threadId: string; path: string }> {
  box.model.script(stream(says('one', 'msg-1')), stream(says('two', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'first');
  const { path } = (await box.call('thread/read', { threadId })).thread;
  await box.client[Symbol.asyncDispose]();
  return { threadId, path };
}

test('what a newer version wrote is passed over and stays in the file; the thread goes on', async () => {
  await using box = await Box.open();
  const { threadId, path } = await stored(box);
  const newer = [
    line('world_state', { anything: [1, 2] }),
    line('event_msg', { type: 'dream_completed', text: 'unknown' }),
    line('response_item', { type: 'hologram', light: 'blue' }),
    line('shardex', { type: 'item_folded', turn_id: 'x' }),
    line('event_msg', { type: 'user_message', message: 'from later', images: [], mood: 'good', local_images: [] }),
  ].join('');
  appendFileSync(path, newer);
  await box.start();
  const { thread } = await box.call('thread/resume', { threadId });
  const questions = thread.turns.map(({ items }: { items: { content: { text: string }[] }[] }) => items[0]?.content[0]);
  assert.deepEqual(
    questions.map((content: { text: string }) => content.text),
    ['first', 'from later'],
  );
  await box.completed(threadId, 'second');
  for (const text of ['first', 'one', 'second']) assert.ok((await box.sent(2)).map(textOf).includes(text), text);
  assert.ok(readFileSync(path, 'utf8').includes(newer));
});

test('junk lines cost nothing but themselves, wherever they stand', async () => {
  await using box = await Box.open();
  const { threadId, path } = await stored(box);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const junk = ['', '   ', 'no json', '{"type":', '[]', 'null', '{}', '\u0000\u0000', '{"timestamp":"2027"}'];
  writeFileSync(path, lines.flatMap((each, at) => [each, junk[at % junk.length]]).join('\n'));
  await box.start();
  const { thread } = await box.call('thread/resume', { threadId });
  assert.equal(thread.turns.length, 1);
  assert.deepEqual(
    thread.turns[0].items.map(({ type }: { type: string }) => type),
    ['userMessage', 'agentMessage'],
  );
  await box.completed(threadId, 'second');
});

test('an empty file is no thread: it is not listed, and whoever opens it is told', async () => {
  await using box = await Box.open();
  const { threadId, path } = await stored(box);
  const empty = join(dirname(path), 'rollout-2027-01-01T00-00-00-01a20787-0000-7000-8000-0000000000e0.jsonl');
  writeFileSync(empty, '');
  await box.start();
  const { data } = await box.call('thread/list', {});
  assert.deepEqual(
    data.map(({ id }: { id: string }) => id),
    [threadId],
  );
  const { message } = await box.error('thread/resume', { threadId, path: empty });
  assert.equal(message, `failed to load rollout \`${empty}\`: empty session file`);
});

const isRoot = process.getuid?.() === 0;

test('a folder that may not be read hides its threads and no others', { skip: !isRoot }, async () => {
  await using box = await Box.open();
  const { threadId, path } = await stored(box);
  const closed = join(dirname(path), '..', '..', '..', '2001', '01', '01');
  mkdirSync(closed, { recursive: true });
  writeFileSync(join(closed, 'rollout-2001-01-01T00-00-00-01a20787-0000-7000-8000-0000000000e1.jsonl'), '');
  execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, box.folder]);
  chmodSync(closed, 0);
  const args = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', process.execPath];
  const env = { PATH: process.env.PATH, CODEX_HOME: box.home, HOME: box.folder };
  const server = spawn('setpriv', [...args, join(distFolder(), 'main.js')], { cwd: box.workspace, env });
  const ended = once(server, 'close');
  const replies = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const ask = async (id: number, method: string, params: object) => {
    server.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    for (;;) {
      const { value, done } = await replies.next();
      assert.ok(done !== true, 'the server ended');
      const message = JSON.parse(value);
      if (message.id === id) return message;
    }
  };
  await ask(1, 'initialize', { clientInfo: { name: 'test', version: '1' } });
  server.stdin.write('{"method":"initialized"}\n');
  const { result } = await ask(2, 'thread/list', {});
  assert.deepEqual(
    result.data.map(({ id }: { id: string }) => id),
    [threadId],
  );
  assert.equal((await ask(3, 'thread/resume', { threadId })).result.thread.turns.length, 1);
  server.stdin.end();
  await ended;
  chmodSync(closed, 0o700);
});
