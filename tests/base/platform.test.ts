/** What differs between systems: the platform is given. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { definedVariables } from '../../src/base/environment.ts';
import { standInFor } from '../../src/base/lock-folder.ts';
import { FEATURES } from '../../src/base/platform.ts';
import { isPath } from '../../src/base/program-places.ts';
import { systemLookup, userShell } from '../../src/exec/shell.ts';
import { readProjectFile } from '../support/project.ts';

const NAMES: ReadonlyMap<string, string> = new Map([
  ['linux', 'Linux'],
  ['darwin', 'macOS'],
]);

test('SECURITY.md says what other systems lack, in the words of the code', () => {
  const rows = Object.values(FEATURES).map(
    ({ on, elsewhere }) => `| ${on.map((name) => NAMES.get(name)).join(', ')} | ${elsewhere} |`,
  );
  const document = readProjectFile('SECURITY.md').split('\n');
  assert.deepEqual(
    rows.filter((row) => !document.includes(row)),
    [],
  );
});

test('PATH has one name, however Windows spells it', () => {
  const env = { Path: 'C:\\Windows', SystemRoot: 'C:\\Windows', none: undefined };
  assert.deepEqual(definedVariables(env, 'win32'), { PATH: 'C:\\Windows', SystemRoot: 'C:\\Windows' });
  assert.deepEqual(definedVariables(env, 'linux'), { Path: 'C:\\Windows', SystemRoot: 'C:\\Windows' });
});

test('a program is named by a path as its system writes one', () => {
  assert.deepEqual(
    ['git', './git', 'C:\\git.exe', '.\\git'].map((name) => [isPath(name, 'win32'), isPath(name, 'linux')]),
    [
      [false, false],
      [true, true],
      [true, false],
      [true, false],
    ],
  );
});

test('the plain shell of Windows is the one below its own folder', () => {
  const lookup = { ...systemLookup({ SystemRoot: '/Windows' }, '/'), platform: 'win32' as const, passwdShell: null };
  assert.deepEqual(userShell(lookup), { kind: 'cmd', path: '/Windows/System32/cmd.exe' });
});

test('a place for locks is found on Windows, which has no modes of folders', async () => {
  const before = process.env.TMPDIR;
  const folder = mkdtempSync(join(tmpdir(), 'shardex-platform-'));
  try {
    process.env.TMPDIR = folder;
    const locks = join(folder, `shardex-locks-${userInfo().uid}`);
    mkdirSync(locks);
    chmodSync(locks, 0o777); // what every folder of Windows looks like
    assert.ok((await standInFor(join(folder, 'auth.json.lock'), 'win32'))?.startsWith(locks));
    assert.equal(await standInFor(join(folder, 'auth.json.lock'), 'darwin'), null);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true });
  }
});
