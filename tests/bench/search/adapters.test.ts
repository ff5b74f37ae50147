/** Every kind of engine against a small tree, through the client that measures. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Client } from '../../../bench/search/client/client.ts';
import type { RunningEngine } from '../../../bench/search/client/engine.ts';
import { FilterEngine } from '../../../bench/search/client/filter-engine.ts';
import { LinesEngine } from '../../../bench/search/client/lines-engine.ts';
import { ServerEngine } from '../../../bench/search/client/server-engine.ts';
import { distFolder } from '../../support/server.ts';
import { TempFolder } from './support/temp-folder.ts';

const node = process.execPath;
const { env } = process;
/** Prints what of its input contains the query, in its order. */
const GREP =
  "const q = process.argv[1]; console.log(require('fs').readFileSync(0, 'utf8').split('\\n').filter((p) => p.includes(q)).join('\\n'))";

const fzfPackage = () =>
  LinesEngine.start({ program: node, args: [join(distFolder(), 'bench/search/engines/fzf.main.js')], env });
const shardex = () => ServerEngine.start({ program: node, args: [join(distFolder(), 'main.js')], env });
const grep = () => Promise.resolve(new FilterEngine({ program: node, args: ['-e', GREP, '{query}'], env }));

function smallTree(): TempFolder {
  const temp = new TempFolder();
  mkdirSync(join(temp.path, 'src'));
  for (const name of ['src/main.rs', 'src/other.rs', 'README.md']) writeFileSync(join(temp.path, name), '');
  return temp;
}

const ENGINES: readonly (readonly [string, () => Promise<RunningEngine>])[] = [
  ['a server', shardex],
  ['a program that answers lines', fzfPackage],
  ['a program started for each query', grep],
];

for (const [kind, start] of ENGINES) {
  test(`an engine answers with the best paths below the root: ${kind}`, async () => {
    using tree = smallTree();
    using empty = new TempFolder();
    await using engine = await start();
    await engine.ping();
    assert.deepEqual(await engine.search(tree.path, 'main', null), ['src/main.rs']);
    assert.deepEqual([...(await engine.search(tree.path, 'rs', null))].sort(), ['src/main.rs', 'src/other.rs']);
    assert.deepEqual(await engine.search(tree.path, 'qqq', null), []);
    assert.deepEqual(await engine.search(empty.path, 'main', null), []);
  });

  test(`every search of a burst is answered, the last one right: ${kind}`, async () => {
    using tree = smallTree();
    await using engine = await start();
    const answers = await Promise.all(
      ['m', 'ma', 'mai', 'main'].map((query) => engine.search(tree.path, query, 'token')),
    );
    assert.deepEqual(answers.at(-1), ['src/main.rs']);
  });
}

test('an answer has at most fifty paths', async () => {
  using temp = new TempFolder();
  for (let number = 0; number < 60; number += 1) writeFileSync(join(temp.path, `file-${number}`), '');
  for (const [, start] of ENGINES) {
    await using engine = await start();
    assert.equal((await engine.search(temp.path, 'file', null)).length, 50);
  }
});

test('an engine that ends, is not there or says nonsense fails with its reason', async () => {
  const ends = LinesEngine.start({ program: node, args: ['-e', 'process.exit(0)'], env });
  await assert.rejects(ends, /ended/);
  await assert.rejects(LinesEngine.start({ program: '/nowhere/engine', args: [], env }), /could not be started/);
  const talks = LinesEngine.start({ program: node, args: ['-e', "console.log('[]'); process.stdin.resume()"], env });
  await assert.rejects(talks, /not an answer/);
  const broken = ServerEngine.start({ program: node, args: ['-e', "console.error('no luck')"], env });
  await assert.rejects(broken, /no luck/);
  await using filter = new FilterEngine({ program: '/nowhere/engine', args: [], env });
  await assert.rejects(filter.ping(), /ENOENT/);
});

test('the client takes a time for everything it is asked for', async () => {
  using tree = smallTree();
  using empty = new TempFolder();
  const client = new Client({ preloads: pathToFileURL(join(distFolder(), 'bench/search/')), env });
  const common = { version: '', program: node, followsChanges: true, isNode: true };
  const spec = { id: 'shardex', kind: 'server', args: [join(distFolder(), 'main.js')], ...common } as const;
  assert.ok((await client.start({ spec, root: tree.path, preload: 'collector' })) > 0);
  try {
    assert.equal((await client.pings(4)).length, 4);
    const { ms, best } = await client.search({ queries: ['main', 'rs', 'md'], budgetMs: 0, least: 2 });
    assert.equal(ms.length, 2, 'the budget is used up, the least is done');
    assert.deepEqual(best[0], ['src/main.rs']);
    assert.ok((await client.burst(['m', 'ma'])) > 0);
    const changes = await client.changes({ folders: ['src/', ''], budgetMs: 0 });
    assert.deepEqual(
      changes.map(({ kind, seen }) => [kind, seen !== null && seen.answerMs >= seen.lagMs]),
      [
        ['create', true],
        ['rename', true],
        ['delete', true],
      ],
    );
    const memory = await client.memory({ emptyFolder: empty.path, query: 'a', settlingMs: 2 });
    assert.equal(memory === null, process.platform !== 'linux');
  } finally {
    await client.stop();
  }
  await assert.rejects(client.pings(1), /no engine/);
});

test('a busy engine is asked something else all the time, and tells how long its main thread was held up', async () => {
  using tree = smallTree();
  const client = new Client({ preloads: pathToFileURL(join(distFolder(), 'bench/search/')), env });
  // Its main thread does nothing else for 60 ms with each search.
  const slow = `require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, query } = JSON.parse(line);
    for (const until = performance.now() + (query === undefined ? 0 : 60); performance.now() < until; );
    console.log(JSON.stringify({ id, paths: [] }));
  })`;
  const program = join(tree.path, 'slow.cjs');
  writeFileSync(program, slow);
  const common = { version: '', program: node, followsChanges: false, isNode: true };
  const spec = { id: 'slow', kind: 'lines', args: [program], ...common } as const;
  await client.start({ spec, root: tree.path, preload: 'ticker' });
  const work = { queries: ['main'], budgetMs: 0, least: 1, strokes: ['m'], burst: ['m', 'ma'], changedFolder: null };
  const { pingMs, stallMs } = await client.keepBusy({ ...work, everyMs: 1 });
  assert.ok(pingMs.length > 5 && Math.max(...pingMs) >= 40, `${pingMs}`);
  assert.ok((stallMs ?? 0) >= 60, `${stallMs}`);
  await assert.rejects(client.pings(1), /no engine/, 'it is stopped');
});
