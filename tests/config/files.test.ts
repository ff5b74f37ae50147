/** Files of the configuration that are no files, too large, hostile, or of a later version. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { editToml } from '../../src/config/edit/edit.ts';
import { parseOverrideValue } from '../../src/config/overrides.ts';
import { writeSkillSetting } from '../../src/config/skill-settings.ts';
import { loadAtStart } from '../../src/config/startup.ts';
import { readToml } from '../../src/config/toml.ts';
import { locateValue } from '../../src/config/toml-positions.ts';
import { within } from '../support/processor-time.ts';
import { type Sandbox, sandbox } from './sandbox.ts';

/** What stands in the place of a file, and what is said of it. */
const IMPOSTERS: Readonly<Record<string, (path: string) => void>> = {
  'is a named pipe, not a regular file': (path) => void execFileSync('mkfifo', [path]),
  'is a device, not a regular file': (path) => void execFileSync('ln', ['-s', '/dev/zero', path]),
  'is a folder, not a regular file': (path) => void execFileSync('mkdir', [path]),
  'is larger than \\d+ bytes': (path) => void execFileSync('truncate', ['-s', '1T', path]),
};

/** Every file that a start of a thread reads, and what has to be configured for it. */
const FILES: Readonly<Record<string, { readonly path: (box: Sandbox) => string; readonly config?: string }>> = {
  'config.toml': { path: (box) => join(box.home, 'config.toml') },
  'the system’s config.toml': { path: (box) => join(box.system, 'config.toml') },
  'managed_config.toml': { path: (box) => join(box.system, 'managed_config.toml') },
  'requirements.toml': { path: (box) => join(box.system, 'requirements.toml') },
  'a project’s config.toml': { path: (box) => join(box.workspace, '.codex', 'config.toml') },
  model_instructions_file: {
    path: (box) => join(box.home, 'instructions.md'),
    config: 'model_instructions_file = "instructions.md"',
  },
  experimental_compact_prompt_file: {
    path: (box) => join(box.home, 'prompt.md'),
    config: 'experimental_compact_prompt_file = "prompt.md"',
  },
};

describe('what is no regular file, or too large, is refused at once, with its path and the reason', () => {
  for (const [name, { path: pathIn, config }] of Object.entries(FILES)) {
    test(name, async () => {
      for (const [reason, make] of Object.entries(IMPOSTERS)) {
        await using box = await sandbox();
        if (config !== undefined) await box.write('codex-home/config.toml', config);
        const path = pathIn(box);
        await mkdir(dirname(path), { recursive: true });
        make(path);
        await assert.rejects(box.load(), ({ message }: Error) => {
          assert.ok(message.includes(path), message);
          assert.match(message, new RegExp(reason));
          return true;
        });
      }
    });
  }
});

test('a .git that is a named pipe blocks nothing', async () => {
  await using box = await sandbox();
  await box.write('codex-home/config.toml', '[projects."/elsewhere"]\ntrust_level = "trusted"\n');
  execFileSync('mkfifo', [join(box.workspace, '.git')]);
  await box.load();
});

test('a setting of skills is not written into what is no regular file', async () => {
  for (const [reason, make] of Object.entries(IMPOSTERS)) {
    await using box = await sandbox();
    const configFile = join(box.home, 'config.toml');
    make(configFile);
    const places = { configFile, processCwd: box.workspace, homeFolder: box.home };
    const written = writeSkillSetting({ path: '/skills/a/SKILL.md', enabled: false }, places);
    await assert.rejects(written, new RegExp(`failed to update skill settings: .*${reason}`));
  }
});

const NEWER = `model_reasoning_effort = "max"
personality = "none"
[tools]
web_search = { context_size = "high" }
[[skills.config]]
name = "one"
enabled = false
[[skills.config]]
path = "/skills/two/SKILL.md"
enabled = false
[profiles.deep]
model_reasoning_effort = "ultra"
`;

