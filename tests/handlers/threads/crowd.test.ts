/** Many at once: two servers on one home, and as many requests as ten clients make. Nothing is lost, nothing waits for ever. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, textOf } from '../../support/box.ts';
import { says } from '../../support/model-events.ts';
import { type ReceivedRequest, type Reply, stream } from '../../support/model-server.ts';
import { RawClient } from '../../support/raw-client.ts';

/** Answers every request with the text of its last message. */
function echo(box: Box): void {
  let count = 0;
  box.model.route('POST', '/v1/responses', ({ body }: ReceivedRequest): Reply => {
    count += 1;
    return stream(says(`answer to ${textOf(body.input.at(-1))}`, `msg-${count}`));
  });
}

/** A second server on the home of the first. */
async function second(box: Box): Promise<RawClient> {
  const client = new RawClient({ home: box.home, cwd: box.workspace });
  await client.initialize();
  return client;
}

/** Another program that has the lock on a file. */
async function lockHolder(path: string): Promise<Disposable & { release(): Promise<void> }> {
  const child = spawn('flock', [path, 'sh', '-c', 'echo held; read line']);
  await once(child.stdout, 'data');
  return {
    release: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
    [Symbol.dispose]: () => child.kill(),
  };
}

const input = (text: string): object[] => [{ type: 'text', text }];

