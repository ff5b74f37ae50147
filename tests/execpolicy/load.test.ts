import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { test } from 'node:test';
import { loadExecPolicy } from '../../src/execpolicy/load.ts';
import { resolvedWithin } from '../support/processor-time.ts';
import { Home } from './home.ts';

const allow = (word: string): string => `prefix_rule(pattern=["${word}"])\n`;

async function prefixes(folders: readonly string[]): Promise<string[]> {
  const { policy, problems } = await loadExecPolicy(folders.map((folder) => ({ folder, mayAllow: true })));
  assert.deepEqual(problems, []);
  return policy.allowedPrefixes().map((words) => words.join(' '));
}

test('missing folders give no rules', async () => {
  await using home = await Home.make();
  assert.deepEqual(await prefixes([home.root, home.path('nowhere')]), []);
});

test('all rules add up, by layer and by file name', async () => {
  await using home = await Home.make();
  await home.write('low/rules/b.rules', allow('b'));
  await home.write('low/rules/a.rules', allow('a') + allow('a2'));
  await home.write('high/rules/0.rules', allow('c'));
  assert.deepEqual(await prefixes([home.path('low'), home.path('high')]), ['a', 'a2', 'b', 'c']);
});

test('a folder named twice is read once', async () => {
  await using home = await Home.make();
  await home.write('rules/a.rules', allow('a'));
  assert.deepEqual(await prefixes([home.root, home.root]), ['a']);
});

test('only regular files that end in .rules are read', async () => {
  await using home = await Home.make();
  const bad = await home.write('bad', '$');
  for (const name of ['.rules', 'a.RULES', 'a.rules.bak', 'arules', 'default.rules.lock']) {
    await home.write(`rules/${name}`, '$');
  }
  await mkdir(home.path('rules/folder.rules'));
  await symlink(bad, home.path('rules/link.rules'));
  await symlink(home.path('none'), home.path('rules/dangling.rules'));
  assert.deepEqual(await prefixes([home.root]), []);
});

test('a linked rules folder is followed', async () => {
  await using home = await Home.make();
  await home.write('elsewhere/a.rules', allow('a'));
  await symlink(home.path('elsewhere'), home.path('rules'));
  assert.deepEqual(await prefixes([home.root]), ['a']);
});

test('a bad file gives no rules and is named; the others stay in force', async () => {
  await using home = await Home.make();
  await home.write('rules/a.rules', allow('a'));
  const path = await home.write('rules/b.rules', `${allow('b')}prefix_rule(pattern=["c"], decision="deny")\n`);
  await home.write('rules/c.rules', allow('d'));
  const { policy, problems } = await loadExecPolicy([{ folder: home.root, mayAllow: true }]);
  assert.deepEqual(policy.allowedPrefixes(), [['a'], ['d']]);
  assert.deepEqual(problems, [
    {
      summary: 'Error parsing rules; custom rules not applied.',
      details: `failed to parse rules file ${path}: 2:1: invalid decision: deny`,
      path,
      range: { start: { line: 2, column: 1 }, end: { line: 2, column: 44 } },
    },
  ]);
});

test('a rules folder or file that cannot be read is an error of its own kind', async () => {
  await using home = await Home.make();
  const file = await home.write('one/rules', 'x');
  await assert.rejects(loadExecPolicy([{ folder: home.path('one'), mayAllow: true }]), {
    code: 'rules-unreadable',
    message: `failed to load rules: failed to read rules files from ${file}: Not a directory (os error 20)`,
  });
  const binary = await home.write('two/rules/a.rules', Uint8Array.of(0x78, 0xff, 0xfe));
  await assert.rejects(loadExecPolicy([{ folder: home.path('two'), mayAllow: true }]), {
    code: 'rules-unreadable',
    message: `failed to load rules: failed to read rules file ${binary}: stream did not contain valid UTF-8`,
  });
});

test('a rules file that is too large gives no rules and a problem, and one that is no regular file is passed over', async () => {
  await using home = await Home.make();
  await home.write('rules/a.rules', allow('a'));
  const large = await home.write('rules/b.rules', '#'.repeat(4_000_001));
  execFileSync('mkfifo', [home.path('rules/c.rules')]);
  const { policy, problems } = await loadExecPolicy([{ folder: home.root, mayAllow: true }]);
  assert.deepEqual(policy.allowedPrefixes(), [['a']]);
  assert.deepEqual(
    problems.map(({ path, details }) => [path, details]),
    [[large, `failed to load rules file ${large}: it is larger than 4000000 bytes`]],
  );
});

test('a rules file that searches long texts for long texts is stopped', async () => {
  await using home = await Home.make();
  const search = `def work():
    text = "a" * 20000
    wanted = "a" * 9999 + "b" + "a" * 10000
    for _ in range(1000):
        wanted in text
        text.find(wanted)
        text.replace(wanted, "")
work()
`;
  const path = await home.write('rules/a.rules', search);
  const load = () => loadExecPolicy([{ folder: home.root, mayAllow: true }]);
  const { problems } = await resolvedWithin(5_000, 'searching', load);
  assert.deepEqual(
    problems.map((problem) => problem.path),
    [path],
  );
});
