/** What a patch does to files beside their text: modes, owners, links, folders; and what is left when it fails. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyPlan } from '../../src/patch/apply.ts';
import { patchDisk } from '../../src/patch/disk.ts';
import { parsePatch } from '../../src/patch/parse.ts';
import type { PatchPlan } from '../../src/patch/plan.ts';
import { verifyPatch } from '../../src/patch/verify.ts';
import { patch, workspace } from './support/workspace.ts';

const UPDATE = ['*** Update File: a', '-x', '+y'];
const MOVE = ['*** Update File: a', '*** Move to: sub/b', '-x', '+y'];
const STRANGER = 12_345;

async function planOf(cwd: string, ...lines: readonly string[]): Promise<PatchPlan> {
  const parsed = parsePatch(patch(...lines));
  assert.ok(parsed.ok);
  const verified = await verifyPatch(parsed.sections, { cwd, disk: patchDisk, names: 'as-written' });
  assert.ok(verified.ok);
  return verified.plan;
}

for (const [rule, lines, name] of [
  ['a file that is updated', UPDATE, 'a'],
  ['a file that is moved', MOVE, 'sub/b'],
  ['a file that is overwritten', ['*** Add File: a', '+y'], 'a'],
] as const) {
  test(`mode and owner stay: ${rule}`, async (t) => {
    const w = workspace(t, { a: 'x\n' });
    if (process.getuid?.() === 0) chownSync(w.path('a'), STRANGER, STRANGER);
    chmodSync(w.path('a'), 0o751);
    const before = statSync(w.path('a'));
    await w.apply(...lines);
    const after = statSync(w.path(name));
    assert.deepEqual([after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
    assert.equal(w.read(name), 'y\n');
  });
}

test('a new file has the mode that the process gives to new files', async (t) => {
  const w = workspace(t);
  await w.apply('*** Add File: a', '+x');
  assert.equal(statSync(w.path('a')).mode & 0o777, 0o666 & ~process.umask());
});

test('all names of a file with hard links have the new text', async (t) => {
  const w = workspace(t, { a: 'x\nlong enough to be cut\n' });
  linkSync(w.path('a'), w.path('other'));
  await w.apply('*** Update File: a', '-x', '-long enough to be cut', '+y');
  assert.deepEqual([w.read('a'), w.read('other'), statSync(w.path('a')).nlink], ['y\n', 'y\n', 2]);
});

test('a symbolic link stays one: what it leads to is changed, also by two names in one patch', async (t) => {
  const w = workspace(t, { 'real/a': 'x\nz\n' });
  symlinkSync('real/a', w.path('link'));
  symlinkSync('link', w.path('link2'));
  await w.apply('*** Update File: link2', '-x', '+y', '*** Update File: real/a', '-z', '+Z');
  assert.equal(w.read('real/a'), 'y\nZ\n');
  assert.ok(lstatSync(w.path('link')).isSymbolicLink() && lstatSync(w.path('link2')).isSymbolicLink());
});

test('a link that leads nowhere is written through by an addition, and can be deleted', async (t) => {
  const w = workspace(t);
  symlinkSync('sub/new', w.path('link'));
  await w.apply('*** Add File: link', '+x');
  assert.equal(w.read('sub/new'), 'x\n');
  unlinkSync(w.path('sub/new'));
  await w.apply('*** Delete File: link');
  assert.deepEqual(readdirSync(w.cwd), ['sub']);
});

test('deleting or moving a link leaves what it leads to, and a file may take its name', async (t) => {
  const w = workspace(t, { a: 'x\n' });
  chmodSync(w.path('a'), 0o700);
  for (const name of ['one', 'two', 'three']) symlinkSync('a', w.path(name));
  await w.apply('*** Delete File: one');
  await w.apply('*** Update File: two', '*** Move to: b', '-x', '+y');
  await w.apply('*** Delete File: three', '*** Add File: three', '+3', '*** Update File: three', '-3', '+z');
  assert.deepEqual(readdirSync(w.cwd).sort(), ['a', 'b', 'three']);
  assert.deepEqual([w.read('a'), w.read('b'), w.read('three')], ['x\n', 'y\n', 'z\n']);
  assert.equal(statSync(w.path('b')).mode & 0o777, 0o700);
  assert.ok(lstatSync(w.path('three')).isFile());
});

test('links that lead to each other are an error', async (t) => {
  const w = workspace(t);
  symlinkSync('b', w.path('a'));
  symlinkSync('a', w.path('b'));
  assert.match(await w.refuse(...UPDATE), /^Failed to read file to update a: Too many levels of symbolic links/);
  assert.equal(readlinkSync(w.path('a')), 'b');
});

test('a file that is moved onto itself by another way keeps its new text', async (t) => {
  const w = workspace(t, { 'dir/a': 'x\n' });
  symlinkSync('dir', w.path('way'));
  await w.apply('*** Update File: dir/a', '*** Move to: way/a', '-x', '+y');
  assert.deepEqual([readdirSync(w.path('dir')), w.read('dir/a')], [['a'], 'y\n']);
});

test('a name that differs in case only is another name', async (t) => {
  const w = workspace(t, { a: 'x\n' });
  await w.apply('*** Update File: a', '*** Move to: A', '-x', '+y');
  assert.deepEqual([readdirSync(w.cwd), w.read('A')], [['A'], 'y\n']);
});

test('names with quotes, blanks and other alphabets are taken as they are', async (t) => {
  const w = workspace(t);
  for (const name of [`it's "b"`, 'a b', 'ünï\u0301', '-rf', 'tab\tin', '*', "$(x)`y`;'"]) {
    await w.apply(`*** Add File: ${name}`, '+x');
    await w.apply(`*** Update File: ${name}`, '-x', '+y');
    assert.equal(w.read(name), 'y\n');
    await w.apply(`*** Delete File: ${name}`);
  }
  assert.deepEqual(readdirSync(w.cwd), []);
  assert.match(await w.refuse('*** Add File: a\0b', '+x'), /^Failed to write file a\0b: /);
});

test('absolute names and names with .. are taken lexically', async (t) => {
  const w = workspace(t, { 'sub/a': 'x\n' });
  await w.apply(`*** Update File: ${w.path('sub/../sub/a')}`, '-x', '+y');
  await w.apply('*** Update File: sub/none/../a', '*** Move to: sub/../b', '-y', '+z');
  assert.deepEqual([w.has('sub/a'), w.read('b')], [false, 'z\n']);
});

for (const [rule, make] of [
  ['a named pipe', (path: string) => assert.equal(spawnSync('mkfifo', [path]).status, 0)],
  ['a folder', (path: string) => void mkdirSync(path)],
  ['a device', (path: string) => symlinkSync('/dev/zero', path)],
] as const) {
  test(`${rule} is no file: every section says so at once`, async (t) => {
    const w = workspace(t, { file: 'x\n' });
    make(w.path('a'));
    const move = await w.refuse('*** Update File: file', '*** Move to: a', '-x', '+y');
    const isLink = lstatSync(w.path('a')).isSymbolicLink();
    assert.ok(isLink ? /a file of that name exists/.test(move) : move.includes(`is ${rule}, not a regular file`), move);
    for (const section of [UPDATE, ['*** Add File: a', '+y'], ...(isLink ? [] : [['*** Delete File: a']])]) {
      assert.match(await w.refuse(...section), new RegExp(`a: it is ${rule}, not a regular file`));
    }
    assert.deepEqual([readdirSync(w.cwd).sort(), w.read('file')], [['a', 'file'], 'x\n']);
  });
}

test('a patch that fails on one file has changed none, and leaves nothing behind', async (t) => {
  const w = workspace(t, { a: 'x\n', file: '' });
  const stderr = await w.refuse('*** Add File: new/deep/er', '+1', ...UPDATE, '*** Add File: file/x', '+2');
  assert.equal(
    stderr,
    'Failed to create parent directories for file/x: Not a directory (os error 20)\nNo file was changed.\n',
  );
  assert.deepEqual([readdirSync(w.cwd).sort(), w.read('a')], [['a', 'file'], 'x\n']);
});

test('a file that is deleted makes room for a folder of its name', async (t) => {
  const w = workspace(t, { a: 'x\n' });
  await w.apply('*** Delete File: a', '*** Add File: a/b', '+y');
  assert.equal(w.read('a/b'), 'y\n');
});

test('a file cannot be moved below itself, and is not lost', async (t) => {
  const w = workspace(t, { a: 'x\n' });
  assert.match(await w.refuse('*** Update File: a', '*** Move to: a/b', '-x', '+y'), /No file was changed/);
  assert.equal(w.read('a'), 'x\n');
});

test('a plan is not carried out on files that have changed since', async (t) => {
  const w = workspace(t, { a: 'x\n', b: 'x\n' });
  for (const name of ['a', 'b', 'new']) {
    w.write('a', 'x\n');
    w.write('b', 'x\n');
    const plan = await planOf(w.cwd, ...UPDATE, '*** Delete File: b', '*** Add File: new', '+n');
    w.write(name, 'by the user\n');
    const applied = await applyPlan(plan);
    const message = `Failed to change ${name}: it has changed since the patch was checked. Read it again`;
    assert.deepEqual(applied, { ok: false, message: `${message}\nNo file was changed.` });
    assert.equal(w.read(name), 'by the user\n');
  }
});

test('a file that was deleted since is not made again by its update', async (t) => {
  const w = workspace(t, { a: 'x\n' });
  const plan = await planOf(w.cwd, ...UPDATE);
  unlinkSync(w.path('a'));
  assert.equal((await applyPlan(plan)).ok, false);
  assert.ok(!w.has('a'));
});

test('a plan that was carried out in part is finished', async (t) => {
  const w = workspace(t, { a: 'x\n', b: 'z\n' });
  const plan = await planOf(w.cwd, ...UPDATE, '*** Delete File: b', '*** Add File: new', '+n');
  w.write('new', 'n\n');
  w.write('a', 'y\n');
  assert.equal((await applyPlan(plan)).ok, true);
  assert.deepEqual(readdirSync(w.cwd).sort(), ['a', 'new']);
});

/** The program as it ships, with a bound on the size of files that stands for a full disk. */
function onFullDisk(cwd: string, text: string) {
  const program = join(process.env.SHARDEX_DIST ?? '', 'apply-patch.js');
  const script = 'ulimit -f 64; exec "$0" "$1"';
  return spawnSync('sh', ['-c', script, process.execPath, program], { cwd, input: text, encoding: 'utf8' });
}

