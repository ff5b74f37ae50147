import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUNDLED_SKILLS } from '../../src/skills/bundled.ts';
import { discoverSkills } from '../../src/skills/discovery.ts';
import { installSystemSkills } from '../../src/skills/install.ts';
import { SkillStore } from '../../src/skills/store.ts';
import { type Sandbox, sandbox } from '../config/sandbox.ts';

const skill = (head: string): string => `---\n${head}\n---\nbody\n`;
const simple = (name: string): string => skill(`name: ${name}\ndescription: about ${name}`);

const configOf = (box: Sandbox, more: object = {}) => ({
  codexHome: box.home,
  cwd: box.workspace,
  projectRoot: box.workspace,
  projectFolders: [box.workspace],
  disabledSkills: [],
  isProjectTrusted: true,
  stateFolders: [],
  ...more,
});

test('skills come from the repository, the user, the system and the administrator, in this order, then by name and path', async () => {
  await using box = await sandbox({
    'etc/skills/e/SKILL.md': simple('admin'),
    'codex-home/skills/.system/s/SKILL.md': simple('system'),
    'codex-home/skills/b/SKILL.md': simple('user-b'),
    'codex-home/skills/z/SKILL.md': simple('user-a'),
    'codex-home/skills/a/SKILL.md': simple('user-a'),
    'workspace/.codex/skills/SKILL.md': simple('repo'),
    'workspace/.agents/skills/q/SKILL.md': simple('agents'),
  });
  const { skills } = await discoverSkills(configOf(box), box.system);
  assert.deepEqual(
    skills.map(({ scope, name, path }) => `${scope} ${name} ${path.slice(box.root.length)}`),
    [
      'repo agents /workspace/.agents/skills/q/SKILL.md',
      'repo repo /workspace/.codex/skills/SKILL.md',
      'user user-a /codex-home/skills/a/SKILL.md',
      'user user-a /codex-home/skills/z/SKILL.md',
      'user user-b /codex-home/skills/b/SKILL.md',
      'system system /codex-home/skills/.system/s/SKILL.md',
      'admin admin /etc/skills/e/SKILL.md',
    ],
  );
});

test('folders are searched to depth six, hidden ones and linked files are not', async () => {
  await using box = await sandbox({
    'codex-home/skills/1/2/3/4/5/6/SKILL.md': simple('six'),
    'codex-home/skills/1/2/3/4/5/6/7/SKILL.md': simple('seven'),
    'codex-home/skills/.hidden/SKILL.md': simple('hidden'),
    'codex-home/skills/lower/skill.md': simple('lower'),
    'elsewhere/linked/SKILL.md': simple('linked'),
  });
  await symlink(join(box.root, 'elsewhere/linked'), join(box.home, 'skills/by-link'));
  await symlink(join(box.home, 'skills'), join(box.home, 'skills/loop'));
  await mkdir(join(box.home, 'skills/file-link'));
  await symlink(join(box.root, 'elsewhere/linked/SKILL.md'), join(box.home, 'skills/file-link/SKILL.md'));
  const { skills } = await discoverSkills(configOf(box), null);
  assert.deepEqual(
    skills.map(({ name }) => name),
    ['linked', 'six'],
  );
  assert.equal(skills[0]?.path, join(box.root, 'elsewhere/linked/SKILL.md'));
});

test('a file reached twice is listed once, by its first root', async () => {
  await using box = await sandbox({ 'workspace/.codex/skills/a/SKILL.md': simple('a') });
  await mkdir(join(box.home, 'skills'));
  await symlink(join(box.workspace, '.codex/skills/a'), join(box.home, 'skills/a'));
  const { skills } = await discoverSkills(configOf(box), null);
  assert.deepEqual(
    skills.map(({ scope }) => scope),
    ['repo'],
  );
});

test('faults are told with their file, but not those of system skills', async () => {
  await using box = await sandbox({
    'codex-home/skills/bad/SKILL.md': 'x',
    'codex-home/skills/.system/bad/SKILL.md': 'x',
    'codex-home/skills/a-latin/SKILL.md': '',
  });
  await writeFile(join(box.home, 'skills/a-latin/SKILL.md'), Buffer.from([0x2d, 0xe9]));
  const { errors, skills } = await discoverSkills(configOf(box), null);
  assert.deepEqual(skills, []);
  assert.deepEqual(errors, [
    {
      path: join(box.home, 'skills/a-latin/SKILL.md'),
      message: 'failed to read file: stream did not contain valid UTF-8',
    },
    { path: join(box.home, 'skills/bad/SKILL.md'), message: 'missing YAML frontmatter delimited by ---' },
  ]);
});

