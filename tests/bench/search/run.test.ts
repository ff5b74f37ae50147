import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { PageData } from '../../../bench/search/report/data.ts';
import { projectRoot } from '../../support/project.ts';
import { distFolder } from '../../support/server.ts';
import { TempFolder } from './support/temp-folder.ts';

const program = join(distFolder(), 'bench/search/run.js');
const bench = (args: readonly string[]) =>
  promisify(execFile)(process.execPath, [program, ...args], { cwd: projectRoot() });
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
  const expected = 'start cold wire warm keys burst create rename delete lag other stall'.split(' ');
  const byName = new Map(trees[1].figures.map((figure: { name: string }) => [figure.name, figure]));
  for (const name of expected) {
    const { engines: measured } = byName.get(name) as { engines: Record<string, { n: number } | undefined> };
    assert.ok((measured.shardex?.n ?? 0) > 0, `${name} was not measured`);
    const followed = ['create', 'rename', 'delete', 'lag'].includes(name);
    assert.equal(measured.fzf === undefined, followed, `${name} of fzf`);
  }
  assert.deepEqual(mediansOnPage(readFileSync(report ?? '', 'utf8')), mediansIn(trees));
});

interface ReportedTree {
  readonly files: number;
  readonly figures: readonly { readonly name: string; readonly engines: Engines }[];
}
type Engines = Readonly<Record<string, { readonly median: number }>>;

const lineOf = (files: number, name: string, engines: Engines): string =>
  `${files} ${name} ${Object.entries(engines).map(([id, { median }]) => `${id}=${median}`)}`;

const mediansIn = (trees: readonly ReportedTree[]): string[] =>
  trees.flatMap(({ files, figures }) => figures.map(({ name, engines }) => lineOf(files, name, engines)));

/** What the page has to draw. */
function mediansOnPage(page: string): string[] {
  const [, text = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page) ?? [];
  const { trees } = JSON.parse(text) as PageData;
  return trees.flatMap(({ files, figures }) =>
    figures.map(({ figure, engines }) => lineOf(files, figure.name, engines)),
  );
}

test('an engine that fails is left out with a note, and the others go on', async () => {
  using temp = new TempFolder();
  writeFileSync(join(temp.path, 'main.c'), '');
  const add = ['--add', 'broken=lines:/nowhere/engine', '--add', `cat=filter:'${process.execPath}' --version`];
  const { stdout } = await bench(['--root', temp.path, '--engines', 'none', ...QUICK, ...add]);
  assert.match(stdout, /^note: .*: broken failed .*could not be started/m);
  assert.match(stdout, /^warm query \[ms\] +broken +-\n +cat +\d/m);
});

/** Says who it is when it is asked something, and never answers that. */
const SILENT = `require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, query } = JSON.parse(line);
  if (query === undefined) console.log(JSON.stringify({ id }));
  else console.error('asked', process.pid);
})`;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`a run that is ended by ${signal} leaves no process and no file behind`, async (context) => {
    if (process.platform === 'win32') return context.skip('no such signal');
    using temp = new TempFolder();
    using scratch = new TempFolder();
    const engine = join(temp.path, 'silent.cjs');
    writeFileSync(engine, SILENT);
    const json = join(temp.path, 'report.json');
    const added = ['--add', `silent=lines:'${process.execPath}' '${engine}'`, '--json', json];
    const args = ['--files', '30', ...QUICK, '--engines', 'fzf', ...added];
    const env = { ...process.env, TMPDIR: scratch.path };
    const run = spawn(process.execPath, [program, ...args], { cwd: projectRoot(), env });
    let said = '';
    const asked = new Promise<number>((resolve) => {
      run.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [, pid] = /asked (\d+)\n/.exec(said) ?? [];
        if (pid !== undefined) resolve(Number(pid));
      });
    });
    const closed = once(run, 'close');
    const pid = await Promise.race([asked, closed.then(() => assert.fail(`it ended: ${said}`))]);
    assert.notDeepEqual(readdirSync(scratch.path), []);
    run.kill(signal);
    assert.deepEqual(await closed, [signal === 'SIGINT' ? 130 : 143, null]);
    assert.match(said, new RegExp(`ended by ${signal}`));
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.deepEqual(readdirSync(scratch.path), []);
    const { notes, trees } = JSON.parse(readFileSync(json, 'utf8'));
    assert.deepEqual(notes, ['generated, seed 1: the run was ended early']);
    assert.deepEqual(Object.keys(trees[0].figures[0].engines), ['fzf'], 'what was measured until then is reported');
  });
}

test('help names every option and gives examples', async () => {
  const { stdout } = await bench(['--help']);
  for (const name of 'root files seed queries engines add rounds budget settling keep dist json report'.split(' ')) {
    assert.match(stdout, new RegExp(`^ +--${name} `, 'm'));
  }
  assert.match(stdout, /^Examples:$/m);
});

test('arguments that make no sense are refused by name', async () => {
  using temp = new TempFolder();
  for (const [args, reason] of [
    [[], /--root.*--files/],
    [['--files', '0'], /whole number above 0/],
    [['--files', '10', '--engines', 'grep'], /grep is not one of shardex/],
    [['--files', '10', '--engines', 'none'], /no engine/],
    [['--files', '10', '--add', 'fzf=lines:x'], /same name/],
    [['--files', '10', '--nonsense'], /--nonsense/],
    [['--root', join(temp.path, 'nowhere'), '--engines', 'fzf'], /--root: .*nowhere is not there/],
    [['--root', program, '--engines', 'fzf'], /--root: .*run\.js is not a folder/],
    [['--files', '10', '--queries', join(temp.path, 'none.txt')], /--queries: .*none\.txt is not there/],
    [['--files', '10', '--json', join(temp.path, 'no/report.json')], /--json: .*no is not there/],
    [['--files', '10', '--report', temp.path], /--report: .* is a folder/],
  ] as const) {
    await assert.rejects(bench(args), ({ code, stderr }: { code: number; stderr: string }) => {
      assert.equal(code, 2, stderr);
      assert.match(stderr, reason);
      return true;
    });
  }
});
