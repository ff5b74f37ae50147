import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { applyPlan } from '../../src/patch/apply.ts';
import { patchDisk } from '../../src/patch/disk.ts';
import { parsePatch } from '../../src/patch/parse.ts';
import { blobId } from '../../src/patch/tracked-file.ts';
import { TurnDiff } from '../../src/patch/turn-diff.ts';
import { verifyPatch } from '../../src/patch/verify.ts';

function workspace(t: TestContext, files: Record<string, string> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'turn-diff-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content);
  };
  for (const [name, content] of Object.entries({ '.git/HEAD': 'ref: refs/heads/main\n', ...files }))
    write(name, content);
  const diff = new TurnDiff();
  const verified = async (lines: readonly string[]) => {
    const parsed = parsePatch(['*** Begin Patch', ...lines, '*** End Patch'].join('\n'));
    assert.ok(parsed.ok);
    const result = await verifyPatch(parsed.sections, { cwd, disk: patchDisk, names: 'absolute' });
    assert.ok(result.ok, result.ok ? '' : result.message);
    return result;
  };
  return {
    cwd,
    diff,
    write,
    touchOnly: async (...lines: string[]) => diff.touch((await verified(lines)).changes),
    patch: async (...lines: string[]) => {
      const { changes, plan } = await verified(lines);
      await diff.touch(changes);
      assert.ok((await applyPlan(plan)).ok);
    },
  };
}

const NONE = '0'.repeat(40);
const id = (text: string) => blobId(Buffer.from(text));