test('a skill that was switched off is listed as such', async () => {
  await using box = await sandbox({ 'codex-home/skills/a/SKILL.md': simple('a') });
  const config = configOf(box, { disabledSkills: [join(box.home, 'skills/a/SKILL.md')] });
  assert.deepEqual(
    (await discoverSkills(config, null)).skills.map(({ enabled }) => enabled),
    [false],
  );
});

test('the bundled skills are installed whole, once, and replaced when they differ', async () => {
  await using box = await sandbox({ 'codex-home/skills/.system/old/SKILL.md': simple('old') });
  await installSystemSkills(box.home, BUNDLED_SKILLS);
  const config = configOf(box);
  const names = async () => (await discoverSkills(config, null)).skills.map(({ name }) => name);
  assert.deepEqual(await names(), ['skill-creator', 'skill-installer']);
  const file = join(box.home, 'skills/.system/skill-creator/SKILL.md');
  await writeFile(file, simple('changed'));
  await installSystemSkills(box.home, BUNDLED_SKILLS);
  assert.equal(await readFile(file, 'utf8'), simple('changed'));
  await installSystemSkills(box.home, { 'new/SKILL.md': simple('new') });
  assert.deepEqual(await names(), ['new']);
  assert.deepEqual(await readdir(join(box.home, 'skills')), ['.system']);
});

test('several servers installing at once leave one whole copy', async () => {
  await using box = await sandbox();
  await Promise.allSettled(Array.from({ length: 5 }, () => installSystemSkills(box.home, BUNDLED_SKILLS)));
  await installSystemSkills(box.home, BUNDLED_SKILLS);
  assert.equal((await discoverSkills(configOf(box), null)).skills.length, 2);
});

test('an installation that cannot be made is reported and leaves no draft', {
  skip: process.getuid?.() === 0,
}, async () => {
  await using box = await sandbox({ 'codex-home/skills/x': '' });
  await chmod(join(box.home, 'skills'), 0o500);
  await assert.rejects(installSystemSkills(box.home, BUNDLED_SKILLS));
  await chmod(join(box.home, 'skills'), 0o700);
  assert.deepEqual(await readdir(join(box.home, 'skills')), ['x']);
});

function storeFor(box: Sandbox) {
  return new SkillStore({
    processCwd: box.workspace,
    systemFolder: null,
    configFor: (cwd) => box.load({ cwd }),
    systemSkills: Promise.resolve(),
  });
}

test('the list answers per cwd as it was given, and remembers until told to reload', async () => {
  await using box = await sandbox({ 'codex-home/skills/a/SKILL.md': simple('a'), 'workspace/sub/x': '' });
  const store = storeFor(box);
  const counts = async (reload: boolean) =>
    (await store.list(['sub', '/nowhere'], { reload })).map(({ cwd, skills }) => [cwd, skills.length]);
  assert.deepEqual(await counts(false), [
    ['sub', 1],
    ['/nowhere', 1],
  ]);
  await box.write('codex-home/skills/b/SKILL.md', simple('b'));
  assert.deepEqual(await counts(false), [
    ['sub', 1],
    ['/nowhere', 1],
  ]);
  assert.deepEqual(await counts(true), [
    ['sub', 2],
    ['/nowhere', 2],
  ]);
  assert.deepEqual(
    (await store.list([], { reload: false })).map(({ cwd }) => cwd),
    [box.workspace],
  );
});

test('a thread fills the cache of its cwd and gets only enabled skills; clear forgets', async () => {
  await using box = await sandbox({
    'codex-home/skills/a/SKILL.md': simple('a'),
    'codex-home/skills/b/SKILL.md': simple('b'),
  });
  const store = storeFor(box);
  const off = configOf(box, { disabledSkills: [join(box.home, 'skills/a/SKILL.md')] });
  assert.deepEqual(
    (await store.forThread(off)).map(({ name }) => name),
    ['b'],
  );
  const [entry] = await store.list([box.workspace], { reload: false });
  assert.deepEqual(
    entry?.skills.map(({ enabled }) => enabled),
    [false, true],
  );
  store.clear();
  const [fresh] = await store.list([box.workspace], { reload: false });
  assert.deepEqual(
    fresh?.skills.map(({ enabled }) => enabled),
    [true, true],
  );
});

test('a broken configuration gives one error that names the cwd, and is asked again', async () => {
  await using box = await sandbox({ 'codex-home/skills/a/SKILL.md': simple('a'), 'codex-home/config.toml': 'model=3' });
  const store = storeFor(box);
  const [entry] = await store.list(['/some'], { reload: false });
  assert.deepEqual([entry?.skills, entry?.errors.length, entry?.errors[0]?.path], [[], 1, '/some']);
  await box.write('codex-home/config.toml', '');
  const [again] = await store.list(['/some'], { reload: false });
  assert.equal(again?.skills.length, 1);
});
