import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../../support/box.ts';
import { until } from '../../support/patience.ts';

const withFiles = (files: readonly string[], tables = ''): Promise<Box> =>
  Box.open({
    tables,
    prepare: (box) => {
      for (const path of files) box.write(path, '');
    },
  });

/** What a search finds: root and path. */
async function found(box: Box, query: string, roots: readonly string[] = [box.workspace]): Promise<string[]> {
  const { files } = await box.call('fuzzyFileSearch', { query, roots });
  return files.map(({ root, path }: { root: string; path: string }) => `${roots.indexOf(root)}:${path}`);
}

const pidOf = (box: Box): number => box.client.server.child.pid ?? 0;

/** Folders that the server watches. */
function watchCount(pid: number): number {
  const folder = `/proc/${pid}/fdinfo`;
  const texts = readdirSync(folder).map((fd) => {
    try {
      return readFileSync(join(folder, fd), 'utf8');
    } catch {
      return ''; // closed meanwhile
    }
  });
  return texts.reduce((sum, text) => sum + (text.match(/^inotify wd/gm)?.length ?? 0), 0);
}

test('a thread that is started in a folder makes its index ready, one without a folder does not', async (t) => {
  if (process.platform !== 'linux') return t.diagnostic('watches can be counted on Linux only');
  await using box = await withFiles(['a/b/main', 'c/main']);
  await box.thread();
  assert.equal(watchCount(pidOf(box)), 0);
  await box.thread({ cwd: box.workspace });
  await until(() => watchCount(pidOf(box)) === 4, 'four watched folders');
  assert.deepEqual(await found(box, 'main'), ['0:a/b/main', '0:c/main']);
});

test('a missing, a file, a relative and an inner root contribute what they should and nothing else', async () => {
  await using box = await withFiles(['main', 'sub/main', 'other/main']);
  const { workspace } = box;
  assert.deepEqual(await found(box, 'main', [join(workspace, 'missing'), join(workspace, 'main')]), []);
  assert.deepEqual(await found(box, 'main', ['sub', join(workspace, 'nothing')]), ['0:main']);
  assert.deepEqual(await found(box, 'main', [workspace, join(workspace, 'sub')]), [
    '0:main',
    '1:main',
    '1:main',
    '0:other/main',
  ]);
});

test('a loop of links, names with line feeds and names that are not UTF-8 are no obstacle', async () => {
  await using box = await withFiles(['main', 'sub/main\nrs', 'sub/é main']);
  symlinkSync(box.workspace, join(box.workspace, 'sub/loop'));
  symlinkSync('itself', join(box.workspace, 'itself'));
  symlinkSync('nowhere', join(box.workspace, 'main-broken'));
  const folder = Buffer.concat([Buffer.from(join(box.workspace, 'bad-')), Buffer.from([0xff])]);
  mkdirSync(folder);
  writeFileSync(Buffer.concat([folder, Buffer.from('/main')]), '');
  writeFileSync(Buffer.concat([Buffer.from(join(box.workspace, 'main-')), Buffer.from([0xc3, 0x28])]), '');
  assert.deepEqual((await found(box, 'main')).sort(), ['0:main', '0:sub/main\nrs', '0:sub/é main']);
});

test('a query of 4 MB, of blanks or of signs only is answered, and so is what comes after it', async () => {
  await using box = await withFiles(['a', 'b']);
  assert.deepEqual(await found(box, 'a'.repeat(4_000_000)), []);
  assert.deepEqual(await found(box, 'a '.repeat(2_000_000)), ['0:a']);
  for (const query of ['   ', '\t', '! ^ $', '$']) assert.deepEqual(await found(box, query), ['0:a', '0:b']);
  assert.deepEqual(await found(box, ''), []);
});

test('a root that vanishes and comes back is searched as it is then', async () => {
  await using box = await withFiles(['root/main', 'later/sub/main.rs']);
  const roots = [join(box.workspace, 'root')];
  assert.deepEqual(await found(box, 'main', roots), ['0:main']);
  rmSync(join(box.workspace, 'root'), { recursive: true });
  assert.deepEqual(await found(box, 'main', roots), []);
  renameSync(join(box.workspace, 'later'), join(box.workspace, 'root'));
  assert.deepEqual(await found(box, 'main', roots), ['0:sub/main.rs']);
});

