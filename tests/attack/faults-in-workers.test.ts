/** A fault in a worker, or a machine without room, ends what it met, not the server; with room again, all is as before. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, inputOf, TurnWatch } from '../support/box.ts';
import { SMALL_HEAP, tooMuch } from '../support/exhausting.ts';
import { calls, created, says, shell } from '../support/model-events.ts';
import { gate, hang, stream } from '../support/model-server.ts';
import { until } from '../support/patience.ts';
import { RawClient } from '../support/raw-client.ts';

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
const linuxOnly = process.platform === 'linux' ? false : 'only Linux tells how many descriptors are open';
const withPrlimit = hasPrlimit ? false : 'prlimit, which changes the limit of a process that runs, is not here';

const FEW = 96;
const PLENTY = 4_096;
const SAYS_WHY = /too many open files/i;

/** A server that may open so many files. */
const limited = (count: number): Promise<Box> =>
  Box.open({
    sandboxMode: 'danger-full-access',
    inFront: () => ['bash', '-c', `ulimit -n ${count}; exec "$@"`, 'limited'],
  });

const pidOf = (client: RawClient): number => client.server.child.pid ?? 0;
const openIn = ({ client }: Box): number => readdirSync(`/proc/${pidOf(client)}/fd`).length;
/** Only the limit that counts, so that it can be raised again by anybody. */
const setLimit = (client: RawClient, count: number): void =>
  void execFileSync('prlimit', ['--pid', String(pidOf(client)), `--nofile=${count}:`]);

/** Threads with a turn that waits for the model, until the server says that there is no room for another. */
async function fill(box: Box): Promise<{ turns: TurnWatch[]; refusal: { code: number; message: string } }> {
  const turns: TurnWatch[] = [];
  while (turns.length < FEW) {
    const reply = await box.client.request('thread/start', {});
    if (reply.error !== undefined) return { turns, refusal: reply.error };
    const threadId = reply.result.thread.id;
    box.model.script(hang(created()));
    const started = await box.client.request('turn/start', { threadId, input: inputOf(`turn ${turns.length}`) });
    if (started.error !== undefined) return { turns, refusal: started.error };
    turns.push(new TurnWatch(box.client, threadId, started.result.turn.id));
  }
  throw new Error('there is room without end');
}

test('new work is refused in words while what runs goes on, and taken again when there is room', {
  skip: linuxOnly,
}, async () => {
  await using box = await limited(FEW);
  box.write('alpha.txt', 'x');
  const { turns, refusal } = await fill(box);
  assert.equal(refusal.code, -32603);
  assert.match(refusal.message, SAYS_WHY);
  assert.match(refusal.message, /ulimit -n/);
  assert.ok(openIn(box) < FEW, 'some are left');

  const threadId = turns[0]?.threadId;
  const asked = [
    ['thread/list', {}],
    ['thread/read', { threadId, includeTurns: true }],
    ['thread/resume', { threadId }],
    ['thread/fork', { threadId }],
    ['fuzzyFileSearch', { query: 'alpha', roots: [box.workspace] }],
    ['fuzzyFileSearch/sessionStart', { sessionId: 's', roots: [box.workspace] }],
    ['skills/list', { cwds: [box.workspace], forceReload: true }],
    ['getUserSavedConfig', {}],
    ['model/list', {}],
    ['thread/loaded/list', {}],
  ] as const;
  for (const [method, params] of asked) {
    const { error, result } = await box.client.request(method, params);
    if (error !== undefined) assert.match(error.message, SAYS_WHY, method);
    else if (method === 'fuzzyFileSearch') assert.equal(result.files.length, 1);
    else if (method === 'thread/list') assert.ok(result.data.length > 0);
    else if (method === 'skills/list') assert.deepEqual(result.data[0].errors, []);
  }

  for (const turn of turns) assert.equal((await turn.interrupt()).error, undefined);
  for (const turn of turns) assert.equal((await turn.ended()).status, 'interrupted');
  const fresh = await box.thread();
  box.model.script(stream(calls(shell('c1', ['echo', 'here']))), stream(says('done', 'msg-1')));
  const turn = await box.completed(fresh, 'run');
  assert.equal(turn.items('commandExecution')[0].aggregatedOutput, 'here\n');
  const found = await box.call('fuzzyFileSearch', { query: 'alpha', roots: [box.workspace] });
  assert.equal(found.files.length, 1);
  for (const [at, { threadId: id }] of turns.entries()) {
    const [stored] = await box.turnsOf(id);
    assert.equal(stored.items[0].content[0].text, `turn ${at}`);
  }
});