const LONG = `+${'y'.repeat(200_000)}`;

test('a disk that fills up leaves every file as it was', async (t) => {
  const w = workspace(t, { a: 'x\n', b: 'x\n', linked: 'x\n' });
  linkSync(w.path('linked'), w.path('other'));
  for (const lines of [
    ['*** Update File: b', '-x', '+y', '*** Update File: a', '-x', LONG],
    ['*** Update File: linked', '-x', LONG],
    ['*** Add File: new/deep', LONG],
  ]) {
    const { status, stderr } = onFullDisk(w.cwd, patch(...lines));
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^Failed to write file (a|linked|new\/deep): .*\nNo file was changed\.\n$/);
    assert.deepEqual(readdirSync(w.cwd).sort(), ['a', 'b', 'linked', 'other']);
    for (const name of ['a', 'b', 'linked', 'other']) assert.equal(w.read(name), 'x\n');
  }
});

test('a failure in the middle names what was changed before it', async (t) => {
  const w = workspace(t, { b: 'x\n', linked: 'x\n' });
  linkSync(w.path('linked'), w.path('other'));
  const { stderr } = onFullDisk(w.cwd, patch('*** Update File: b', '-x', '+y', '*** Update File: linked', '-x', LONG));
  assert.match(stderr, /^Failed to write file linked: .*\nChanged before that: b\n$/);
  assert.deepEqual([w.read('b'), w.read('linked')], ['y\n', 'x\n']);
});

test('a file that may not be written is not replaced either', async (t) => {
  const w = workspace(t, { a: 'x\n' });
  chmodSync(w.path('a'), 0o444);
  const outcome = await w.run(patch(...UPDATE));
  // Root may write everything.
  const isRoot = process.getuid?.() === 0;
  assert.equal(outcome.exitCode, isRoot ? 0 : 1);
  if (!isRoot) assert.match(outcome.stderr, /^Failed to write file a: Permission denied/);
  assert.equal(statSync(w.path('a')).mode & 0o777, 0o444);
});

test('a patch on standard input that is no text is refused', (t) => {
  const w = workspace(t);
  const program = join(process.env.SHARDEX_DIST ?? '', 'apply-patch.js');
  const input = Buffer.concat([
    Buffer.from('*** Begin Patch\n*** Add File: a\n+caf'),
    Buffer.of(0xe9),
    Buffer.from('\n*** End Patch'),
  ]);
  const { status, stderr } = spawnSync(process.execPath, [program], { cwd: w.cwd, input, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /^The patch cannot be read: is not UTF-8 text/);
  assert.deepEqual(readdirSync(w.cwd), []);
});
