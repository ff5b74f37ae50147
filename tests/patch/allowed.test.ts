import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Reach, reachUnder, writableRoots } from '../../src/exec/writable-roots.ts';
import { reachOfPatch } from '../../src/patch/allowed.ts';
import type { PatchChange } from '../../src/patch/verify.ts';
import { scratch } from '../exec/support/commands.ts';

const policy = {
  type: 'workspaceWrite' as const,
  writableRoots: ['/data'],
  networkAccess: false,
  excludeTmpdirEnvVar: false,
  excludeSlashTmp: false,
};
const withTmp = (path: string): boolean => path === '/tmp';
const withoutTmp = (): boolean => false;

test('writable are the roots of the policy, the working directory, /tmp and TMPDIR', () => {
  const roots = writableRoots(policy, '/w', { TMPDIR: '/scratch/' }, withTmp);
  assert.deepEqual(roots, ['/data', '/w', '/tmp', '/scratch']);
});

test('temporary folders that are excluded, relative, unset or no folders are not writable', () => {
  const excluded = { ...policy, excludeTmpdirEnvVar: true, excludeSlashTmp: true };
  assert.deepEqual(writableRoots(excluded, '/w', { TMPDIR: '/scratch' }, withTmp), ['/data', '/w']);
  assert.deepEqual(writableRoots(policy, '/w', { TMPDIR: 'scratch' }, withoutTmp), ['/data', '/w']);
  assert.deepEqual(writableRoots(policy, '/w', {}, withoutTmp), ['/data', '/w']);
});

test('a root named twice is listed once', () => {
  assert.deepEqual(writableRoots(policy, '/data/x/..', { TMPDIR: '/data' }, withoutTmp), ['/data']);
});

test('other policies have no writable roots', () => {
  assert.deepEqual(writableRoots({ type: 'readOnly' }, '/w', {}), []);
  assert.deepEqual(writableRoots({ type: 'dangerFullAccess' }, '/w', {}), []);
  assert.deepEqual(writableRoots({ type: 'externalSandbox', networkAccess: 'enabled' }, '/w', {}), []);
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

/** `w` and `w/.git/inner` are roots. */
function workspace(): { path: string; reach: (path: string) => Reach } & Disposable {
  const folder = scratch();
  const path = join(folder.path, 'w');
  for (const name of ['.git/inner', 'sub', 'store']) mkdirSync(join(path, name), { recursive: true });
  mkdirSync(join(folder.path, 'tree'));
  writeFileSync(join(path, 'store/gitfile'), `gitdir: ${path}/store\n`);
  symlinkSync('sub', join(path, 'alias'));
  symlinkSync('.codex', join(path, 'sneaky'));
  symlinkSync('../.git', join(path, 'sub/hidden'));
  symlinkSync('/etc', join(path, 'outside'));
  symlinkSync('store', join(path, '.codex'));
  const rules = { ...policy, writableRoots: [join(path, '.git/inner')], excludeSlashTmp: true };
  const reach = reachUnder(rules, path, { CODEX_HOME: '/var/empty' });
  return { path, reach, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const cases: readonly [rule: string, paths: readonly [string, string?], expected: Reach][] = [
  ['below a root', ['a/b'], 'writable'],
  ['outside of all roots', ['/other/a'], 'outside'],
  ['beside a root with a longer name', ['../work/a'], 'outside'],
  ['out of a root with ..', ['x/../../../etc/a'], 'outside'],
  ['out of a root through a link, where the sandbox stops it', ['outside/passwd'], 'writable'],
  ['into a root with ..', ['../other/../w/a'], 'writable'],
  ['through a link to another folder of the root', ['alias/a'], 'writable'],
  ['in a protected folder', ['.git/config'], 'protected'],
  ['in a protected folder by ..', ['x/../.git/config'], 'protected'],
  ['a protected path itself', ['.codex'], 'protected'],
  ['below a protected link', ['.codex/config.toml'], 'protected'],
  ['what a protected link leads to', ['store/config.toml'], 'protected'],
  ['through a link to a protected name', ['sneaky/config.toml'], 'protected'],
  ['through a link to a protected folder', ['sub/hidden/config'], 'protected'],
  ['a .codex that does not exist', ['sub/.codex/config.toml'], 'protected'],
  ['a .codex at any depth', ['a/b/c/.codex/rules/x.rules'], 'protected'],
  ['a .git at any depth', ['sub/.git/hooks/pre-commit'], 'protected'],
  ['in a file with a longer name', ['.gitignore'], 'writable'],
  ['in a folder with a longer name', ['.codex-notes/a'], 'writable'],
  ['protected in one root but writable by another', ['.git/inner/a'], 'writable'],
  ['a move inside', ['a', 'b'], 'writable'],
  ['a move out', ['a', '/etc/b'], 'outside'],
  ['a move in', ['/etc/a', 'b'], 'outside'],
  ['a move to a protected name', ['a', 'sub/.codex/config.toml'], 'protected'],
  ['a move from a protected name', ['.git/config', 'a'], 'protected'],
  ['both outside and protected', ['/etc/a', '.git/config'], 'protected'],
];
for (const [rule, [from, to], expected] of cases) {
  test(`protected-names: a patch reaches what is ${expected}: ${rule}`, () => {
    using folder = workspace();
    const at = (path: string): string => (path.startsWith('/') ? path : `${folder.path}/${path}`);
    const change = to === undefined ? add(at(from)) : move(at(from), at(to));
    assert.equal(reachOfPatch([add(at('fine')), change], folder.reach), expected);
  });
}

test('the file system root as a writable root allows everything but protected names', () => {
  const reach = reachUnder({ ...policy, writableRoots: ['/'] }, '/', { CODEX_HOME: '/var/empty' });
  assert.equal(reach('/etc/a'), 'writable');
  assert.equal(reach('/etc/.codex/a'), 'protected');
});
