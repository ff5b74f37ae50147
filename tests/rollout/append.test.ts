import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { RolloutWriter } from '../../src/rollout/append.ts';
import { encode } from '../../src/rollout/format.ts';
import { readSummary, scanHead } from '../../src/rollout/head.ts';
import { LineWindow } from '../../src/rollout/line-window.ts';
import { checkRollout } from '../../src/rollout/read.ts';
import { agentEvent, loadRollout, meta, said, temporaryFolder, userEvent } from './fixtures.ts';

/** Files of this process cannot grow beyond this from now on, as on a full disk. */
const limitFiles = (bytes: number | 'unlimited'): void =>
  void execFileSync('prlimit', [`--pid=${process.pid}`, `--fsize=${bytes}:unlimited`]);

test('a new file gets its folders and its lines in order', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'sessions/2026/11/23/rollout.jsonl');
  using writer = await RolloutWriter.create(path, { nowMs: () => Date.UTC(2026, 10, 23, 8, 30, 25, 7) });
  await Promise.all([writer.append([meta(), said('user', 'one')]), writer.append([userEvent('one')])]);
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.equal(lines.length, 4);
  assert.equal(lines[3], '');
  assert.match(lines[0] ?? '', /^\{"timestamp":"2026-11-23T08:30:25\.007Z","type":"session_meta","payload":\{"id":/);
  assert.match(lines[2] ?? '', /user_message/);
});

test('a file is never created twice', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  (await RolloutWriter.create(path)).close();
  await assert.rejects(RolloutWriter.create(path), { code: 'EEXIST' });
});

test('opening a stored file changes nothing until the first append', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  writeFileSync(path, '{"torn');
  utimesSync(path, 1_000, 1_000);
  using _writer = await RolloutWriter.open(path);
  assert.equal(statSync(path).mtimeMs, 1_000_000);
  assert.equal(readFileSync(path, 'utf8'), '{"torn');
});

test('opening a file that is not there fails and makes none', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  await assert.rejects(RolloutWriter.open(path), { code: 'ENOENT' });
  assert.ok(!existsSync(path));
});

test('append-torn: a torn last line is ended before the next one is written', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  using first = await RolloutWriter.create(path);
  first.write([meta(), userEvent('kept')]);
  appendFileSync(path, '{"timestamp":"2026-');
  using second = await RolloutWriter.open(path);
  second.write([agentEvent('first after')]);
  second.write([agentEvent('second after')]);
  const texts = (await loadRollout(path)).map((entry) => JSON.stringify(entry.payload));
  assert.equal(texts.length, 4);
  assert.match(texts[2] ?? '', /first after/);
  assert.match(readFileSync(path, 'utf8'), /\n\{"timestamp":"2026-\n\{/);
});

test('a whole last line without an end is kept when something is appended', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  using first = await RolloutWriter.create(path);
  first.write([meta(), userEvent('kept')]);
  writeFileSync(path, readFileSync(path, 'utf8').trimEnd());
  using second = await RolloutWriter.open(path);
  second.write([agentEvent('after')]);
  assert.deepEqual((await loadRollout(path)).length, 3);
});

test('the first line of an empty file has nothing before it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  writeFileSync(path, '');
  using writer = await RolloutWriter.open(path);
  writer.write([agentEvent('x')]);
  assert.equal(readFileSync(path, 'utf8').split('\n').length, 2);
});

test('a write that fails is thrown, and the writer goes on later', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'day/a.jsonl');
  using writer = await RolloutWriter.create(path);
  writer.write([meta()]);
  rmSync(dirname(path), { recursive: true });
  writeFileSync(dirname(path), 'in the way');
  assert.throws(() => writer.write([agentEvent('x')]), { code: 'EEXIST' });
  await assert.rejects(writer.append([agentEvent('x')]), { code: 'EEXIST' });
  rmSync(dirname(path));
  writer.write([agentEvent('y')]);
  assert.deepEqual(
    (await loadRollout(path)).map(({ type }) => type),
    ['session_meta', 'event_msg'],
  );
});

