import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';
import { says, streams } from '../../support/model-events.ts';
import { hang, stream } from '../../support/model-server.ts';

const UNKNOWN = '01900000-0000-7000-8000-000000000000';

async function stored(box: Box): Promise<{ id: string; path: string }> {
  box.model.script(stream(says('kept')));
  const { thread } = await box.call('thread/start', {});
  await box.completed(thread.id, 'keep this');
  return thread;
}

const archivedPath = (box: Box, path: string): string => join(box.home, 'archived_sessions', basename(path));

test('thread/archive unloads the thread and moves its file; thread/unarchive brings it back to its day', async () => {
  await using box = await Box.open();
  const { id, path } = await stored(box);
  const before = statSync(path).mtimeMs;
  const turns = await box.turnsOf(id);
  assert.deepEqual(await box.call('thread/archive', { threadId: id.toUpperCase() }), {});
  assert.equal(box.client.messages.at(-2)?.method, 'codex/event/shutdown_complete');
  const target = archivedPath(box, path);
  assert.ok(existsSync(target) && !existsSync(path));
  assert.equal(statSync(target).mtimeMs, before);
  assert.deepEqual((await box.call('thread/loaded/list')).data, []);
  const refusals = {
    'turn/start': `thread not found: ${id}`,
    'thread/read': `thread not loaded: ${id}`,
    'thread/resume': `no rollout found for thread id ${id}`,
    'thread/fork': `no rollout found for thread id ${id}`,
    'thread/archive': `no rollout found for thread id ${id}`,
  };
  for (const [method, message] of Object.entries(refusals)) {
    assert.deepEqual(await box.error(method, { threadId: id, input: [] }), { code: -32600, message }, method);
  }
  const { thread } = await box.call('thread/unarchive', { threadId: id });
  assert.deepEqual([thread.id, thread.path, thread.preview, thread.turns], [id, path, 'keep this', []]);
  assert.ok(statSync(path).mtimeMs > before);
  assert.equal(thread.updatedAt, Math.floor(statSync(path).mtimeMs / 1000));
  assert.deepEqual((await box.call('thread/loaded/list')).data, []);
  const resumed = await box.call('thread/resume', { threadId: id });
  assert.deepEqual(resumed.thread.turns, turns);
});

test('thread/archive of a thread that never had a turn', async () => {
  await using box = await Box.open();
  const { thread } = await box.call('thread/start', {});
  await box.call('thread/archive', { threadId: thread.id });
  assert.ok(existsSync(archivedPath(box, thread.path)));
});

test('thread/archive interrupts the running turn first, and what it had said is stored', async () => {
  await using box = await Box.open();
  box.model.script(hang(streams(['so far']).slice(0, 3)));
  const { thread } = await box.call('thread/start', {});
  const turn = await box.turn(thread.id, 'go');
  await turn.wait('item/agentMessage/delta');
  const reply = await box.client.request('thread/archive', { threadId: thread.id });
  assert.equal((await turn.ended()).status, 'interrupted');
  const place = (method: string) => box.client.messages.findIndex((each) => each.method === method);
  const order = ['codex/event/turn_aborted', 'turn/completed', 'codex/event/shutdown_complete'].map(place);
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  assert.ok(!order.includes(-1) && box.client.messages.indexOf(reply) > (order.at(-1) ?? 0));
  await box.call('thread/unarchive', { threadId: thread.id });
  const [read] = await box.turnsOf(thread.id);
  assert.deepEqual([read.id, read.status, read.items.at(-1).text], [turn.id, 'interrupted', 'so far']);
});

test('requests for a thread behind its archive are told so, whatever its id is spelled like', async () => {
  await using box = await Box.open();
  const { id, path } = await stored(box);
  const ids = [id, id.toUpperCase(), id.replaceAll('-', ''), `urn:uuid:${id}`, `{${id}}`];
  box.client.start('thread/archive', { threadId: id });
  const replies = await Promise.all(
    ids.map((threadId) => box.error('turn/start', { threadId, input: [{ type: 'text', text: 'late' }] })),
  );
  for (const { message } of replies) assert.equal(message, `thread not found: ${id}`);
  assert.match((await box.error('thread/resume', { threadId: 'x', path })).message, /^failed to load rollout/);
});

