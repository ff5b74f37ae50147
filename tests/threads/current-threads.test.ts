/** Threads of codex app-server 0.171.0 in the hands of the server: listed, read, continued, moved, copied, and left alone. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Box, textOf } from '../support/box.ts';
import { calls, created, failed, says, shellCommand } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const FIXTURES = join(process.cwd(), 'tests/rollout/current-fixtures');
const PAGINATED = '01a22fa3-e971-7b20-8f3e-0c0689666f2b';
const PAGINATED_FORK = '01a22fa3-f039-73d3-a003-7d98f44451d4';
const LEGACY = '01a22fa4-08f2-79f2-bc26-1e5207c7865d';
const REVERTED = '01a22fa9-a17e-7293-8567-f42bc3127866';
const FORK_OF_REVERTED = '01a22fa9-a551-7202-853a-037f6c13fab1';
const ALL = [PAGINATED, PAGINATED_FORK, LEGACY, REVERTED, FORK_OF_REVERTED];
const EVERY = { modelProviders: [], sourceKinds: [] };

const dayFolder = (box: Box): string => join(box.home, 'sessions/2026/12/01');

function plant(box: Box): void {
  mkdirSync(dayFolder(box), { recursive: true });
  for (const name of readdirSync(FIXTURES).filter((each) => each.endsWith('.jsonl'))) {
    cpSync(join(FIXTURES, name), join(dayFolder(box), name));
  }
}

const open = (): Promise<Box> => Box.open({ prepare: plant });
const overrides = (box: Box, threadId: string): object => ({
  threadId,
  cwd: box.workspace,
  modelProvider: 'local',
  model: 'some-model',
});
// biome-ignore lint/suspicious/noExplicitAny: looked at as it came
const shown = (turns: any[]): unknown[] =>
  turns.map(({ id, status, items }) => [id, status, items.map((item: { id: string }) => item.id)]);

test('current-files: all are listed once, with what their users said first', async () => {
  await using box = await open();
  for (const sortKey of ['created_at', 'updated_at']) {
    const { data } = await box.call('thread/list', { ...EVERY, sortKey });
    assert.deepEqual(data.map(({ id }: { id: string }) => id).sort(), ALL.toSorted());
    const previews = new Map(data.map(({ id, preview }: { id: string; preview: string }) => [id, preview]));
    assert.equal(previews.get(PAGINATED_FORK), 'first question');
    assert.equal(previews.get(REVERTED), 'one');
  }
});

test('current-files: each is continued, and read back whole by every method, again and again', async () => {
  await using box = await open();
  for (const threadId of ALL) {
    let before = await box.turnsOf(threadId);
    for (const round of ['first', 'second']) {
      const resumed = await box.call('thread/resume', overrides(box, threadId));
      assert.deepEqual(shown(resumed.thread.turns), shown(before), threadId);
      box.model.script(
        stream(calls(shellCommand('call', 'echo hi'))),
        stream(says(`${round} answer`, `msg-${round}-${threadId}`)),
      );
      const turn = await box.completed(threadId, `${round} words`);
      box.model.script(stream(created(), failed('server_error')));
      await (await box.turn(threadId, 'fails')).ended();
      const turns = await box.turnsOf(threadId);
      assert.deepEqual(shown(turns.slice(0, before.length)), shown(before));
      assert.deepEqual(turns.at(-2).items, turn.items());
      assert.equal(turns.at(-1).status, 'failed');
      const page = await box.call('thread/turns/list', {
        threadId,
        limit: 100,
        sortDirection: 'asc',
        itemsView: 'full',
      });
      assert.deepEqual(page.data, turns);
      before = turns;
      await box.start();
    }
    const sent = (box.model.to().at(-1)?.body.input ?? []).map(textOf);
    assert.equal(sent.filter((text: string) => text === 'first words').length, 1);
    assert.equal(sent.filter((text: string) => text === 'first answer').length, 1);
  }
});

test('current-files: lines that are added to a numbered file are numbered, and told in its form', async () => {
  await using box = await open();
  const { thread } = await box.call('thread/resume', overrides(box, PAGINATED));
  box.model.script(stream(says('answer', 'msg-x')));
  const turn = await box.completed(PAGINATED, 'more words');
  const lines = readFileSync(thread.path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ordinals: number[] = lines.map(({ ordinal }) => ordinal);
  assert.ok(
    ordinals.every((ordinal, at) => at === 0 || ordinal > (ordinals[at - 1] ?? 0)),
    JSON.stringify(ordinals),
  );
  const told = lines.flatMap(({ type, payload }) =>
    type === 'event_msg' && payload.turn_id === turn.id ? [payload] : [],
  );
  assert.deepEqual(
    told.map(({ type, item }) => item?.type ?? type),
    ['task_started', 'UserMessage', 'AgentMessage', 'task_complete'],
  );
  assert.equal(told.at(-1).last_agent_message, 'answer');
  for (const text of ['more words', 'answer']) {
    const messages = await box.call('resumeConversation', { conversationId: PAGINATED });
    const found = messages.initialMessages.filter(({ message }: { message?: string }) => message === text);
    assert.equal(found.length, 1, text);
  }
});

test('current-files: archived, taken back out, copied and rolled back like any other', async () => {
  await using box = await open();
  for (const threadId of [PAGINATED, LEGACY, REVERTED]) {
    const before = await box.turnsOf(threadId);
    await box.call('thread/archive', { threadId });
    assert.equal(
      readdirSync(dayFolder(box)).some((name) => name.includes(threadId)),
      false,
    );
    assert.ok((await box.call('thread/list', { ...EVERY, archived: true })).data.length === 1);
    await box.call('thread/unarchive', { threadId });
    assert.deepEqual(await box.turnsOf(threadId), before);
    const fork = await box.call('thread/fork', overrides(box, threadId));
    assert.deepEqual(await box.turnsOf(fork.thread.id), before);
    await box.call('thread/resume', overrides(box, threadId));
    const { thread } = await box.call('thread/rollback', { threadId, numTurns: 1 });
    assert.deepEqual(thread.turns, before.slice(0, -1));
  }
});

/** Later files of a thread lie in the folders of the days on which it was taken back. */
function spread(box: Box): void {
  plant(box);
  const [, ...later] = readdirSync(dayFolder(box)).filter((name) => name.includes(`-${REVERTED}`));
  for (const [at, name] of later.entries()) {
    const folder = join(box.home, `sessions/2026/12/1${at}`);
    mkdirSync(folder);
    renameSync(join(dayFolder(box), name), join(folder, name.replace('2026-12-01T', `2026-12-1${at}T`)));
  }
}

