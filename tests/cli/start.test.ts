/** Programs that are started from what V8 made of them when they were built. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { distFolder } from '../support/server.ts';
import { Folder } from './support/folder.ts';

const INITIALIZE = { id: 1, method: 'initialize', params: { clientInfo: { name: 'test', title: null, version: '1' } } };

/** The product without its tests, in a folder with a blank in its name. */
function copyTo(folder: Folder): string {
  const copy = join(folder.path, 'a copy');
  const isProduct = (path: string): boolean => !/^(tests|bench)$/.test(path.split(sep).at(-1) ?? '');
  cpSync(distFolder(), copy, { recursive: true, filter: isProduct });
  return copy;
}

/** What the V8 of this process has made of a build. */
const compiledIn = (build: string): string => join(build, 'compiled', `${process.versions.v8}-${process.arch}`);

const cachesIn = (build: string): string[] =>
  readdirSync(compiledIn(build))
    .filter((name) => name.endsWith('.cache'))
    .map((name) => join(compiledIn(build), name));

/** One `initialize`, and what the preloaded module wrote about every file that was loaded: its verdicts, and which there were. */
function start(build: string, args: readonly string[] = []) {
  using home = new Folder();
  const spy = pathToFileURL(join(distFolder(), 'tests/cli/support/spy-script.main.js')).href;
  const { stdout, stderr } = spawnSync(process.execPath, [...args, '--import', spy, join(build, 'main.js')], {
    env: { PATH: process.env.PATH, CODEX_HOME: home.path, SHARDEX_LOG: 'off' },
    input: `${JSON.stringify(INITIALIZE)}\n{"id":2,"method":"thread/loaded/list"}\n`,
    encoding: 'utf8',
  });
  const [first = ''] = stdout.split('\n');
  const said = stderr.trim().split('\n');
  const files = said.map((line) => line.split(' ')[0]);
  return {
    answer: JSON.parse(first).result.userAgent,
    verdicts: [...new Set(said.map((line) => line.split(' ')[1]))],
    isComplete: files[0] === 'main.js' && files.some((name) => name?.startsWith('server-')),
  };
}

test('what first answers wait for comes compiled, and V8 takes it', () => {
  const { verdicts, isComplete } = start(distFolder());
  assert.deepEqual([verdicts, isComplete], [['taken'], true]);
  const caches = cachesIn(distFolder());
  assert.ok(caches.some((path) => path.endsWith('worker-turns.js.cache')));
  for (const path of caches) {
    const filename = join(distFolder(), 'code', basename(path, '.cache'));
    const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: readFileSync(path) });
    assert.equal(script.cachedDataRejected, false, filename);
  }
});

test('without it, with a damaged one and with another V8 the programs run all the same', () => {
  using folder = new Folder();
  const build = copyTo(folder);
  const { answer } = start(distFolder());
  const expected = (verdict: string) => ({ answer, verdicts: [verdict], isComplete: true });
  assert.deepEqual(start(build, ['--stack-size=900']), expected('refused'));
  for (const cache of cachesIn(build)) writeFileSync(cache, 'neither this nor that');
  assert.deepEqual(start(build), expected('refused'));
  for (const cache of cachesIn(build)) rmSync(cache);
  assert.deepEqual(start(build), expected('absent'));
});
