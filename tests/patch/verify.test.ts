import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toFileUpdateChanges, toLegacyFileChanges } from '../../src/patch/file-changes.ts';
import { parsePatch } from '../../src/patch/parse.ts';
import { type PatchChange, type PatchReader, verifyPatch } from '../../src/patch/verify.ts';

const systemError = (code: string, errno: number) => Object.assign(new Error(code), { code, errno });

/** Files by absolute path; an error stands for a file that cannot be read. */
const reader = (files: Record<string, string | Uint8Array | Error>): PatchReader => ({
  async readFile(path) {
    const file = files[path] ?? systemError('ENOENT', -2);
    if (file instanceof Error) throw file;
    return Buffer.from(file);
  },
  readLink: async () => null,
  place: async (path) => path,
  isSameName: async () => false,
});

const verify = (lines: readonly string[], files: Record<string, string | Uint8Array | Error>) => {
  const parsed = parsePatch(['*** Begin Patch', ...lines, '*** End Patch'].join('\n'));
  assert.ok(parsed.ok);
  return verifyPatch(parsed.sections, { cwd: '/w', disk: reader(files), names: 'absolute' });
};

const changesOf = async (lines: readonly string[], files: Record<string, string>): Promise<readonly PatchChange[]> => {
  const verified = await verify(lines, files);
  assert.ok(verified.ok, verified.ok ? '' : verified.message);
  return verified.changes;
};

const errorOf = async (lines: readonly string[], files: Record<string, string | Uint8Array | Error>) => {
  const verified = await verify(lines, files);
  assert.ok(!verified.ok, 'the patch was verified');
  return verified.message;
};

const UPDATE = ['*** Update File: b.txt', '*** Move to: /other/c.txt', '@@', ' two', '-three', '+3'];
const B = 'one\ntwo\nthree\nfour\nfive\n';

test('every kind of change is computed from the files as they are', async () => {
  const lines = ['*** Add File: /abs/new', '+x', '*** Delete File: gone', ...UPDATE];
  assert.deepEqual(await changesOf(lines, { '/w/gone': 'bye\n', '/w/b.txt': B }), [
    { kind: 'add', path: '/abs/new', movePath: null, content: 'x\n' },
    { kind: 'delete', path: '/w/gone', movePath: null, content: 'bye\n' },
    {
      kind: 'update',
      path: '/w/b.txt',
      movePath: '/other/c.txt',
      oldContent: B,
      newContent: 'one\ntwo\n3\nfour\nfive\n',
      unifiedDiff: '@@ -2,3 +2,3 @@\n two\n-three\n+3\n four\n',
    },
  ]);
});

test('sections of one file add up to one change, each on what the ones before it leave', async () => {
  const lines = ['*** Update File: b.txt', '-one', '+1', '*** Update File: ./b.txt', ' 1', '-two', '+2'];
  const [change, ...more] = await changesOf(lines, { '/w/b.txt': B });
  assert.equal(change?.kind === 'update' && change.newContent, '1\n2\nthree\nfour\nfive\n');
  assert.equal(change?.kind === 'update' && change.unifiedDiff, '@@ -1,3 +1,3 @@\n-one\n-two\n+1\n+2\n three\n');
  assert.equal(more.length, 0);
});

const nets: readonly [rule: string, lines: readonly string[], net: readonly unknown[]][] = [
  ['added and deleted again', ['*** Add File: n', '+x', '*** Delete File: n'], []],
  ['added and changed', ['*** Add File: n', '+x', '*** Update File: n', '-x', '+y'], [['add', '/w/n', null]]],
  ['deleted and added', ['*** Delete File: a', '*** Add File: a', '+x'], [['update', '/w/a', null]]],
  [
    'moved twice',
    ['*** Update File: a', '*** Move to: n', '-a', '+x', '*** Update File: n', '*** Move to: m', '-x', '+y'],
    [['update', '/w/a', '/w/m']],
  ],
  [
    'moved, and its old name given to a new file',
    ['*** Update File: a', '*** Move to: n', '-a', '+x', '*** Add File: a', '+z'],
    [
      ['update', '/w/a', null],
      ['add', '/w/n', null],
    ],
  ],
  [
    'moved to where a file was deleted',
    ['*** Delete File: b', '*** Update File: a', '*** Move to: b', '-a', '+x'],
    [
      ['update', '/w/b', null],
      ['delete', '/w/a', null],
    ],
  ],
  ['an added file that replaces one is an update', ['*** Add File: a', '+x'], [['update', '/w/a', null]]],
];
for (const [rule, lines, net] of nets) {
  test(`the net change is shown: ${rule}`, async () => {
    const changes = await changesOf(lines, { '/w/a': 'a\n', '/w/b': 'b\n' });
    assert.deepEqual(
      changes.map(({ kind, path, movePath }) => [kind, path, movePath]),
      net,
    );
  });
}