test('threads in which nothing runs make room for others, and come back with their past', {
  skip: linuxOnly,
}, async () => {
  await using box = await limited(FEW);
  const first = await box.thread();
  box.model.script(stream(says('remembered', 'msg-1')));
  await box.completed(first, 'before');
  const others: string[] = [];
  for (let count = 0; count < FEW / 2; count += 1) others.push(await box.thread());
  assert.ok(openIn(box) < FEW);
  const { data } = await box.call('thread/loaded/list');
  assert.deepEqual(data, [first, ...others].sort());

  box.model.script(stream(says('again', 'msg-2')));
  await box.completed(first, 'after');
  const sent = JSON.stringify(box.model.to().at(-1)?.body.input);
  for (const text of ['before', 'remembered', 'after']) assert.ok(sent.includes(text), text);
  // One that never had a turn.
  box.model.script(stream(says('hello', 'msg-3')));
  await box.completed(others[0] ?? '', 'first words');
  assert.equal((await box.turnsOf(first)).length, 2);
});

test('a server that cannot load its own programs says so, and works as soon as it can', {
  skip: withPrlimit,
}, async () => {
  await using client = new RawClient();
  assert.ok((await client.request('initialize', {})).error); // it runs, and has not begun to load the rest
  setLimit(client, 3);
  await client.initialize();
  const roots = [client.home];
  for (const [method, params] of [
    ['thread/start', {}],
    ['fuzzyFileSearch', { query: 'alpha', roots }],
    ['thread/list', {}],
  ] as const) {
    const { error } = await client.request(method, params);
    assert.match(error?.message ?? '', SAYS_WHY, `${method}: ${error?.message}`);
  }
  setLimit(client, PLENTY);
  writeFileSync(join(client.home, 'alpha.txt'), 'x');
  await client.call('thread/start', {});
  const found = await client.call('fuzzyFileSearch', { query: 'alpha', roots });
  assert.equal(found.files[0].path, 'alpha.txt');
  await client.call('thread/list', {});
});

test('that there was no room for a sandbox is not remembered', { skip: withPrlimit }, async () => {
  await using box = await Box.open({ sandboxMode: 'read-only' });
  const thread = await box.thread();
  const held = gate();
  // The request that tells of the failure may fail as well: what follows fits both.
  const run = (id: string, word: string) => [stream(calls(shell(id, ['echo', word]))), stream(says(word, `msg-${id}`))];
  box.model.script(stream(held.wait, calls(shell('c1', ['echo', 'one']))), ...run('c2', 'two'));
  const turn = await box.turn(thread, 'run');
  await held.reached;
  setLimit(box.client, 3);
  held.open();
  const failed = await turn.wait('item/completed', ({ params }) => params.item.type === 'commandExecution');
  setLimit(box.client, PLENTY);
  assert.equal(failed.params.item.status, 'failed');
  assert.match(failed.params.item.aggregatedOutput, SAYS_WHY);
  await turn.ended();
  box.model.script(...run('c3', 'two'));
  const next = await box.completed(thread, 'again');
  assert.equal(next.items('commandExecution')[0].aggregatedOutput, 'two\n');
});

/** Threads of which each possible shard has one: the end of its id says which. */
async function startAllShards(box: Box): Promise<void> {
  const tails = new Set<number>();
  const isWhole = (count: number): boolean => new Set([...tails].map((tail) => tail % count)).size === count;
  while (![2, 3, 4].every(isWhole)) {
    tails.add(Number.parseInt((await box.thread({ ephemeral: true })).slice(-8), 16));
  }
}

test('the deaths of workers cost no descriptor', { skip: linuxOnly }, async () => {
  await using box = await Box.open({
    sandboxMode: 'danger-full-access',
    ...SMALL_HEAP,
  });
  await startAllShards(box);
  const counts: number[] = [];
  for (let death = 0; death < 8; death += 1) {
    const thread = await box.thread();
    // A command before it: its pipes are descriptors that Node does not know.
    box.model.script(stream(calls(shell(`c${death}`, ['echo', 'here']))), tooMuch());
    const { status, error } = await (await box.turn(thread, 'burst')).ended();
    assert.equal(status, 'failed');
    assert.match(error.message, /stopped unexpectedly/);
    // Read by the next worker, so that it runs when descriptors are counted.
    assert.equal((await box.turnsOf(thread)).length, 1);
    counts.push(openIn(box));
  }
  // A shard opens three with its first command, and that of the other shard may come late. What is being closed counts as well.
  const most = Math.max(...counts.slice(0, 4)) + 3;
  await until(
    () => openIn(box) <= most,
    () => `${counts}, and then no more than ${most}`,
  );
});
