import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../support/project.ts';
import { distFolder } from '../../support/server.ts';
import { TempFolder } from './support/temp-folder.ts';

const bench = (args: readonly string[]) =>
  promisify(execFile)(process.execPath, [join(distFolder(), 'bench/search/run.js'), ...args], { cwd: projectRoot() });
const QUICK = ['--rounds', '1', '--budget', '1', '--settling', '10'];

test('search is measured in generated trees by several engines, and reported as table, JSON and page', async () => {
  using temp = new TempFolder();
  const [queries, json, report] = ['queries.txt', 'report.json', 'report.html'].map((name) => join(temp.path, name));
  writeFileSync(queries ?? '', 'main\nread me\n> tes\n');
  const engines = ['--engines', 'shardex,fzf', '--queries', queries ?? ''];
  const out = ['--json', json ?? '', '--report', report ?? ''];
  const { stdout } = await bench(['--files', '60,120', ...QUICK, ...engines, ...out]);
  assert.match(stdout, /^generated, seed 1: 60 files in 4 folders$/m);
  assert.match(stdout, /^warm query \[ms\] +shardex +2 /m);
  const { trees, notes } = JSON.parse(readFileSync(json ?? '', 'utf8'));
  assert.deepEqual(notes, []);
  assert.deepEqual(
    trees.map(({ files }: { files: number }) => files),
    [60, 120],
  );
  const expected = 'start cold wire warm keys burst create rename delete lag other'.split(' ');
  const byName = new Map(trees[1].figures.map((figure: { name: string }) => [figure.name, figure]));
  for (const name of expected) {
    const { engines: measured } = byName.get(name) as { engines: Record<string, { n: number } | undefined> };
    assert.ok((measured.shardex?.n ?? 0) > 0, `${name} was not measured`);
    const followed = ['create', 'rename', 'delete', 'lag'].includes(name);
    assert.equal(measured.fzf === undefined, followed, `${name} of fzf`);
  }
  assert.match(readFileSync(report ?? '', 'utf8'), /^<!doctype html>/);
});

test('an engine that fails is left out with a note, and the others go on', async () => {
  using temp = new TempFolder();
  writeFileSync(join(temp.path, 'main.c'), '');
  const add = ['--add', 'broken=lines:/nowhere/engine', '--add', `cat=filter:${process.execPath} --version`];
  const { stdout } = await bench(['--root', temp.path, '--engines', 'none', ...QUICK, ...add]);
  assert.match(stdout, /^note: .*: broken failed .*could not be started/m);
  assert.match(stdout, /^warm query \[ms\] +broken +-\n +cat +\d/m);
});

test('arguments that make no sense are refused by name', async () => {
  using temp = new TempFolder();
  for (const [args, reason] of [
    [[], /--root.*--files/],
    [['--files', '0'], /whole number above 0/],
    [['--files', '10', '--engines', 'grep'], /grep is not one of shardex/],
    [['--files', '10', '--engines', 'none'], /no engine/],
    [['--files', '10', '--add', 'fzf=lines:x'], /same name/],
    [['--root', join(temp.path, 'nowhere'), '--engines', 'fzf'], /nowhere/],
    [['--files', '10', '--queries', join(temp.path, 'none.txt')], /none\.txt/],
  ] as const) {
    await assert.rejects(bench(args), ({ code, stderr }: { code: number; stderr: string }) => {
      assert.equal(code, 1);
      assert.match(stderr, reason);
      return true;
    });
  }
});
