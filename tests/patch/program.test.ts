import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runApplyPatch } from '../../src/patch/program.ts';

const patch = (...lines: string[]) => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

function workspace(t: TestContext, files: Record<string, string | Uint8Array> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'apply-patch-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  return {
    cwd,
    read: (name: string) => readFileSync(join(cwd, name), 'utf8'),
    has: (name: string) => existsSync(join(cwd, name)),
    run: (...args: string[]) => runApplyPatch({ args, cwd, readStdin: () => assert.fail('standard input was read') }),
    pipe: (text: string) => runApplyPatch({ args: [], cwd, readStdin: async () => text }),
  };
}

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

test('adding over a file replaces it', async (t) => {
  const w = workspace(t, { a: 'old and long\n' });
  await w.run(patch('*** Add File: a', '+x'));
  assert.equal(w.read('a'), 'x\n');
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

test('sections before a failing one stay applied, those behind are not tried', async (t) => {
  const w = workspace(t);
  const outcome = await w.run(patch('*** Add File: a', '*** Delete File: nope', '*** Add File: b'));
  assert.deepEqual(outcome, { exitCode: 1, stdout: '', stderr: 'Failed to delete file nope\n' });
  assert.ok(w.has('a') && !w.has('b'));
});

const failures: readonly [rule: string, lines: readonly string[], stderr: string][] = [
  ['a parent that is a file', ['*** Add File: file/x'], 'Failed to create parent directories for file/x'],
  ['a folder in the way of a new file', ['*** Add File: folder'], 'Failed to write file folder'],
  ['deleting a folder', ['*** Delete File: folder'], 'Failed to delete file folder'],
  [
    'updating a missing file',
    ['*** Update File: nope', '-x'],
    'Failed to read file to update nope: No such file or directory (os error 2)',
  ],
  [
    'updating a file that is not text',
    ['*** Update File: binary', '-x'],
    'Failed to read file to update binary: stream did not contain valid UTF-8',
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