test('blob ids are those of git', () => {
  assert.equal(id(''), 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
  assert.equal(id('one\ntwo\nthree\n'), '4cb29ea38f70d7c61b2a3a25b02e3bdf44905402');
});

test('added, changed, deleted and moved files are listed by path, relative to the work tree', async (t) => {
  const w = workspace(t, { 'edit.txt': 'one\ntwo\n', 'old.txt': 'moved\n', 'gone.txt': 'bye\n' });
  await w.patch(
    '*** Update File: old.txt',
    '*** Move to: sub/new.txt',
    '-moved',
    '+along',
    '*** Add File: fresh.txt',
    '+first',
    '*** Delete File: gone.txt',
    '*** Update File: edit.txt',
    '-two',
    '+TWO',
  );
  assert.equal(
    await w.diff.render(),
    [
      'diff --git a/edit.txt b/edit.txt',
      `index ${id('one\ntwo\n')}..${id('one\nTWO\n')}`,
      '--- a/edit.txt',
      '+++ b/edit.txt',
      '@@ -1,2 +1,2 @@',
      ' one',
      '-two',
      '+TWO',
      'diff --git a/fresh.txt b/fresh.txt',
      'new file mode 100644',
      `index ${NONE}..${id('first\n')}`,
      '--- /dev/null',
      '+++ b/fresh.txt',
      '@@ -0,0 +1 @@',
      '+first',
      'diff --git a/gone.txt b/gone.txt',
      'deleted file mode 100644',
      `index ${id('bye\n')}..${NONE}`,
      '--- a/gone.txt',
      '+++ /dev/null',
      '@@ -1 +0,0 @@',
      '-bye',
      'diff --git a/old.txt b/sub/new.txt',
      `index ${id('moved\n')}..${id('along\n')}`,
      '--- a/old.txt',
      '+++ b/sub/new.txt',
      '@@ -1 +1 @@',
      '-moved',
      '+along',
      '',
    ].join('\n'),
  );
});

test('git can apply the diff', async (t) => {
  const w = workspace(t, { 'a.txt': 'x\ny', 'b.txt': '1\n' });
  await w.patch('*** Update File: a.txt', '-x', '+X', '*** Add File: c/d.txt', '+c', '*** Delete File: b.txt');
  const text = await w.diff.render();
  const other = workspace(t, { 'a.txt': 'x\ny', 'b.txt': '1\n' });
  const git = spawnSync('git', ['apply', '-'], { cwd: other.cwd, input: text, encoding: 'utf8' });
  assert.equal(git.status, 0, git.stderr);
  assert.equal(readFileSync(join(other.cwd, 'a.txt'), 'utf8'), 'X\ny');
  assert.equal(readFileSync(join(other.cwd, 'c/d.txt'), 'utf8'), 'c\n');
});

test('outside of a work tree paths are absolute', async (t) => {
  const w = workspace(t);
  rmSync(join(w.cwd, '.git'), { recursive: true });
  await w.patch('*** Add File: ./x/../a', '+1');
  assert.match(await w.diff.render(), new RegExp(`^diff --git a/${w.cwd}/a b/${w.cwd}/a\nnew file`));
});

test('the nearest .git counts, a file as well as a folder', async (t) => {
  const w = workspace(t, { 'inner/.git': 'gitdir: elsewhere\n' });
  await w.patch('*** Add File: inner/deep/a', '+1');
  assert.match(await w.diff.render(), /^diff --git a\/deep\/a b\/deep\/a\n/);
});

test('a file that is changed through a link is listed, and the link is not', async (t) => {
  const w = workspace(t, { 'real/a': '1\n' });
  symlinkSync('real/a', join(w.cwd, 'link'));
  await w.patch('*** Update File: link', '-1', '+2');
  const text = await w.diff.render();
  assert.match(text, /^diff --git a\/real\/a b\/real\/a\n/);
  assert.match(text, /\n-1\n\+2\n$/);
});

test('what is no regular file is not waited for and not listed', async (t) => {
  const w = workspace(t, { a: '1\n' });
  await w.touchOnly('*** Update File: a', '-1', '+2');
  rmSync(join(w.cwd, 'a'));
  assert.equal(spawnSync('mkfifo', [join(w.cwd, 'a')]).status, 0);
  assert.equal(await w.diff.render(), '');
});

test('the baseline is the file when the turn first touched it, the other side the disk now', async (t) => {
  const w = workspace(t, { a: '1\n' });
  await w.patch('*** Update File: a', '-1', '+2');
  await w.patch('*** Update File: a', '-2', '+3');
  w.write('a', '4\n');
  assert.match(await w.diff.render(), /\n-1\n\+4\n$/);
});

test('what was undone is not listed', async (t) => {
  const w = workspace(t, { a: '1\n' });
  await w.patch('*** Update File: a', '-1', '+2', '*** Add File: b', '+x');
  await w.patch('*** Update File: a', '-2', '+1', '*** Delete File: b');
  assert.equal(await w.diff.render(), '');
});

test('a move, a mode or nothing alone is not listed', async (t) => {
  const w = workspace(t, { a: '1\n', b: '2\n' });
  await w.patch('*** Update File: a', '*** Move to: c', ' 1', '*** Update File: b', ' 2');
  chmodSync(join(w.cwd, 'b'), 0o755);
  assert.equal(await w.diff.render(), '');
});

test('a mode that changes with the content is listed', async (t) => {
  const w = workspace(t, { a: '1\n', b: '1\n' });
  chmodSync(join(w.cwd, 'b'), 0o755);
  await w.patch('*** Update File: a', '-1', '+2', '*** Delete File: b');
  chmodSync(join(w.cwd, 'a'), 0o755);
  const text = await w.diff.render();
  assert.match(text, /^diff --git a\/a b\/a\nold mode 100644\nnew mode 100755\nindex /);
  assert.match(text, /\ndeleted file mode 100755\n/);
});

test('an empty file has neither names nor hunks', async (t) => {
  const w = workspace(t);
  await w.patch('*** Add File: a');
  assert.equal(await w.diff.render(), `diff --git a/a b/a\nnew file mode 100644\nindex ${NONE}..${id('')}\n`);
});

test('bytes that are no text are only named', async (t) => {
  const w = workspace(t, { a: '1\n' });
  await w.patch('*** Update File: a', '-1', '+2');
  w.write('a', Uint8Array.of(0xff, 0xfe));
  assert.match(await w.diff.render(), /\n--- a\/a\n\+\+\+ b\/a\nBinary files differ\n$/);
});

test('a symbolic link is compared as a link', async (t) => {
  const w = workspace(t, { target: 'x\n' });
  symlinkSync('target', join(w.cwd, 'link'));
  await w.patch('*** Delete File: link');
  assert.equal(
    await w.diff.render(),
    `diff --git a/link b/link\ndeleted file mode 120000\nindex ${id('target')}..${NONE}\n--- a/link\n+++ /dev/null\n` +
      '@@ -1 +0,0 @@\n-target\n\\ No newline at end of file\n',
  );
});

test('a chain of moves is one entry, and the old name may be used anew', async (t) => {
  const w = workspace(t, { a: '1\n' });
  await w.patch('*** Update File: a', '*** Move to: b', '-1', '+2');
  await w.patch('*** Update File: b', '*** Move to: c', '-2', '+3');
  await w.patch('*** Add File: a', '+again');
  const heads = (await w.diff.render()).match(/^diff .*$/gm);
  assert.deepEqual(heads, ['diff --git a/a b/a', 'diff --git a/a b/c']);
});

test('a move that failed leaves the file under its name', async (t) => {
  const w = workspace(t, { a: '1\n' });
  await w.touchOnly('*** Update File: a', '*** Move to: b', '-1', '+2');
  assert.equal(await w.diff.render(), '');
  await w.patch('*** Update File: a', '-1', '+3');
  assert.match(await w.diff.render(), /^diff --git a\/a b\/a\n[\s\S]*\n-1\n\+3\n$/);
});

test('a file moved over another tracked one shows as a change there and a removal here', async (t) => {
  const w = workspace(t, { a: '1\n', b: 'x\n' });
  await w.patch('*** Update File: b', '-x', '+y');
  await w.patch('*** Delete File: b', '*** Update File: a', '*** Move to: b', '-1', '+2');
  const text = await w.diff.render();
  assert.match(text, /^diff --git a\/a b\/a\ndeleted file mode 100644\n/);
  assert.match(text, /\ndiff --git a\/b b\/b\n[\s\S]*\n-x\n\+2\n$/);
});
