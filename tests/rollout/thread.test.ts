import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RolloutEntry } from '../../src/rollout/entries.ts';
import { findRollout } from '../../src/rollout/find.ts';
import { decodeEntry, encode } from '../../src/rollout/format.ts';
import { HeadScanner, readSummary } from '../../src/rollout/head.ts';
import { dateFolders, nameTime, parseRolloutName, rolloutName, rolloutPathParts } from '../../src/rollout/name.ts';
import { legacySourceOf, sourceOf, threadOf, unixSeconds, unstoredThread } from '../../src/rollout/thread.ts';
import {
  answers,
  FIXTURES,
  fixtureNames,
  fixtureText,
  loadRollout,
  meta,
  own,
  said,
  temporaryFolder,
  turnsOf,
  userEvent,
} from './fixtures.ts';

const ID = '01a20787-1e84-7dc0-9a6a-972da7571f57';

/** The reference looks no further than ten records for what a user said; these say it further down, or in an event alone. */
const SAID_LATER: ReadonlyMap<string, string> = new Map([
  ['preview-2.jsonl', 'too late'],
  ['review-1.jsonl', 'look hard'],
]);

for (const name of fixtureNames.filter((each) => !each.startsWith('own'))) {
  test(`${name} is shown as the reference shows it`, async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, name);
    writeFileSync(path, fixtureText(name));
    utimesSync(path, 1_795_422_624, 1_795_422_624.9);
    const summary = await readSummary(path);
    const turns = turnsOf(await loadRollout(path));
    const thread = { ...threadOf(summary, { defaultProvider: 'local' }), path: 'PATH', turns };
    const later = SAID_LATER.get(name);
    const shown = { ...answers[name]?.thread, ...(later === undefined ? {} : { preview: later }) };
    assert.equal(JSON.stringify(thread), JSON.stringify(shown));
    assert.equal(summary.isListable, later !== undefined || answers[name]?.listed);
  });

  test(`${name} holds the events that the reference shows of it`, async () => {
    const events = (await loadRollout(join(FIXTURES, name))).filter((entry) => entry.type === 'event_msg');
    assert.deepEqual(
      events.map(({ payload }) => payload),
      answers[name]?.initialMessages,
    );
  });
}

const scan = (entries: (RolloutEntry | string)[]): HeadScanner => {
  const scanner = new HeadScanner();
  entries.some((entry) => scanner.add(typeof entry === 'string' ? entry : encode(entry, 0).trimEnd()));
  return scanner;
};

test('a head after ten other lines is not found', () => {
  const junk = (count: number): string[] => Array.from({ length: count }, () => 'junk');
  assert.equal(scan([...junk(9), meta()]).metas.length, 1);
  assert.equal(scan([...junk(10), meta()]).metas.length, 0);
  assert.equal(scan([...junk(9), '', '  ', meta()]).metas.length, 1);
});

test('list-all: the first words of a user are found however far down they stand', () => {
  const notes = (count: number): RolloutEntry[] => Array.from({ length: count }, () => said('developer', 'note'));
  for (const count of [0, 8, 9, 208, 209, 300, 5000]) {
    const found = scan([meta(), ...notes(count), said('user', 'hi'), userEvent('hi')]);
    assert.deepEqual([found.hasUserEvent, found.preview], [true, 'hi'], `${count} notes`);
  }
  const nothingSaid = scan([meta(), ...notes(5000)]);
  assert.deepEqual([nothingSaid.hasUserEvent, nothingSaid.preview], [false, null]);
});

test('list-all: words that look like the server’s own are the user’s when an event says so', () => {
  for (const words of ['<environment_context> what is that?', '# AGENTS.md instructions for me', '<skill']) {
    assert.equal(scan([meta(), said('user', words), userEvent(words)]).preview, words);
  }
  assert.equal(scan([meta(), userEvent('hi'), said('user', 'later')]).preview, 'hi');
});

test('what a fork is filtered by is the last head, what it shows the first', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  const lines = [meta(), meta('01a20787-0000-7000-8000-000000000009'), said('user', 'q'), userEvent('q')];
  writeFileSync(path, lines.map((entry) => encode(entry, 0)).join(''));
  const summary = await readSummary(path);
  assert.equal(summary.meta.id, ID);
  assert.equal(summary.lastMeta.id, '01a20787-0000-7000-8000-000000000009');
});

test('a file without a summary is refused by name', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  writeFileSync(path, '\n');
  await assert.rejects(readSummary(path), { message: `rollout at ${path} is empty` });
  writeFileSync(path, encode(said('user', 'x'), 0) + encode(meta(), 0));
  await assert.rejects(readSummary(path), { message: `rollout at ${path} does not start with session metadata` });
});

