/** Ids, paths and links that lead astray, through the real process: the documented error, and nothing is lost. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';

const UNKNOWN = '01900000-0000-7000-8000-000000000000';
const MALFORMED = [
  '',
  'abc',
  ' ',
  `${UNKNOWN}0`,
  `${UNKNOWN}\n`,
  'g1900000-0000-7000-8000-000000000000',
  '../../etc/passwd',
];

const INPUT = [{ type: 'text', text: 'x' }];
const TURN = {
  items: [],
  cwd: '/',
  approvalPolicy: 'never',
  sandboxPolicy: { type: 'read-only' },
  model: 'm',
  summary: 'auto',
};

/** What a method says of an id of the right form that names nothing; null: it is an answer, not an error. */
const METHODS: Readonly<Record<string, { readonly params: object; readonly unknown: string | null }>> = {
  'thread/resume': { params: {}, unknown: 'no rollout found for thread id' },
  'thread/fork': { params: {}, unknown: 'no rollout found for thread id' },
  'thread/read': { params: {}, unknown: 'thread not loaded:' },
  'thread/turns/list': { params: {}, unknown: 'thread not loaded:' },
  'thread/archive': { params: {}, unknown: 'no rollout found for thread id' },
  'thread/unarchive': { params: {}, unknown: 'no archived rollout found for thread id' },
  'thread/rollback': { params: { numTurns: 1 }, unknown: 'thread not found:' },
  'thread/name/set': { params: { name: 'n' }, unknown: 'thread not found:' },
  'thread/compact/start': { params: {}, unknown: 'thread not found:' },
  'thread/unsubscribe': { params: {}, unknown: null },
  'turn/start': { params: { input: INPUT }, unknown: 'thread not found:' },
  'turn/steer': { params: { input: INPUT, expectedTurnId: 't' }, unknown: 'thread not found:' },
  'turn/interrupt': { params: { turnId: 't' }, unknown: 'thread not found:' },
};

const CONVERSATION_METHODS: Readonly<Record<string, { readonly params: object; readonly unknown: string }>> = {
  resumeConversation: { params: {}, unknown: 'no rollout found for conversation id' },
  forkConversation: { params: {}, unknown: 'no rollout found for conversation id' },
  getConversationSummary: { params: {}, unknown: 'no rollout found for conversation id' },
  sendUserMessage: { params: { items: [] }, unknown: 'conversation not found:' },
  sendUserTurn: { params: TURN, unknown: 'conversation not found:' },
  interruptConversation: { params: {}, unknown: 'conversation not found:' },
  addConversationListener: { params: { experimentalRawEvents: false }, unknown: 'thread not found:' },
};

test('malformed, unknown and foreign ids: every method says so, and the server goes on', async () => {
  await using box = await Box.open();
  await using other = await Box.open();
  const foreign = await other.thread();
  for (const [method, { params, unknown }] of Object.entries(METHODS)) {
    for (const threadId of MALFORMED) {
      const { code, message } = await box.error(method, { threadId, ...params });
      assert.deepEqual([code, message.startsWith('invalid thread id: ')], [-32600, true], `${method} ${message}`);
    }
    for (const threadId of [UNKNOWN, foreign, foreign.toUpperCase()]) {
      if (unknown === null) await box.call(method, { threadId, ...params });
      else {
        const message = `${unknown} ${threadId.toLowerCase()}`;
        assert.deepEqual(await box.error(method, { threadId, ...params }), { code: -32600, message }, method);
      }
    }
  }
  assert.deepEqual((await box.call('thread/loaded/list')).data, []);
});

test('the older protocol: malformed, unknown and foreign ids', async () => {
  await using box = await Box.open();
  await using other = await Box.open();
  const foreign = (await other.call('newConversation')).conversationId;
  for (const [method, { params, unknown }] of Object.entries(CONVERSATION_METHODS)) {
    for (const conversationId of MALFORMED) {
      const { code } = await box.error(method, { conversationId, ...params });
      assert.equal(code, -32600, method);
    }
    for (const conversationId of [UNKNOWN, foreign]) {
      const message = `${unknown} ${conversationId}`;
      assert.deepEqual(await box.error(method, { conversationId, ...params }), { code: -32600, message }, method);
    }
  }
});

