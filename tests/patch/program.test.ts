import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { patch, workspace } from './support/workspace.ts';

test('all sections are applied and listed, grouped by what was done', async (t) => {
  const w = workspace(t, { 'edit.txt': 'one\ntwo\n', old: 'moved\n', gone: 'bye\n' });
  const outcome = await w.run(
    patch(
      '*** Delete File: gone',
      '*** Update File: edit.txt',
      '-two',
      '+TWO',
      '*** Update File: old',
      '*** Move to: sub/new',
      '-moved',
      '+moved along',
      '*** Add File: deep/er/fresh',
      '+first',
    ),
  );
  const stdout = 'Success. Updated the following files:\nA deep/er/fresh\nM edit.txt\nM sub/new\nD gone\n';
  assert.deepEqual(outcome, { exitCode: 0, stdout, stderr: '' });
  assert.equal(w.read('deep/er/fresh'), 'first\n');
  assert.equal(w.read('edit.txt'), 'one\nTWO\n');
  assert.equal(w.read('sub/new'), 'moved along\n');
  assert.ok(!w.has('old') && !w.has('gone'));
});

test('adding over a file replaces it and says so', async (t) => {
  const w = workspace(t, { a: 'old and long\n' });
  const stdout = await w.apply('*** Add File: a', '+x', '*** Add File: b', '+y');
  assert.equal(w.read('a'), 'x\n');
  assert.equal(
    stdout,
    'Success. Updated the following files:\nA a\nA b\na existed before: its old content was overwritten.\n',
  );
});

test('moving over another file is refused, unless the patch deletes it first', async (t) => {
  const w = workspace(t, { a: 'a\n', b: 'precious\n' });
  const move = ['*** Update File: a', '*** Move to: b', '-a', '+A'];
  assert.match(await w.refuse(...move), /^Failed to move a to b: a file of that name exists\. /);
  assert.deepEqual([w.read('a'), w.read('b')], ['a\n', 'precious\n']);
  await w.apply('*** Delete File: b', ...move);
  assert.deepEqual([w.has('a'), w.read('b')], [false, 'A\n']);
});

test('a file moved onto itself keeps its new text', async (t) => {
  const w = workspace(t, { a: 'x\n' });
  const { stdout } = await w.run(patch('*** Update File: a', '*** Move to: ./a', '-x', '+y'));
  assert.equal(stdout, 'Success. Updated the following files:\nM ./a\n');
  assert.equal(w.read('a'), 'y\n');
});

test('a path through a folder that does not exist is taken lexically', async (t) => {
  const w = workspace(t);
  await w.run(patch('*** Add File: ./no/../a', '+x'));
  assert.equal(w.read('a'), 'x\n');
  assert.ok(!w.has('no'));
});

test('a symbolic link is written through', async (t) => {
  const w = workspace(t, { target: 'x\n' });
  symlinkSync('target', join(w.cwd, 'link'));
  await w.run(patch('*** Update File: link', '-x', '+y'));
  assert.equal(w.read('target'), 'y\n');
});

test('a section that does not fit keeps all others from the disk', async (t) => {
  const w = workspace(t);
  const stderr = await w.refuse('*** Add File: a', '*** Delete File: nope', '*** Add File: b');
  assert.equal(stderr, 'Failed to read nope: No such file or directory (os error 2)\n');
  assert.ok(!w.has('a') && !w.has('b'));
});

const failures: readonly [rule: string, lines: readonly string[], stderr: string][] = [
  [
    'a parent that is a file',
    ['*** Add File: file/x'],
    'Failed to create parent directories for file/x: Not a directory (os error 20)\nNo file was changed.',
  ],
  [
    'a folder in the way of a new file',
    ['*** Add File: folder'],
    'Failed to write file folder: it is a folder, not a regular file',
  ],
  ['deleting a folder', ['*** Delete File: folder'], 'Failed to read folder: it is a folder, not a regular file'],
  [
    'updating a missing file',
    ['*** Update File: nope', '-x'],
    'Failed to read file to update nope: No such file or directory (os error 2)',
  ],
  [
    'updating a file that is not text',
    ['*** Update File: binary', '-x'],
    'Failed to read file to update binary: is not UTF-8 text, and a patch cannot show or keep other bytes',
  ],
  ['lines that are not there', ['*** Update File: file', '-y'], 'Failed to find expected lines in file:\ny'],
  ['a context that is not there', ['*** Update File: file', '@@ c', '-x'], "Failed to find context 'c' in file"],
  ['nothing to do', [], 'No files were modified.'],
];
for (const [rule, lines, stderr] of failures) {
  test(`a failure is told on standard error with the path as written: ${rule}`, async (t) => {
    const w = workspace(t, { file: 'x\n', binary: Uint8Array.of(0xff) });
    mkdirSync(join(w.cwd, 'folder'));
    assert.deepEqual(await w.run(patch(...lines)), { exitCode: 1, stdout: '', stderr: `${stderr}\n` });
  });
}

test('a wrong patch is told with its line', async (t) => {
  const w = workspace(t);
  const broken = await w.run(patch('zork'));
  assert.equal(broken.exitCode, 1);
  assert.match(broken.stderr, /^Invalid patch hunk on line 2: 'zork' is not a valid hunk header\. /);
  assert.equal((await w.run('')).stderr, "Invalid patch: first line must be '*** Begin Patch'\n");
});

test('without arguments the patch comes from standard input', async (t) => {
  const w = workspace(t);
  assert.equal((await w.pipe(`${patch('*** Add File: a')}\n`)).stdout, 'Success. Updated the following files:\nA a\n');
});

test('a wrong call exits with 2', async (t) => {
  const w = workspace(t);
  for (const outcome of [await w.run('a', 'b'), await w.pipe('')]) {
    assert.equal(outcome.exitCode, 2);
    assert.equal(outcome.stdout, '');
    assert.match(outcome.stderr, /apply_patch .+\n$/);
  }
});