test('a move over another file is refused, and says what to do', async () => {
  const lines = ['*** Update File: a', '*** Move to: b', '-a', '+x'];
  const message = await errorOf(lines, { '/w/a': 'a\n', '/w/b': 'b\n' });
  assert.match(message, /^Failed to move \/w\/a to \/w\/b: a file of that name exists\. Delete it /);
});

test('paths stay as written but for the working directory', async () => {
  const [change] = await changesOf(['*** Add File: ./x/../a'], {});
  assert.equal(change?.path, '/w/./x/../a');
});

test('a file that cannot be read fails the whole patch', async () => {
  const missing = 'No such file or directory (os error 2)';
  assert.equal(await errorOf(['*** Delete File: x'], {}), `Failed to read /w/x: ${missing}`);
  assert.equal(await errorOf(['*** Update File: x', '-a'], {}), `Failed to read file to update /w/x: ${missing}`);
  const denied = await errorOf(['*** Delete File: x'], { '/w/x': systemError('EACCES', -13) });
  assert.equal(denied, 'Failed to read /w/x: Permission denied (os error 13)');
});

test('a file that is not text fails the whole patch', async () => {
  const reason = 'is not UTF-8 text, and a patch cannot show or keep other bytes';
  const files = { '/w/x': Uint8Array.of(0xff, 0xfe) };
  assert.equal(await errorOf(['*** Delete File: x'], files), `Failed to read /w/x: ${reason}`);
  assert.equal(await errorOf(['*** Update File: x', '-a'], files), `Failed to read file to update /w/x: ${reason}`);
});

test('an update that does not fit names the absolute path', async () => {
  const message = await errorOf(['*** Update File: x', '-a'], { '/w/x': 'b\n' });
  assert.equal(message, 'Failed to find expected lines in /w/x:\na');
});

test('a byte order mark survives', async () => {
  const [change] = await changesOf(['*** Update File: x', ' a', '-b', '+c'], { '/w/x': '\ufeffa\nb\n' });
  assert.equal(change?.kind === 'update' && change.newContent, '\ufeffa\nc\n');
});

test('items list changes by path, with contents for added and deleted files and hunks for others', async () => {
  const lines = ['*** Delete File: gone', ...UPDATE, '*** Add File: a', '+x'];
  const changes = await changesOf(lines, { '/w/gone': 'bye\n', '/w/b.txt': B });
  assert.deepEqual(toFileUpdateChanges(changes), [
    { path: '/w/a', kind: { type: 'add' }, diff: 'x\n' },
    {
      path: '/w/b.txt',
      kind: { type: 'update', move_path: '/other/c.txt' },
      diff: '@@ -2,3 +2,3 @@\n two\n-three\n+3\n four\n\n\nMoved to: /other/c.txt',
    },
    { path: '/w/gone', kind: { type: 'delete' }, diff: 'bye\n' },
  ]);
});

test('an update without a move says so with null and adds nothing to the diff', async () => {
  const changes = await changesOf(['*** Update File: x', '-a', '+b'], { '/w/x': 'a\n' });
  assert.deepEqual(toFileUpdateChanges(changes), [
    { path: '/w/x', kind: { type: 'update', move_path: null }, diff: '@@ -1 +1 @@\n-a\n+b\n' },
  ]);
});

test('legacy events map paths to changes', async () => {
  const lines = ['*** Delete File: gone', ...UPDATE, '*** Add File: a', '+x'];
  const changes = await changesOf(lines, { '/w/gone': 'bye\n', '/w/b.txt': B });
  assert.deepEqual(toLegacyFileChanges(changes), {
    '/w/a': { type: 'add', content: 'x\n' },
    '/w/b.txt': {
      type: 'update',
      unified_diff: '@@ -2,3 +2,3 @@\n two\n-three\n+3\n four\n',
      move_path: '/other/c.txt',
    },
    '/w/gone': { type: 'delete', content: 'bye\n' },
  });
});