/** A stored thread that is not loaded. */
async function stored(box: Box): Promise<{ id: string; path: string }> {
  const { thread } = await box.call('thread/start', {});
  box.model.script(stream(says('answer', 'msg-1')));
  await box.completed(thread.id, 'question');
  await box.start();
  return thread;
}

test('paths outside the sessions folder: archived never, whatever they are spelled like; read and resumed', async () => {
  await using box = await Box.open();
  const { id, path } = await stored(box);
  const name = path.split('/').at(-1) ?? '';
  const outside = join(box.folder, 'outside', name);
  mkdirSync(dirname(outside));
  writeFileSync(outside, readFileSync(path));
  const spellings = [
    outside,
    join(box.home, 'sessions', '..', '..', 'outside', name).replace('/sessions', '/sessions/.'),
    `${box.home}/sessions/../../outside/${name}`,
    join(box.home, 'config.toml'),
    join(box.home, 'sessions'),
    '',
    '/',
    'sessions',
    '\0',
  ];
  for (const rolloutPath of spellings) {
    const { code, message } = await box.error('archiveConversation', { conversationId: id, rolloutPath });
    assert.deepEqual([code, message], [-32600, `rollout path \`${rolloutPath}\` must be in sessions directory`]);
  }
  const wrong = await box.error('archiveConversation', { conversationId: UNKNOWN, rolloutPath: path });
  assert.equal(wrong.message, `rollout path \`${path}\` does not match thread id ${UNKNOWN}`);
  const { thread } = await box.call('thread/resume', { threadId: 'x', path: outside });
  assert.deepEqual([thread.id, thread.path, thread.turns.length], [id, outside, 1]);
});

test('a file that is reached through links: found, read, resumed once, and written where it is', async () => {
  await using box = await Box.open();
  const { id, path } = await stored(box);
  const real = join(box.folder, 'real', path.split('/').at(-1) ?? '');
  mkdirSync(dirname(real));
  renameSync(path, real);
  // The folder of its day is a link to where it is; another link leads back to the beginning.
  rmSync(dirname(path), { recursive: true });
  symlinkSync(dirname(real), dirname(path));
  symlinkSync(join(box.home, 'sessions'), join(box.home, 'sessions', 'circle'));
  assert.equal((await box.turnsOf(id)).length, 1);
  const { thread } = await box.call('thread/resume', { threadId: id });
  assert.equal(thread.path, path);
  const again = await box.call('thread/resume', { threadId: 'x', path: real });
  assert.equal(again.thread.path, path);
  box.model.script(stream(says('more', 'msg-2')));
  await box.completed(id, 'more');
  assert.equal(readFileSync(real, 'utf8').includes('"more"'), true);
  assert.equal((await box.call('thread/loaded/list')).data.length, 1);
  assert.deepEqual(await box.error('thread/archive', { threadId: id }), {
    code: -32600,
    message: `rollout path \`${path}\` must be in sessions directory`,
  });
  assert.equal((await box.turnsOf(id)).length, 2);
});

test('a link that leads nowhere is no thread', async () => {
  await using box = await Box.open();
  const { id, path } = await stored(box);
  unlinkSync(path);
  symlinkSync('/no/such/file', path);
  assert.equal((await box.error('thread/read', { threadId: id })).message, `thread not loaded: ${id}`);
  for (const method of ['thread/resume', 'thread/fork', 'thread/archive']) {
    assert.equal((await box.error(method, { threadId: id })).message, `no rollout found for thread id ${id}`);
  }
});

test('a file in the place of the sessions folder: nothing is found in it, nothing can be started', async () => {
  await using box = await Box.open();
  writeFileSync(join(box.home, 'sessions'), 'x');
  writeFileSync(join(box.home, 'archived_sessions'), 'x');
  assert.equal((await box.error('thread/read', { threadId: UNKNOWN })).message, `thread not loaded: ${UNKNOWN}`);
  for (const method of ['thread/resume', 'thread/fork', 'thread/archive']) {
    const { message } = await box.error(method, { threadId: UNKNOWN });
    assert.equal(message, `no rollout found for thread id ${UNKNOWN}`);
  }
  assert.match((await box.error('thread/unarchive', { threadId: UNKNOWN })).message, /^no archived rollout found/);
  const { code, message } = await box.error('thread/start', {});
  assert.equal(code, -32603);
  assert.match(message, /^error creating thread: Fatal error: .*is blocked by an existing file/);
  assert.deepEqual((await box.call('thread/loaded/list')).data, []);
});