/** Runs turns one after the other, and waits for the end of each. */
async function turns(client: RawClient, threadId: string, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const { turn } = await client.call('turn/start', { threadId, input: input(text) });
    const { params } = await client.waitFor(
      ({ method, params: said }) => method === 'turn/completed' && said.turn.id === turn.id,
      `the end of ${text}`,
    );
    assert.equal(params.turn.status, 'completed', text);
  }
}

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${name} ${n}`);

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly items: readonly { readonly type: string; readonly text?: string; readonly content?: { text: string }[] }[];
}

/** Question and answer of every turn, by question. */
const dialogue = (shown: readonly Shown[]): string[] =>
  shown
    .map(({ status, items }) => [status, ...items.map(({ text, content }) => text ?? content?.[0]?.text)].join(' | '))
    .sort();

const expected = (texts: readonly string[]): string[] =>
  texts.map((text) => `completed | ${text} | answer to ${text}`).sort();

test('two servers on one home see each other’s threads, and each thread has all its turns', async () => {
  await using box = await Box.open();
  echo(box);
  await using other = await second(box);
  const mine = await box.thread();
  const theirs = (await other.call('thread/start', {})).thread.id;
  await Promise.all([turns(box.client, mine, numbered('a', 5)), turns(other, theirs, numbered('b', 5))]);
  for (const client of [box.client, other]) {
    const { data } = await client.call('thread/list', { modelProviders: [] });
    assert.deepEqual(data.map(({ id }: { id: string }) => id).sort(), [mine, theirs].sort());
    for (const [threadId, name] of Object.entries({ [mine]: 'a', [theirs]: 'b' })) {
      const { thread } = await client.call('thread/read', { threadId, includeTurns: true });
      assert.deepEqual(dialogue(thread.turns), expected(numbered(name, 5)));
    }
  }
});

test('writer-lock: of two servers only one writes a thread, the other may read it', async () => {
  await using box = await Box.open();
  echo(box);
  const { thread } = await box.call('thread/start', {});
  await turns(box.client, thread.id, ['before']);
  await using other = await second(box);
  for (const params of [{ threadId: thread.id }, { threadId: 'x', path: thread.path }]) {
    const { error } = await other.request('thread/resume', params);
    assert.deepEqual(error, { code: -32600, message: `thread ${thread.id} already has an active writer` });
  }
  const read = await other.call('thread/read', { threadId: thread.id, includeTurns: true });
  assert.deepEqual(dialogue(read.thread.turns), expected(['before']));
  assert.equal((await other.call('thread/list', { modelProviders: [] })).data.length, 1);
  const fork = await other.call('thread/fork', { threadId: thread.id });
  assert.deepEqual(dialogue(fork.thread.turns), expected(['before']));

  // However the holder ends, the thread is free then.
  box.client.server.child.kill('SIGKILL');
  await box.client.server.exited;
  await other.call('thread/resume', { threadId: thread.id });
  await turns(other, thread.id, ['after']);
  await box.start();
  const { error } = await box.client.request('thread/resume', { threadId: thread.id });
  assert.equal(error?.message, `thread ${thread.id} already has an active writer`);
  await other[Symbol.asyncDispose]();
  const resumed = await box.call('thread/resume', { threadId: thread.id });
  assert.deepEqual(dialogue(resumed.thread.turns), expected(['before', 'after']));
});

test('writer-lock: without the program that sets locks, threads are written all the same', async () => {
  await using box = await Box.open({ start: false });
  mkdirSync(join(box.folder, 'bin'));
  await box.start({ PATH: join(box.folder, 'bin'), SHARDEX_LOG: 'warn' });
  echo(box);
  const threadId = await box.thread();
  await turns(box.client, threadId, ['one']);
  assert.match(box.client.server.stderr, /without locks/);
  await box.start({ PATH: join(box.folder, 'bin') });
  await box.call('thread/resume', { threadId });
  await turns(box.client, threadId, ['two']);
  assert.deepEqual(dialogue(await box.turnsOf(threadId)), expected(['one', 'two']));
});

test('writer-lock: a link in the place of a lock is not followed', async () => {
  await using box = await Box.open();
  echo(box);
  const threadId = await box.thread();
  await turns(box.client, threadId, ['one']);
  await box.client[Symbol.asyncDispose]();
  const lock = join(box.home, 'thread-writer-locks', `${threadId}.lock`);
  rmSync(lock);
  symlinkSync(join(box.folder, 'not-made'), lock);
  await box.start();
  await box.call('thread/resume', { threadId });
  await turns(box.client, threadId, ['two']);
  assert.deepEqual(dialogue(await box.turnsOf(threadId)), expected(['one', 'two']));
  assert.equal(existsSync(join(box.folder, 'not-made')), false);
});

test('writer-lock: a thread that another server has loaded is neither archived nor taken out of the archive', async () => {
  await using box = await Box.open();
  echo(box);
  const { thread } = await box.call('thread/start', {});
  await turns(box.client, thread.id, ['before']);
  await using other = await second(box);
  const inUse = { code: -32600, message: `thread ${thread.id} already has an active writer` };
  const conversation = { conversationId: thread.id, rolloutPath: thread.path };
  for (const [method, params] of Object.entries({
    'thread/archive': { threadId: thread.id },
    archiveConversation: conversation,
  })) {
    const { error } = await other.request(method, params);
    assert.deepEqual(error, inUse, method);
  }
  await turns(box.client, thread.id, ['after']);
  const { thread: read } = await other.call('thread/read', { threadId: thread.id, includeTurns: true });
  assert.deepEqual([read.path, dialogue(read.turns)], [thread.path, expected(['before', 'after'])]);

  // Its own server may, and then everybody.
  await box.call('thread/archive', { threadId: thread.id });
  await other.call('thread/unarchive', { threadId: thread.id });
  await other.call('thread/archive', { threadId: thread.id });
  using holder = await lockHolder(join(box.home, 'thread-writer-locks', `${thread.id}.lock`));
  const { error } = await other.request('thread/unarchive', { threadId: thread.id });
  assert.deepEqual(error, inUse);
  await holder.release();
  await box.call('thread/unarchive', { threadId: thread.id });
  const { thread: back } = await box.call('thread/resume', { threadId: thread.id });
  assert.deepEqual(dialogue(back.turns), expected(['before', 'after']));
});

test('writer-lock: a thread is archived, taken out, resumed and archived by one server without a wait', async () => {
  await using box = await Box.open();
  echo(box);
  const threadId = await box.thread();
  await turns(box.client, threadId, ['one']);
  for (let n = 0; n < 5; n += 1) {
    await box.call('thread/archive', { threadId });
    await box.call('thread/unarchive', { threadId });
    await box.call('thread/resume', { threadId });
  }
  assert.deepEqual(dialogue((await box.turnsOf(threadId)) as Shown[]), expected(['one']));
});

test('ten clients’ worth of lists, reads and turns at once: all are answered, nothing is lost', async () => {
  await using box = await Box.open({ capabilities: { optOutNotificationMethods: ['codex/event/*'] } });
  echo(box);
  const ids = await Promise.all(Array.from({ length: 10 }, () => box.thread()));
  const texts = numbered('q', 6);
  const { client } = box;
  const readers = ids.map(async (threadId) => {
    for (let n = 0; n < 12; n += 1) {
      const [{ thread }, page] = await Promise.all([
        client.call('thread/read', { threadId, includeTurns: true }),
        client.call('thread/list', { limit: 3, sortKey: n % 2 === 0 ? 'updated_at' : 'created_at' }),
        client.call('thread/turns/list', { threadId, itemsView: 'full' }),
        client.call('thread/loaded/list', {}),
        client.call('thread/name/set', { threadId, name: `name ${n}` }),
      ]);
      assert.equal(thread.id, threadId);
      assert.ok(page.data.length <= 3);
      // What was complete stays as it was: a read never sees half a line.
      const complete = (thread.turns as Shown[]).filter(({ status }) => status === 'completed');
      assert.deepEqual(dialogue(complete), expected(texts.slice(0, complete.length)));
    }
  });
  await Promise.all([...readers, ...ids.map((threadId) => turns(client, threadId, texts))]);
  const listed: string[] = [];
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const page: { data: { id: string }[]; nextCursor: string | null } = await client.call('thread/list', {
      cursor,
      limit: 3,
    });
    listed.push(...page.data.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  assert.deepEqual(listed.sort(), [...ids].sort());
  for (const id of ids) assert.deepEqual(dialogue((await box.turnsOf(id)) as Shown[]), expected(texts));
});