test('current-files: a thread that was taken back on later days is one thread, and goes on in its newest file', async () => {
  await using together = await open();
  const turns = await together.turnsOf(REVERTED);
  const { thread: first } = await together.call('thread/read', { threadId: REVERTED });
  await using box = await Box.open({ prepare: spread });
  for (const sortKey of ['created_at', 'updated_at']) {
    const { data } = await box.call('thread/list', { ...EVERY, sortKey });
    assert.deepEqual(data.map(({ id }: { id: string }) => id).sort(), ALL.toSorted());
  }
  assert.deepEqual(await box.turnsOf(REVERTED), turns);
  assert.equal((await box.turnsOf(FORK_OF_REVERTED)).length, (await together.turnsOf(FORK_OF_REVERTED)).length);
  const files = (): string[] =>
    readdirSync(box.home, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes(`-${REVERTED}`));
  const before = files();
  await box.call('thread/archive', { threadId: REVERTED });
  assert.ok(files().length === 4 && files().every((name) => name.startsWith('archived_sessions/')));
  assert.equal((await box.call('thread/list', { ...EVERY, archived: true })).data.length, 1);
  await box.call('thread/unarchive', { threadId: REVERTED });
  assert.deepEqual(files().sort(), before.sort());
  const { thread } = await box.call('thread/resume', overrides(box, REVERTED));
  assert.equal(thread.path.slice(-78), first.path.slice(-78));
  box.model.script(stream(says('answer', 'msg-x')));
  await box.completed(REVERTED, 'more words');
  assert.equal((await box.turnsOf(REVERTED)).length, turns.length + 1);
});