test('thread/unarchive of a thread that goes on in the archive unloads it first', async () => {
  await using box = await Box.open();
  const { id, path } = await stored(box);
  await box.call('thread/archive', { threadId: id });
  const there = await box.call('thread/resume', { threadId: 'x', path: archivedPath(box, path) });
  assert.equal(there.thread.path, archivedPath(box, path));
  box.model.script(stream(says('more', 'msg-2')), stream(says('again', 'msg-3')));
  await box.completed(id, 'in the archive');
  await box.call('thread/unarchive', { threadId: id });
  await box.call('thread/resume', { threadId: id });
  await box.completed(id, 'back');
  assert.equal((await box.turnsOf(id)).length, 3);
  assert.ok(!existsSync(archivedPath(box, path)));
});

test('neither way ends another file: what is in the place already stays', async () => {
  await using box = await Box.open();
  const { id, path } = await stored(box);
  await box.call('thread/archive', { threadId: id });
  const archived = archivedPath(box, path);
  copyFileSync(archived, path);
  const before = readFileSync(archived, 'utf8');
  for (const method of ['thread/unarchive', 'thread/archive']) {
    const { code, message } = await box.error(method, { threadId: id });
    assert.equal(code, -32603);
    assert.match(message, /^failed to (un)?archive thread: .* already exists$/);
  }
  assert.deepEqual([readFileSync(archived, 'utf8'), readFileSync(path, 'utf8')], [before, before]);
});

test('a file whose name is not that of its thread: archived by its name, and nobody goes on writing', async () => {
  await using box = await Box.open();
  const { id, path } = await stored(box);
  await box.start();
  const renamed = path.replace(id, UNKNOWN);
  renameSync(path, renamed);
  assert.equal((await box.call('thread/resume', { threadId: 'x', path: renamed })).thread.id, id);
  await box.call('thread/archive', { threadId: UNKNOWN });
  assert.deepEqual((await box.call('thread/loaded/list')).data, []);
  assert.ok(existsSync(archivedPath(box, renamed)));
});

test('links that lead out of the folder are not followed', async () => {
  await using box = await Box.open();
  const outside = box.write(join(box.folder, 'outside.jsonl'), '{}\n');
  const link = join(box.home, 'sessions', `rollout-2026-01-01T00-00-00-${UNKNOWN}.jsonl`);
  mkdirSync(join(box.home, 'sessions'), { recursive: true });
  symlinkSync(outside, link);
  assert.deepEqual(await box.error('thread/archive', { threadId: UNKNOWN }), {
    code: -32600,
    message: `rollout path \`${link}\` must be in sessions directory`,
  });
  assert.ok(existsSync(outside));
});

test('thread/archive and thread/unarchive: every refusal has its code and text', async () => {
  await using box = await Box.open();
  assert.match((await box.error('thread/archive', { threadId: 'zz' })).message, /^invalid thread id: /);
  assert.match((await box.error('thread/unarchive', { threadId: 'zz' })).message, /^invalid thread id: /);
  assert.deepEqual(await box.error('thread/archive', { threadId: UNKNOWN }), {
    code: -32600,
    message: `no rollout found for thread id ${UNKNOWN}`,
  });
  assert.deepEqual(await box.error('thread/unarchive', { threadId: UNKNOWN }), {
    code: -32600,
    message: `no archived rollout found for thread id ${UNKNOWN}`,
  });
  const ephemeral = await box.thread({ ephemeral: true });
  assert.equal(
    (await box.error('thread/archive', { threadId: ephemeral })).message,
    `no rollout found for thread id ${ephemeral}`,
  );
  assert.deepEqual((await box.call('thread/loaded/list')).data, [ephemeral]);
  const nameless = join(box.home, 'archived_sessions', `${UNKNOWN}.jsonl`);
  mkdirSync(join(box.home, 'archived_sessions'));
  writeFileSync(nameless, '');
  assert.equal(
    (await box.error('thread/unarchive', { threadId: UNKNOWN })).message,
    `rollout path \`${nameless}\` missing filename timestamp`,
  );
});
