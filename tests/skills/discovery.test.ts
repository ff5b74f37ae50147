import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { BUNDLED_SKILLS } from '../../src/skills/bundled.ts';
import { discoverSkills } from '../../src/skills/discovery.ts';
import { readFrontmatter } from '../../src/skills/frontmatter.ts';
import { installSystemSkills } from '../../src/skills/install.ts';
import { readExtras } from '../../src/skills/openai-yaml.ts';
import { SkillStore } from '../../src/skills/store.ts';
import { type Sandbox, sandbox } from '../config/sandbox.ts';

const skill = (head: string): string => `---\n${head}\n---\nbody\n`;
const simple = (name: string): string => skill(`name: ${name}\ndescription: about ${name}`);

/** Texts as observed on codex app-server 0.94.0; a detail of the YAML reader's own is left open. */
const HEADS: readonly (readonly [string, RegExp | { name: string; description: string; shortDescription?: string }])[] =
  [
    ['x', /^missing YAML frontmatter delimited by ---$/],
    ['---\n---\nbody', /^missing YAML frontmatter delimited by ---$/],
    ['---\nname: x\n', /^missing YAML frontmatter delimited by ---$/],
    [`\n${simple('x')}`, /^missing YAML frontmatter delimited by ---$/],
    ['---\n\n---\n', /^invalid YAML: missing field `name`$/],
    [skill('name: a: b\ndescription: d'), /^invalid YAML: ./],
    [skill('name: [a\ndescription: d'), /^invalid YAML: ./],
    [skill('name: a\nname: b\ndescription: d'), /^invalid YAML: ./],
    [skill('- a'), /^invalid YAML: ./],
    [skill('text'), /^invalid YAML: ./],
    [skill('name: [x]\ndescription: d'), /^invalid YAML: name: ./],
    [skill('name: x\ndescription: d\nmetadata: foo'), /^invalid YAML: metadata: ./],
    [skill('description: d'), /^invalid YAML: missing field `name`$/],
    [skill('name: d'), /^invalid YAML: missing field `description`$/],
    [skill('name:\ndescription: d'), /^missing field `name`$/],
    [skill('name: x\ndescription: "  "'), /^missing field `description`$/],
    [skill(`name: ${'x'.repeat(65)}\ndescription: d`), /^invalid name: exceeds maximum length of 64 characters$/],
    [
      skill(`name: x\ndescription: ${'x'.repeat(1025)}`),
      /^invalid description: exceeds maximum length of 1024 characters$/,
    ],
    [
      skill(`name: x\ndescription: d\nmetadata:\n  short-description: ${'x'.repeat(1025)}`),
      /^invalid metadata.short-description: exceeds maximum length of 1024 characters$/,
    ],
    [skill('name: 1.50\ndescription: 0x10\nother: [1]'), { name: '1.50', description: '0x10' }],
    [skill('name: "a  \\n b"\ndescription: |\n  line1\n  line2'), { name: 'a b', description: 'line1 line2' }],
    [simple('x').replaceAll('\n', '\r\n'), { name: 'x', description: 'about x' }],
    [skill(`name: ${'😀'.repeat(64)}\ndescription: d`), { name: '😀'.repeat(64), description: 'd' }],
    [
      skill('name: x\ndescription: d\nmetadata:\n  short-description: "  a   b "'),
      { name: 'x', description: 'd', shortDescription: 'a b' },
    ],
    [skill('name: x\ndescription: d\nmetadata:\n  short-description: "  "'), { name: 'x', description: 'd' }],
  ];

for (const [text, expected] of HEADS) {
  test(`the head of a SKILL.md is read or refused: ${JSON.stringify(text).slice(0, 90)}`, () => {
    const read = readFrontmatter(text);
    if (expected instanceof RegExp) assert.match(read.ok ? 'accepted' : read.message, expected);
    else assert.deepEqual(read, { ok: true, value: { shortDescription: null, ...expected } });
  });
}

test('any text is a head or a message', () => {
  const part = fc.constantFrom(
    '---',
    '\n',
    'name',
    ': ',
    '- ',
    '[',
    '{',
    '&a',
    '*a',
    '|',
    '"',
    ' ',
    'description',
    '!!x',
    '%',
    '\t',
  );
  fc.assert(
    fc.property(
      fc.array(part).map((parts) => `---\n${parts.join('')}\n---\n`),
      (text) => {
        readFrontmatter(text);
        readExtras(text, '/skill');
      },
    ),
    { numRuns: 1000 },
  );
});

test('of agents/openai.yaml what is valid is shown, with all keys', () => {
  const shown = readExtras(
    'interface:\n  display_name: " D  N "\n  icon_small: ./assets/x.png\n  icon_large: ../x.png\n  brand_color: "#12abEF"\n  default_prompt: '.concat(
      'x'.repeat(1025),
      '\ndependencies:\n  tools:\n    - {type: mcp, value: v, foo: 1}\n    - {type: mcp}\n    - {type: t, value: w, url: uu, command: " "}\n',
    ),
    '/s',
  );
  assert.deepEqual(shown, {
    interface: {
      displayName: 'D N',
      shortDescription: null,
      iconSmall: '/s/assets/x.png',
      iconLarge: null,
      brandColor: '#12abEF',
      defaultPrompt: null,
    },
    dependencies: {
      tools: [
        { type: 'mcp', value: 'v' },
        { type: 't', value: 'w', url: 'uu' },
      ],
    },
  });
});

for (const text of [
  'interface:\n  brand_color: red\ndependencies:\n  tools: []\n',
  'interface: [\n',
  '{"interface":{"icon_small":"assets/x","display_name":["x"]}}',
  '',
]) {
  test(`without anything valid there is no interface and no dependency: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(readExtras(text, '/s'), { interface: null, dependencies: null });
  });
}

const configOf = (box: Sandbox, more: object = {}) => ({
  codexHome: box.home,
  cwd: box.workspace,
  projectRoot: box.workspace,
  projectFolders: [box.workspace],
  disabledSkills: [],
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