test('unknown-format: a file of a kind that nobody knows is read, and never added to', async () => {
  await using box = await open();
  const [name = ''] = readdirSync(dayFolder(box)).filter((each) => each.includes(PAGINATED));
  const path = join(dayFolder(box), name);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"history_mode":"paginated"', '"history_mode":"braided"'));
  const stored = readFileSync(path);
  assert.equal((await box.turnsOf(PAGINATED)).length, 12);
  for (const method of ['thread/resume', 'thread/fork']) {
    const { code, message } = await box.error(method, overrides(box, PAGINATED));
    assert.equal(code, -32600);
    assert.match(message, /stored in a form that this version does not know \(`braided`\): it can be read, not/);
  }
  assert.deepEqual(readFileSync(path), stored);
  assert.equal((await box.call('thread/list', EVERY)).data.length, ALL.length);
});

test('unknown-format: a file whose numbers go beyond what can be counted is read, and never added to', async () => {
  for (const last of ['9007199254740990', '18446744073709551000']) {
    await using box = await open();
    const [name = ''] = readdirSync(dayFolder(box)).filter((each) => each.includes(PAGINATED));
    const path = join(dayFolder(box), name);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    lines.push((lines.pop() ?? '').replace(/"ordinal":\d+/, `"ordinal":${last}`), '');
    writeFileSync(path, lines.join('\n'));
    const stored = readFileSync(path);
    assert.equal((await box.turnsOf(PAGINATED)).length, 12);
    const { message } = await box.error('thread/resume', overrides(box, PAGINATED));
    assert.match(message, /its lines are numbered too high: it can be read, not continued/);
    assert.deepEqual(readFileSync(path), stored);
  }
});

test('file-lost: a turn whose file was removed is stored whole, and there after a restart', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one', 'msg-1')), stream(says('two', 'msg-2')));
  const { thread } = await box.call('thread/start', {});
  await box.completed(thread.id, 'first');
  rmSync(join(box.home, 'sessions'), { recursive: true });
  const { message } = await box.error('thread/read', { threadId: thread.id, includeTurns: true });
  assert.match(message, /No such file or directory/);
  await box.completed(thread.id, 'second');
  assert.ok(existsSync(thread.path));
  await box.start();
  const { thread: back } = await box.call('thread/resume', { threadId: thread.id });
  assert.equal(back.turns.length, 2);
});

test('file-lost: a turn whose file was replaced or cut short fails, and says why', async () => {
  const spoilers: Readonly<Record<string, (path: string) => void>> = {
    'another file has taken its place': (path) => {
      renameSync(path, join(dirname(path), 'old'));
      writeFileSync(path, readFileSync(join(dirname(path), 'old')));
    },
    'somebody cut it short': (path) => truncateSync(path, 100),
  };
  for (const [reason, spoil] of Object.entries(spoilers)) {
    await using box = await Box.open();
    box.model.script(stream(says('one', 'msg-1')));
    const { thread } = await box.call('thread/start', {});
    await box.completed(thread.id, 'first');
    spoil(thread.path);
    const { status, error } = await (await box.turn(thread.id, 'second')).ended();
    assert.equal(status, 'failed');
    assert.equal(error.message, `the thread's file cannot be written: ${reason}`);
  }
});

test('well-formed: half a character in a stored line reaches neither the client nor the model', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one', 'msg-1')));
  const { thread } = await box.call('thread/start', {});
  await box.completed(thread.id, 'first');
  await box.client[Symbol.asyncDispose]();
  writeFileSync(
    thread.path,
    readFileSync(thread.path, 'utf8').replaceAll('"first"', '"fi\\ud83d"').replaceAll('"one"', '"\\udc00ne"'),
  );
  await box.start();
  const { thread: back } = await box.call('thread/resume', { threadId: thread.id });
  assert.equal(back.turns[0].items[0].content[0].text, 'fi\ufffd');
  box.model.script(stream(says('two', 'msg-2')));
  await box.completed(thread.id, 'second');
  const sent = JSON.stringify(await box.sent(2));
  assert.ok(sent.includes('fi\ufffd') && sent.includes('\ufffdne') && !/\\ud[89a-f]/i.test(sent));
});
