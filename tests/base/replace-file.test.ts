/** One way to write a file anew: whole, with its owner, its mode and its links, and in place where its name is fixed. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as files from 'node:fs/promises';
import { link, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type FileCalls, type ReplaceOptions, replaceFile, replaceProblem } from '../../src/base/replace-file.ts';
import { type Mount, mountProblem, withMounts } from '../support/mounts.ts';
import { PATIENCE_MS } from '../support/patience.ts';

const KEPT: ReplaceOptions = { mode: 0o600, modeOfExisting: 'kept' };
const SET: ReplaceOptions = { mode: 0o600, modeOfExisting: 'set' };
const LONG = 'long '.repeat(300_000);
const UUID = '11111111-2222-3333-4444-555555555555';

async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'replace-file-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const textOf = (path: string): Promise<string> => readFile(path, 'utf8');
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

function failing(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(code), { code, errno: -1, syscall: 'rename' }));
}

test('a new file gets the mode, its folders are made', async () => {
  await using folder = await scratch();
  const path = join(folder.path, 'a', 'b', 'file');
  await replaceFile(path, 'x = 1\n', KEPT);
  assert.equal(await textOf(path), 'x = 1\n');
  assert.equal(await modeOf(path), 0o600);
  assert.deepEqual(await readdir(join(folder.path, 'a', 'b')), ['file']);
});

test('the mode of a file that was there is kept, or set', async () => {
  await using folder = await scratch();
  const path = join(folder.path, 'file');
  await writeFile(path, 'old', { mode: 0o664 });
  await files.chmod(path, 0o664);
  await replaceFile(path, 'new', KEPT);
  assert.equal(await modeOf(path), 0o664);
  await replaceFile(path, 'newer', SET);
  assert.equal(await modeOf(path), 0o600);
});

test('links stay links, also to nothing yet, and what they lead to is replaced', async () => {
  await using folder = await scratch();
  await mkdir(join(folder.path, 'real'));
  await writeFile(join(folder.path, 'real', 'c'), 'old');
  await symlink('real/c', join(folder.path, 'second'));
  await symlink(join(folder.path, 'second'), join(folder.path, 'first'));
  await symlink('later', join(folder.path, 'dangling'));
  await replaceFile(join(folder.path, 'first'), 'new', KEPT);
  await replaceFile(join(folder.path, 'dangling'), 'made', KEPT);
  for (const name of ['first', 'second', 'dangling'])
    assert.ok((await lstat(join(folder.path, name))).isSymbolicLink());
  assert.equal(await textOf(join(folder.path, 'real', 'c')), 'new');
  assert.equal(await textOf(join(folder.path, 'later')), 'made');
});

test('a file with a second name keeps both', async () => {
  await using folder = await scratch();
  const [one, other] = [join(folder.path, 'one'), join(folder.path, 'other')];
  await writeFile(one, LONG);
  await link(one, other);
  await replaceFile(one, 'new', KEPT);
  assert.equal(await textOf(other), 'new');
});

test('what is no regular file stays, and nothing is left beside it', async () => {
  await using folder = await scratch();
  await mkdir(join(folder.path, 'folder'));
  execFileSync('mkfifo', [join(folder.path, 'fifo')]);
  for (const name of ['folder', 'fifo']) {
    await assert.rejects(replaceFile(join(folder.path, name), 'new', KEPT), /not a regular file/);
  }
  assert.deepEqual((await readdir(folder.path)).sort(), ['fifo', 'folder']);
});

describe('a name that cannot be given to another file is written in place', () => {
  for (const code of ['EBUSY', 'EXDEV', 'EPERM', 'EACCES', 'EROFS', 'ETXTBSY']) {
    test(`a rename that fails with ${code}`, async () => {
      await using folder = await scratch();
      const path = join(folder.path, 'file');
      for (const content of ['short', LONG, 'x', '', 'end']) {
        await writeFile(path, 'what was there');
        const { ino } = await stat(path);
        await replaceFile(path, content, { ...SET, calls: { ...files, rename: failing(code) } });
        assert.equal(await textOf(path), content);
        assert.equal((await stat(path)).ino, ino);
        assert.equal(await modeOf(path), 0o600);
      }
      assert.deepEqual(await readdir(folder.path), ['file']);
    });
  }

  for (const code of ['EACCES', 'EPERM', 'EROFS']) {
    test(`a folder that takes no draft: ${code}`, async () => {
      await using folder = await scratch();
      const path = join(folder.path, 'file');
      await writeFile(path, LONG);
      const calls: FileCalls = { ...files, open: failing(code) };
      await replaceFile(
        path,
        async (append) => ['a', 'b'].reduce((last, part) => last.then(() => append(part)), Promise.resolve()),
        { ...KEPT, calls },
      );
      assert.equal(await textOf(path), 'ab');
      await assert.rejects(replaceFile(join(folder.path, 'none'), 'new', { ...KEPT, calls }), { code });
    });
  }
});

test('a full disk and a lack of descriptors leave the old content', async () => {
  await using folder = await scratch();
  const path = join(folder.path, 'file');
  await writeFile(path, 'old');
  for (const code of ['ENOSPC', 'EMFILE', 'EDQUOT', 'EIO']) {
    for (const calls of [
      { ...files, open: failing(code) },
      { ...files, rename: failing(code) },
    ]) {
      await assert.rejects(replaceFile(path, 'new', { ...KEPT, calls }), { code });
      assert.equal(await textOf(path), 'old');
    }
  }
  assert.deepEqual(await readdir(folder.path), ['file']);
});

test('old drafts go with the next change; fresh ones, and files of other names, stay', async () => {
  await using folder = await scratch();
  const names = [`file.${UUID}.tmp`, `file.${UUID.replace('1', '9')}.tmp`, 'file.mine.tmp', `other.${UUID}.tmp`];
  for (const name of names) await writeFile(join(folder.path, name), 'half');
  const [old = '', , ...others] = names;
  for (const name of [old, ...others]) await utimes(join(folder.path, name), new Date(0), new Date(0));
  await replaceFile(join(folder.path, 'file'), 'new', KEPT);
  assert.deepEqual((await readdir(folder.path)).sort(), ['file', ...names.slice(1)].sort());
});

test('owner and group stay what they were', {
  skip: process.getuid?.() !== 0 && 'only root may give files away',
}, async () => {
  await using folder = await scratch();
  const path = join(folder.path, 'file');
  await writeFile(path, 'old');
  await files.chown(path, 1234, 2345);
  await files.chmod(path, 0o640);
  await replaceFile(path, 'new', KEPT);
  const found = await stat(path);
  assert.deepEqual([found.uid, found.gid, found.mode & 0o777], [1234, 2345, 0o640]);
});

test('whether a file can be replaced is known beforehand', async () => {
  await using folder = await scratch();
  await writeFile(join(folder.path, 'file'), 'old');
  await mkdir(join(folder.path, 'folder'));
  for (const name of ['file', 'none', 'no/such/folder'])
    assert.equal(await replaceProblem(join(folder.path, name)), null);
  assert.match(String(await replaceProblem(join(folder.path, 'folder'))), /is a folder/);
  assert.deepEqual((await readdir(folder.path)).sort(), ['file', 'folder']);
  assert.equal(await textOf(join(folder.path, 'file')), 'old');
});

/** What a process says and leaves that replaces `file` where `mounts` are. */
function replaceMounted(mounts: readonly Mount[], path: string, content: string): string {
  const program = fileURLToPath(new URL('./replace-file.main.js', import.meta.url));
  const [file = '', ...args] = [...withMounts(mounts), process.execPath, program, path, content, 'set'];
  const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: PATIENCE_MS });
  return stdout === 'replaced' ? stdout : stderr;
}

