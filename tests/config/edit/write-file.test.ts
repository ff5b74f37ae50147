import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFileWhole } from '../../../src/config/edit/write-file.ts';

async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'write-file-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('a new file is readable by its owner only, its folders are made', async () => {
  await using folder = await scratch();
  const path = join(folder.path, 'a', 'b', 'config.toml');
  await writeFileWhole(path, 'x = 1\n');
  assert.equal(await readFile(path, 'utf8'), 'x = 1\n');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(join(folder.path, 'a', 'b')), ['config.toml']);
});

test('a link stays a link and what it leads to is replaced', async () => {
  await using folder = await scratch();
  await mkdir(join(folder.path, 'real'));
  await writeFile(join(folder.path, 'real', 'c.toml'), 'old');
  await symlink('real/c.toml', join(folder.path, 'second'));
  await symlink(join(folder.path, 'second'), join(folder.path, 'first'));
  await writeFileWhole(join(folder.path, 'first'), 'new');
  assert.ok((await lstat(join(folder.path, 'first'))).isSymbolicLink());
  assert.ok((await lstat(join(folder.path, 'second'))).isSymbolicLink());
  assert.equal(await readFile(join(folder.path, 'real', 'c.toml'), 'utf8'), 'new');
});

test('a link to nothing yet makes the file it leads to', async () => {
  await using folder = await scratch();
  await symlink('later.toml', join(folder.path, 'link'));
  await writeFileWhole(join(folder.path, 'link'), 'new');
  assert.equal(await readFile(join(folder.path, 'later.toml'), 'utf8'), 'new');
  assert.ok((await lstat(join(folder.path, 'link'))).isSymbolicLink());
});

test('a failed write leaves nothing behind', async () => {
  await using folder = await scratch();
  await mkdir(join(folder.path, 'config.toml'));
  await assert.rejects(writeFileWhole(join(folder.path, 'config.toml'), 'new'));
  assert.deepEqual(await readdir(folder.path), ['config.toml']);
});
