import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ShellLookup, shellArgv, systemLookup, userShell } from '../../src/exec/shell.ts';

const lookup = (existing: readonly string[], more: Partial<ShellLookup> = {}): ShellLookup => ({
  platform: 'linux',
  path: '/usr/bin:/opt/bin',
  passwdShell: null,
  exists: (path) => existing.includes(path),
  ...more,
});

test('the shell on record is taken when it is of a known kind and exists', () => {
  const existing = ['/opt/fish', '/x/zsh', '/usr/bin/bash'];
  assert.deepEqual(userShell(lookup(existing, { passwdShell: '/x/zsh' })), { kind: 'zsh', path: '/x/zsh' });
  assert.deepEqual(userShell(lookup(existing, { passwdShell: '/opt/fish' })), { kind: 'bash', path: '/usr/bin/bash' });
  assert.deepEqual(userShell(lookup(existing)), { kind: 'bash', path: '/usr/bin/bash' });
});

test('a shell on record that is gone is looked for on PATH', () => {
  assert.deepEqual(userShell(lookup(['/opt/bin/zsh', '/usr/bin/bash'], { passwdShell: '/gone/zsh' })), {
    kind: 'zsh',
    path: '/opt/bin/zsh',
  });
});

test('each platform has its order, and a last resort', () => {
  const both = ['/usr/bin/bash', '/usr/bin/zsh'];
  assert.equal(userShell(lookup(both)).kind, 'bash');
  assert.equal(userShell(lookup(both, { platform: 'darwin' })).kind, 'zsh');
  assert.deepEqual(userShell(lookup(['/bin/zsh'])), { kind: 'zsh', path: '/bin/zsh' });
  assert.deepEqual(userShell(lookup([])), { kind: 'sh', path: '/bin/sh' });
  assert.deepEqual(userShell(lookup([], { platform: 'win32' })), { kind: 'cmd', path: 'cmd.exe' });
});

test('relative entries of PATH are not searched', () => {
  assert.deepEqual(userShell(lookup(['bin/bash', './bash'], { path: 'bin:.:' })), { kind: 'sh', path: '/bin/sh' });
});

test('a shell that others have a say in is not taken', () => {
  const shells = lookup(['/work/bin/bash', '/work/bin/zsh', '/bin/bash'], {
    path: '/work/bin:/bin',
    isApart: (path) => !path.startsWith('/work'),
  });
  assert.deepEqual(userShell(shells), { kind: 'bash', path: '/bin/bash' });
});

test('each kind of shell has its own arguments', () => {
  const argv = (kind: 'bash' | 'powershell' | 'cmd', login: boolean) => shellArgv({ kind, path: 'p' }, 's', { login });
  assert.deepEqual(argv('bash', true), ['p', '-lc', 's']);
  assert.deepEqual(argv('bash', false), ['p', '-c', 's']);
  assert.deepEqual(argv('powershell', true), ['p', '-Command', 's']);
  assert.deepEqual(argv('powershell', false), ['p', '-NoProfile', '-Command', 's']);
  assert.deepEqual(argv('cmd', false), ['p', '/c', 's']);
});

test('this machine has a shell', () => {
  assert.match(userShell(systemLookup({ PATH: '/usr/bin:/bin' }, '/')).path, /^\//);
});