describe('where files are mounted, as in containers', { skip: mountProblem() }, () => {
  test('a file that is mounted by itself is written in place', async () => {
    await using folder = await scratch();
    const [outside, inside] = [join(folder.path, 'outside'), join(folder.path, 'inside')];
    for (const path of [outside, inside]) await mkdir(path);
    await writeFile(join(outside, 'file'), LONG);
    await writeFile(join(inside, 'file'), '');
    const mount = { from: join(outside, 'file'), to: join(inside, 'file') };
    assert.equal(replaceMounted([mount], join(inside, 'file'), 'new'), 'replaced');
    assert.equal(await textOf(join(outside, 'file')), 'new');
    assert.equal(await textOf(join(inside, 'file')), '');
    assert.deepEqual(await readdir(inside), ['file']);
  });

  test('a file in a folder that is read-only is written in place, under a lock that is elsewhere', async () => {
    await using folder = await scratch();
    const [outside, inside] = [join(folder.path, 'outside'), join(folder.path, 'inside')];
    for (const path of [outside, inside]) await mkdir(path);
    await writeFile(join(outside, 'file'), 'old');
    await writeFile(join(inside, 'file'), '');
    const mounts = [
      { from: inside, to: inside, isReadOnly: true },
      { from: join(outside, 'file'), to: join(inside, 'file') },
    ];
    assert.equal(replaceMounted(mounts, join(inside, 'file'), 'new'), 'replaced');
    assert.equal(await textOf(join(outside, 'file')), 'new');
  });

  test('a file that is mounted to be read only is not touched, and the error says why', async () => {
    await using folder = await scratch();
    const path = join(folder.path, 'file');
    await writeFile(path, 'old');
    assert.match(replaceMounted([{ from: path, to: path, isReadOnly: true }], path, 'new'), /EROFS/);
    assert.equal(await textOf(path), 'old');
    assert.deepEqual(await readdir(folder.path), ['file']);
  });
});
