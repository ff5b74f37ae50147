import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { programPlaces } from '../../src/engine/command-programs.ts';

const folder = mkdtempSync(join(process.env.SHARDEX_TEST_BOXES ?? '/var/tmp', 'shardex-places-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const root = join(folder, 'root');
for (const name of ['root/bin', 'apart/bin']) {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'tool'), '');
  chmodSync(join(folder, name, 'tool'), 0o755);
}
symlinkSync(join(root, 'bin'), join(folder, 'link'));
mkdirSync(join(folder, 'links'));
symlinkSync(join(root, 'bin', 'tool'), join(folder, 'links', 'tool'));

const reach = (path: string | undefined, roots = [root]): boolean =>
  programPlaces({ path, home: '/nowhere', roots }).isOutOfReach('tool');

test('a name is out of reach when PATH leads to no folder that commands may write to', () => {
  assert.equal(reach(join(folder, 'apart/bin')), true);
  assert.equal(reach(`/usr/bin:${join(folder, 'apart/bin')}`), true);
  assert.equal(reach('/usr/bin'), true, 'a name that is nowhere is the shell’s own');
  for (const path of [
    join(root, 'bin'),
    join(folder, 'link'),
    join(folder, 'links'),
    `${folder}/apart/../root/bin`,
    `.:${join(folder, 'apart/bin')}`,
    `:${join(folder, 'apart/bin')}`,
    `bin:${join(folder, 'apart/bin')}`,
    undefined,
  ]) {
    assert.equal(reach(path), false, path);
  }
});

test('where everything is writable a program counts only if this user may not replace it', () => {
  const isRoot = process.getuid?.() === 0;
  assert.equal(reach(join(folder, 'apart/bin'), ['/']), false);
  assert.equal(programPlaces({ path: '/usr/bin:/bin', home: '/nowhere', roots: ['/'] }).isOutOfReach('env'), !isRoot);
});

test('a home is out of reach when no root holds it', () => {
  const home = (path: string | undefined, roots = [root]): boolean =>
    programPlaces({ path: '/usr/bin', home: path, roots }).isHomeOutOfReach;
  assert.equal(home(join(folder, 'apart')), true);
  for (const path of [root, join(root, 'sub'), join(folder, 'link'), undefined]) assert.equal(home(path), false, path);
  assert.equal(home(join(folder, 'apart'), ['/']), false);
});

test('a program of the system is one that PATH finds there first', () => {
  const isSystem = (name: string, path: string): boolean =>
    programPlaces({ path, home: undefined, roots: [] }).isSystem(name);
  assert.equal(isSystem('env', '/usr/bin:/bin'), true);
  assert.equal(isSystem('/usr/bin/env', ''), true);
  assert.equal(isSystem('env', `.:/usr/bin`), false);
  assert.equal(isSystem('tool', join(folder, 'apart/bin')), false);
  assert.equal(isSystem('./env', '/usr/bin'), false);
  assert.equal(isSystem('no-such-tool', '/usr/bin'), false);
});