test('file-lost: a deleted file is written anew with all that it held', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'sessions/2026/11/23/a.jsonl');
  using writer = await RolloutWriter.create(path);
  writer.write([meta(), said('user', 'one'), userEvent('one')]);
  rmSync(join(folder.path, 'sessions'), { recursive: true });
  writer.write([agentEvent('two')]);
  writer.write([agentEvent('three')]);
  const types = (await loadRollout(path)).map(({ type }) => type);
  assert.deepEqual(types, ['session_meta', 'response_item', 'event_msg', 'event_msg', 'event_msg']);
  assert.deepEqual(readdirSync(dirname(path)), ['a.jsonl']);
});

test('file-lost: a file that was moved elsewhere is written anew in its place', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  using writer = await RolloutWriter.create(path);
  writer.write([meta()]);
  renameSync(path, join(folder.path, 'backup'));
  writer.write([agentEvent('two')]);
  assert.equal((await loadRollout(path)).length, 2);
});

test('file-lost: a file that was replaced or cut short is refused by name', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  const spoilers = {
    'another file has taken its place': () => {
      renameSync(path, `${path}.old`);
      writeFileSync(path, readFileSync(`${path}.old`));
    },
    'somebody cut it short': () => truncateSync(path, 10),
  };
  for (const [message, spoil] of Object.entries(spoilers)) {
    rmSync(path, { force: true });
    using writer = await RolloutWriter.create(path);
    writer.write([meta()]);
    spoil();
    assert.throws(() => writer.write([agentEvent('x')]), { message });
  }
});

test('a write that ends anywhere is gone on with: every entry is there once, in order', async () => {
  using folder = temporaryFolder();
  const entries = ['one', 'zwei ä', 'three 🚀'].map((text) => agentEvent(text));
  const whole = entries.map((entry) => encode(entry, 0)).join('');
  for (let room = 0; room < Buffer.byteLength(whole); room += 1) {
    const path = join(folder.path, `${room}.jsonl`);
    using writer = await RolloutWriter.create(path, { nowMs: () => 0 });
    writer.write([meta()]);
    const queue = [...entries];
    limitFiles(statSync(path).size + room);
    try {
      assert.throws(() => writer.drain(queue), { code: 'EFBIG' });
    } finally {
      limitFiles('unlimited');
    }
    queue.push(agentEvent('four'));
    writer.drain(queue);
    assert.deepEqual(queue, []);
    const stored = await loadRollout(path);
    assert.deepEqual(stored.slice(1), [...entries, agentEvent('four')], `${room} bytes`);
  }
});

test('regular-files: what is no regular file is never opened as a rollout', async () => {
  using folder = temporaryFolder();
  const pipe = join(folder.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, folder.path, '/dev/zero']) {
    await assert.rejects(RolloutWriter.open(path), { code: 'not-regular-file' }, path);
    await assert.rejects(readSummary(path), { code: 'not-regular-file' }, path);
    await assert.rejects(checkRollout(path), { code: 'not-regular-file' }, path);
    assert.throws(() => scanHead(path), { code: 'not-regular-file' }, path);
    assert.throws(() => new LineWindow(path), { code: 'not-regular-file' }, path);
  }
  const giant = join(folder.path, 'giant.jsonl');
  writeFileSync(giant, encode(meta(), 0));
  truncateSync(giant, 2 ** 40);
  await assert.rejects(checkRollout(giant), { code: 'file-too-large' });
  assert.throws(() => scanHead(giant), { code: 'file-too-large' });
});

test('a closed writer refuses, and closing twice is harmless', async () => {
  using folder = temporaryFolder();
  const writer = await RolloutWriter.create(join(folder.path, 'a.jsonl'));
  writer.close();
  writer.close();
  assert.throws(() => writer.write([meta()]), /closed/);
});