test('newer-values: what later versions of codex write is ignored, each with its place; the rest counts', async () => {
  await using box = await sandbox();
  await box.write('codex-home/config.toml', `model = "m"\n${NEWER}`);
  const config = await box.load();
  assert.deepEqual([config.model, config.reasoningEffort, config.personality], ['m', null, 'friendly']);
  assert.deepEqual(config.disabledSkills, ['/skills/two/SKILL.md']);
  assert.equal((await box.load({ typed: { profile: 'deep' } })).reasoningEffort, null);
  const { warnings } = await loadAtStart(box.request(), box.environment);
  assert.deepEqual(
    warnings.map(({ summary, range }) => [/: (.*) is of/.exec(summary)?.[1], range?.start.line]),
    [
      ['model_reasoning_effort = "max"', 2],
      ['personality = "none"', 3],
      ['model_reasoning_effort = "ultra"', 13],
      ['the table tools.web_search', 5],
      ['an entry of skills.config without a path', 6],
    ],
  );
});

test('newer-values: an unknown value is refused as before', async () => {
  for (const text of ['model_reasoning_effort = "no"', 'personality = "x"', 'skills.config = [{ enabled = true }]']) {
    await using box = await sandbox();
    await box.write('codex-home/config.toml', text);
    await assert.rejects(box.load());
  }
});

/** 100 KB of what costs most, all of it accepted by the parser. */
const SIZE = 100_000;
const WORST: Readonly<Record<string, string>> = {
  'blanks in a comment': `#${' '.repeat(SIZE)}x\na = 1\n`,
  'blanks behind a value': `a = 1${' '.repeat(SIZE)}#\nb = 2\n`,
  'empty lines': `${'\n'.repeat(SIZE)}a = 1\n`,
  'a long text': `a = """${'x'.repeat(SIZE)}"""\n`,
  'escapes in a long text': `a = """${'\\\\'.repeat(SIZE / 2)}"""\n`,
  'pairs of quotes in a long text': `a = """${'""x'.repeat(SIZE / 3)}"""\n`,
  apostrophes: `a = '''${"''x".repeat(SIZE / 3)}'''\n`,
  'a long list': `a = [${'1,'.repeat(SIZE / 2)}]\n`,
  'many keys': Array.from({ length: SIZE / 10 }, (_, index) => `k${index} = 1\n`).join(''),
  'many sections': Array.from({ length: SIZE / 20 }, (_, index) => `[s${index}]\nx = 1\n`).join(''),
  'many items': '[[a]]\nx = 1\n'.repeat(SIZE / 12),
};

/** Squared, it is minutes. */
const LIMIT_MS = 10_000;

describe('the worst of texts are read, searched and edited in linear time', () => {
  for (const [name, text] of Object.entries(WORST)) {
    test(name, () => {
      within(LIMIT_MS, name, () => {
        assert.ok(readToml(text).ok);
        locateValue(text, ['a', 5]);
        const edited = editToml(text, [
          { kind: 'set', path: ['zz'], value: true },
          { kind: 'remove', path: ['zz'] },
        ]);
        assert.ok(readToml(edited).ok);
      });
    });
  }

  test('quotes of an override', () => {
    const text = `${"'".repeat(SIZE)}x${"'".repeat(SIZE)}y`;
    within(LIMIT_MS, 'quotes', () => parseOverrideValue(text));
  });

  test('nesting that has no end is a fault, not the end of the stack', async () => {
    for (const text of [`a = ${'['.repeat(SIZE)}`, `a = ${'{a='.repeat(SIZE)}`, `[${'a.'.repeat(SIZE / 2)}a]`]) {
      assert.equal(readToml(text).ok, false);
      await using box = await sandbox();
      await writeFile(join(box.home, 'config.toml'), text);
      await assert.rejects(box.load(), /config\.toml/);
    }
  });
});