test('sources have a spelling for each protocol', () => {
  assert.equal(sourceOf('mcp'), 'appServer');
  assert.equal(legacySourceOf('mcp'), 'mcp');
  assert.deepEqual(sourceOf({ subagent: 'review' }), { subAgent: 'review' });
  assert.deepEqual(legacySourceOf({ subagent: 'review' }), { subagent: 'review' });
  for (const source of ['cli', 'vscode', 'exec', 'unknown'] as const) assert.equal(sourceOf(source), source);
});

test('a time that cannot be read counts as 0', () => {
  assert.equal(unixSeconds('2026-11-23T08:30:25.999Z'), 1_795_422_625);
  assert.equal(unixSeconds('yesterday'), 0);
  assert.equal(unixSeconds(''), 0);
});

test('a thread without a file has the time of asking and no path', () => {
  assert.deepEqual(unstoredThread({ id: ID, modelProvider: 'p', cwd: '/w', cliVersion: '1', nowMs: 5_900 }), {
    id: ID,
    preview: '',
    modelProvider: 'p',
    createdAt: 5,
    updatedAt: 5,
    path: null,
    cwd: '/w',
    cliVersion: '1',
    source: 'vscode',
    gitInfo: null,
    turns: [],
  });
});

test('names and folders are in local time', () => {
  const local = new Date(2026, 0, 2, 3, 4, 5).getTime();
  assert.equal(nameTime(local), '2026-01-02T03-04-05');
  assert.deepEqual(rolloutPathParts(local, ID), [
    'sessions',
    '2026',
    '01',
    '02',
    `rollout-2026-01-02T03-04-05-${ID}.jsonl`,
  ]);
  assert.deepEqual(dateFolders('2026-01-02T03-04-05'), ['2026', '01', '02']);
});

test('only names of rollouts parse', () => {
  const name = rolloutName(new Date(2026, 0, 2, 3, 4, 5).getTime(), ID);
  assert.deepEqual(parseRolloutName(name), { timestamp: '2026-01-02T03-04-05', id: ID, revision: null });
  for (const bad of [
    name.replace('rollout-', ''),
    name.replace('.jsonl', '.json'),
    name.replace('2026-01', '2026-13'),
    name.replace('01-02T', '02-30T'),
    name.replace('T03', 'T25'),
    name.replace('7dc0', '7dcx'),
    `${name}.bak`,
  ]) {
    assert.equal(parseRolloutName(bad), null, bad);
  }
});

test('a thread is found in its day, elsewhere in the tree, and not when it is not there', async () => {
  using folder = temporaryFolder();
  const day = join(folder.path, ...dateFolders(nameTime(Number.parseInt(ID.replaceAll('-', '').slice(0, 12), 16))));
  mkdirSync(day, { recursive: true });
  mkdirSync(join(folder.path, '.hidden/deep'), { recursive: true });
  const other = '00000000-0000-4000-8000-000000000002';
  const inDay = join(day, `rollout-2026-11-23T08-30-25-${ID}.jsonl`);
  const misplaced = join(folder.path, '.hidden/deep', `rollout-x-${other}.jsonl`);
  writeFileSync(inDay, '');
  writeFileSync(misplaced, '');
  assert.equal(await findRollout(folder.path, ID), inDay);
  assert.equal(await findRollout(folder.path, other), misplaced);
  assert.equal(await findRollout(folder.path, '00000000-0000-4000-8000-000000000003'), null);
  assert.equal(await findRollout(join(folder.path, 'missing'), ID), null);
  assert.equal(await findRollout(inDay, other), null);
  await assert.rejects(findRollout(folder.path, other, AbortSignal.abort(new Error('gone'))), /gone/);
});

test('a file is found through links to files and folders; what leads nowhere, or in a circle, is no place', async () => {
  using folder = temporaryFolder();
  using elsewhere = temporaryFolder();
  const [inFolder, alone, nowhere] = ['1', '2', '3'].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
  const name = (id: string | undefined): string => `rollout-2026-01-01T00-00-00-${id}.jsonl`;
  writeFileSync(join(elsewhere.path, name(inFolder)), '');
  symlinkSync(elsewhere.path, join(folder.path, 'linked'));
  symlinkSync(folder.path, join(folder.path, 'circle'));
  symlinkSync(join(elsewhere.path, name(inFolder)), join(folder.path, name(alone)));
  symlinkSync('/no/such/file', join(folder.path, name(nowhere)));
  assert.equal(await findRollout(folder.path, inFolder ?? ''), join(folder.path, 'linked', name(inFolder)));
  assert.equal(await findRollout(folder.path, alone ?? ''), join(folder.path, name(alone)));
  assert.equal(await findRollout(folder.path, nowhere ?? ''), null);
});

test('lines of ours in a head window do not hide the user', () => {
  const lines = [meta(), said('user', 'q'), userEvent('q'), own({ type: 'turn_started', turn_id: 't' })];
  assert.equal(scan(lines).preview, 'q');
  assert.ok(decodeEntry(encode(own({ type: 'turn_started', turn_id: 't' }), 0)));
});