test('a folder of 50,000 files is searched, and changes in it are seen', async () => {
  await using box = await withFiles(Array.from({ length: 50_000 }, (_, at) => `many/file-${at}`));
  assert.equal((await found(box, 'file')).length, 50);
  assert.deepEqual(await found(box, "'file-49999"), ['0:many/file-49999']);
  renameSync(join(box.workspace, 'many/file-49999'), join(box.workspace, 'many/other'));
  assert.deepEqual(await found(box, "'file-49999"), []);
  assert.deepEqual(await found(box, 'other'), ['0:many/other']);
});

test('a burst of 10,000 changes is right in the next answer', async () => {
  await using box = await withFiles(Array.from({ length: 5_000 }, (_, at) => `d${at % 100}/old-${at}`));
  assert.equal((await found(box, 'old-4999')).length, 1);
  for (let at = 0; at < 5_000; at++) rmSync(join(box.workspace, `d${at % 100}/old-${at}`));
  for (let at = 0; at < 5_000; at++) box.write(`d${at % 120}/new-${at}`, '');
  assert.deepEqual(await found(box, "'old-"), []);
  assert.equal((await found(box, "'new-")).length, 50);
  assert.deepEqual(await found(box, "'new-4999"), ['0:d79/new-4999']);
});

test('a checkout of another branch is right in the next answer, rules and renamed folders included', async () => {
  await using box = await withFiles(Array.from({ length: 400 }, (_, at) => `d${at % 20}/e${at % 3}/main-${at}.o`));
  const git = (...args: readonly string[]): void => {
    const who = ['-c', 'user.name=n', '-c', 'user.email=e', '-c', 'init.defaultBranch=one'];
    execFileSync('git', ['-C', box.workspace, ...who, ...args], { stdio: 'ignore' });
  };
  git('init');
  git('add', '.');
  git('commit', '-m', 'one');
  git('checkout', '-b', 'two');
  for (let at = 0; at < 10; at++) git('mv', `d${at}`, `moved${at}`);
  box.write('.gitignore', 'd1?/\n');
  git('add', '.');
  git('commit', '-m', 'two');
  assert.deepEqual(await found(box, "'d11"), []);
  for (let round = 0; round < 3; round++) {
    git('checkout', 'one');
    assert.equal((await found(box, "'d11/")).length, 20);
    assert.deepEqual(await found(box, "'moved"), []);
    git('checkout', 'two');
    assert.deepEqual(await found(box, '^d1'), []);
    assert.equal((await found(box, "'moved1/")).length, 20);
  }
});

test('ranking = "fzf" gives the order and the scores of that package', async () => {
  const files = ['src/main.rs', 'Main', 'domain', 'other'];
  await using plain = await withFiles(files);
  await using fzf = await withFiles(files, '[file_search]\nranking = "fzf"\n');
  const scoresOf = async (box: Box, query: string): Promise<unknown[]> => {
    const { files: rows } = await box.call('fuzzyFileSearch', { query, roots: [box.workspace] });
    return rows.map(({ path, score }: { path: string; score: number }) => [path, score]);
  };
  assert.deepEqual(await scoresOf(fzf, 'main'), [
    ['Main', 104],
    ['src/main.rs', 104],
    ['domain', 76],
  ]);
  assert.deepEqual(await scoresOf(fzf, 'other | domain'), [
    ['domain', 152],
    ['other', 128],
  ]);
  assert.deepEqual(await scoresOf(plain, 'other | domain'), []);
});

test('a token that is used again stops the older search: both are answered, the newer in full', async () => {
  await using box = await withFiles(Array.from({ length: 2_000 }, (_, at) => `d${at % 40}/file-${at}`));
  const params = { roots: [box.workspace], cancellationToken: 'same' };
  const queries = ['f', 'fi', 'fil', 'file', 'file-1', 'file-19', 'file-199', 'file-1999'];
  const replies = await Promise.all(queries.map((query) => box.call('fuzzyFileSearch', { ...params, query })));
  assert.deepEqual(
    replies.at(-1).files.map(({ path }: { path: string }) => path),
    ['d39/file-1999'],
  );
  for (const { files } of replies) assert.ok(Array.isArray(files));
});
