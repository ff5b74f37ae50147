import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';

const indexOf = (box: Box): string => join(box.home, 'session_index.jsonl');

test('thread/name/set answers, then tells, and adds a line beside the rollouts', async () => {
  await using box = await Box.open();
  const { thread } = await box.call('thread/start', {});
  const before = [readFileSync(thread.path, 'utf8'), statSync(thread.path).mtimeMs];
  const reply = await box.client.request('thread/name/set', { threadId: thread.id, name: '  Tidy up  ' });
  assert.deepEqual(reply.result, {});
  const told = await box.client.waitFor(({ method }) => method === 'thread/name/updated', 'thread/name/updated');
  assert.deepEqual(told.params, { threadId: thread.id, threadName: 'Tidy up' });
  const older = box.client.ofMethod('codex/event/thread_name_updated')[0];
  assert.deepEqual(older?.params.msg, { type: 'thread_name_updated', thread_id: thread.id, thread_name: 'Tidy up' });
  const places = [reply, older, told].map((each) => (each ? box.client.messages.indexOf(each) : -1));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  await box.call('thread/name/set', { threadId: thread.id, name: 'Again' });
  const lines = readFileSync(indexOf(box), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ id, thread_name }) => [id, thread_name]),
    [
      [thread.id, 'Tidy up'],
      [thread.id, 'Again'],
    ],
  );
  assert.match(lines[0].updated_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  assert.deepEqual([readFileSync(thread.path, 'utf8'), statSync(thread.path).mtimeMs], before);
});

test('thread/name/set ends a torn line first', async () => {
  await using box = await Box.open();
  writeFileSync(indexOf(box), '{"id":"torn');
  await box.call('thread/name/set', { threadId: await box.thread(), name: 'whole' });
  const [torn, whole] = readFileSync(indexOf(box), 'utf8').split('\n');
  assert.equal(torn, '{"id":"torn');
  assert.equal(JSON.parse(whole ?? '').thread_name, 'whole');
});

test('a name that cannot be kept is an error event: of an ephemeral thread, and when the file refuses', async () => {
  await using box = await Box.open();
  const failed = async (threadId: string) => {
    assert.deepEqual(await box.call('thread/name/set', { threadId, name: 'x' }), {});
    const { params } = await box.client.waitFor(
      (each) => each.method === 'error' && each.params.threadId === threadId,
      'error',
    );
    assert.deepEqual([params.error.codexErrorInfo, params.willRetry], ['other', false]);
  };
  await failed(await box.thread({ ephemeral: true }));
  assert.ok(!existsSync(indexOf(box)));
  mkdirSync(indexOf(box));
  await failed(await box.thread());
  assert.deepEqual(box.client.ofMethod('thread/name/updated'), []);
});

test('thread/name/set: every refusal has its code and text', async () => {
  await using box = await Box.open();
  const unknown = '01900000-0000-7000-8000-000000000000';
  assert.deepEqual(await box.error('thread/name/set', { threadId: 'zz', name: ' \n' }), {
    code: -32600,
    message: 'thread name must not be empty',
  });
  assert.match((await box.error('thread/name/set', { threadId: 'zz', name: 'x' })).message, /^invalid thread id: /);
  assert.deepEqual(await box.error('thread/name/set', { threadId: unknown, name: 'x' }), {
    code: -32600,
    message: `thread not found: ${unknown}`,
  });
});
