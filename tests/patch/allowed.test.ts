import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PathProbe, writableRoots } from '../../src/exec/writable-roots.ts';
import { isInsideWritableRoots } from '../../src/patch/allowed.ts';
import type { PatchChange } from '../../src/patch/verify.ts';

/** Folders end with a slash; anything else is a file with that text. */
const probe = (...entries: (string | [path: string, text: string])[]): PathProbe => ({
  kind(path) {
    if (entries.includes(`${path}/`)) return 'directory';
    return entries.some((entry) => entry[0] === path) ? 'file' : 'absent';
  },
  readText: (path) => entries.find((entry) => Array.isArray(entry) && entry[0] === path)?.[1],
});

const policy = {
  type: 'workspaceWrite' as const,
  writableRoots: ['/data'],
  networkAccess: false,
  excludeTmpdirEnvVar: false,
  excludeSlashTmp: false,
};
const names = (roots: readonly { root: string }[]) => roots.map(({ root }) => root);

test('writable are the roots of the policy, the working directory, /tmp and TMPDIR', () => {
  assert.deepEqual(names(writableRoots(policy, '/w', { TMPDIR: '/scratch/' }, probe('/tmp/'))), [
    '/data',
    '/w',
    '/tmp',
    '/scratch',
  ]);
});

test('temporary folders that are excluded, relative, unset or no folders are not writable', () => {
  const excluded = { ...policy, excludeTmpdirEnvVar: true, excludeSlashTmp: true };
  assert.deepEqual(names(writableRoots(excluded, '/w', { TMPDIR: '/scratch' }, probe('/tmp/'))), ['/data', '/w']);
  assert.deepEqual(names(writableRoots(policy, '/w', { TMPDIR: 'scratch' }, probe())), ['/data', '/w']);
  assert.deepEqual(names(writableRoots(policy, '/w', {}, probe(['/tmp', '']))), ['/data', '/w']);
});

test('a root named twice is listed once', () => {
  assert.deepEqual(names(writableRoots(policy, '/data/x/..', { TMPDIR: '/data' }, probe())), ['/data']);
});

test('other policies have no writable roots', () => {
  assert.deepEqual(writableRoots({ type: 'readOnly' }, '/w', {}, probe()), []);
  assert.deepEqual(writableRoots({ type: 'dangerFullAccess' }, '/w', {}, probe()), []);
  assert.deepEqual(writableRoots({ type: 'externalSandbox', networkAccess: 'enabled' }, '/w', {}, probe()), []);
});

const protectedIn = (cwd: string, from: PathProbe) =>
  writableRoots({ ...policy, writableRoots: [] }, cwd, {}, from).flatMap(({ protectedPaths }) => protectedPaths);

test('.git and .codex are protected where they exist', () => {
  assert.deepEqual(protectedIn('/w', probe('/w/.git/', '/w/.codex/')), ['/w/.git', '/w/.codex']);
  assert.deepEqual(protectedIn('/w', probe(['/w/.codex', 'a file'])), []);
});

test('the folder that a .git file points to is protected too', () => {
  const worktree = (text: string) => protectedIn('/w', probe('/repo/.git/worktrees/w/', ['/w/.git', text]));
  assert.deepEqual(worktree('gitdir: /repo/.git/worktrees/w\n'), ['/w/.git', '/repo/.git/worktrees/w']);
  assert.deepEqual(worktree('gitdir: ../repo/.git/worktrees/w\n'), ['/w/.git', '/repo/.git/worktrees/w']);
  assert.deepEqual(worktree('gitdir: /not/there\n'), ['/w/.git']);
  assert.deepEqual(worktree('nonsense'), ['/w/.git']);
});

const add = (path: string): PatchChange => ({ kind: 'add', path, movePath: null, content: '' });
const move = (path: string, movePath: string): PatchChange => ({
  kind: 'update',
  path,
  movePath,
  oldContent: '',
  newContent: '',
  unifiedDiff: '',
});
const roots = [
  { root: '/w', protectedPaths: ['/w/.git', '/w/.codex'] },
  { root: '/w/.git/inner', protectedPaths: [] },
];

const cases: readonly [rule: string, change: PatchChange, isAllowed: boolean][] = [
  ['below a root', add('/w/a/b'), true],
  ['outside of all roots', add('/other/a'), false],
  ['beside a root with a longer name', add('/work/a'), false],
  ['out of a root with ..', add('/w/x/../../etc/a'), false],
  ['into a root with ..', add('/other/../w/a'), true],
  ['in a protected folder', add('/w/.git/config'), false],
  ['in a protected folder by ..', add('/w/x/../.git/config'), false],
  ['a protected path itself', add('/w/.codex'), false],
  ['in a folder of that name further down', add('/w/sub/.git/config'), true],
  ['in a file with a longer name', add('/w/.gitignore'), true],
  ['protected in one root but writable by another', add('/w/.git/inner/a'), true],
  ['a move inside', move('/w/a', '/w/b'), true],
  ['a move out', move('/w/a', '/etc/b'), false],
  ['a move in', move('/etc/a', '/w/b'), false],
];
for (const [rule, change, isAllowed] of cases) {
  test(`${isAllowed ? 'allowed' : 'not allowed'}: ${rule}`, () => {
    assert.equal(isInsideWritableRoots([add('/w/fine'), change], roots), isAllowed);
  });
}

test('the file system root as a writable root allows everything', () => {
  assert.ok(isInsideWritableRoots([add('/etc/a')], [{ root: '/', protectedPaths: [] }]));
});
