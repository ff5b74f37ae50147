import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SandboxPlan } from '../../src/exec/sandbox.ts';
import { mountProblem, withMounts } from '../support/mounts.ts';
import { until } from '../support/patience.ts';
import { exited, runScript, scratch } from './support/commands.ts';
import { isRoot, NOBODY, planFor, put } from './support/protected.ts';

const CONFINED = fileURLToPath(new URL('confined.main.js', import.meta.url));
const WRITE = 'echo sandbox_mode=danger > .codex/config.toml';

/** The plan, and what happens between the look at the names and the start of the sandbox. */
const meanwhile = (plan: SandboxPlan, act: () => void): SandboxPlan => ({
  ...plan,
  holdNames: () => {
    const hold = plan.holdNames();
    act();
    return hold;
  },
});

test('protected-names: a command starts although what was protected has gone in the meantime', async () => {
  for (const entry of ['.codex/config.toml = x', '.git/HEAD = ref', '.codex = file']) {
    using folder = scratch();
    put(folder.path, entry);
    const [name = ''] = entry.split(/[/ ]/);
    const sandbox = meanwhile(planFor(folder.path), () => rmSync(join(folder.path, name), { recursive: true }));
    const result = exited(await runScript('echo fine', { cwd: folder.path, sandbox }));
    assert.deepEqual([result.stdout, result.stderr], ['fine\n', ''], entry);
  }
});

test('protected-names: a name is held however quickly placeholders of others come and go', async () => {
  using folder = scratch();
  const codex = join(folder.path, '.codex');
  const source = `const fs = require('fs'); for (;;) {
    try { fs.mkdirSync(process.argv[1], 0o1755); } catch {}
    try { fs.rmdirSync(process.argv[1]); } catch {}
  }`;
  const other = spawn(process.execPath, ['-e', source, codex], { cwd: '/', stdio: 'ignore' });
  const over = new Promise((resolve) => other.once('exit', resolve));
  try {
    await until(() => existsSync(codex), 'a placeholder of the other process');
    const plan = planFor(folder.path);
    for (let round = 0; round < 3000; round += 1) {
      const hold = plan.holdNames();
      const { args } = hold;
      hold.release();
      assert.equal(args[args.indexOf(codex) - 1], '--tmpfs', `round ${round}`);
    }
  } finally {
    other.kill('SIGKILL');
    await over;
  }
});

test('protected-names: without room for a placeholder commands run, and the name is watched instead', async (t) => {
  const problem = mountProblem();
  if (problem !== false) return t.skip(problem);
  using folder = scratch();
  const script = `mount -t tmpfs -o nr_inodes=4 none "$1" && touch "$1/a" "$1/b" "$1/c"
    "$2" "$3" "$1" 'echo fine'
    "$2" "$3" "$1" "rm a b; ${WRITE}; mkdir .codex; ${WRITE}; sleep 20" >/dev/null
    test -e "$1/.codex" && echo raised
    ls -A "$1" | grep -c rejected`;
  const [program = '', ...args] = withMounts([]);
  const words = [...args, 'sh', '-c', script, 'sh', folder.path, process.execPath, CONFINED];
  const { stdout } = spawnSync(program, words, { cwd: '/', encoding: 'utf8' });
  assert.match(stdout, /"stdout":"fine\\n"/);
  assert.doesNotMatch(stdout, /raised/);
  assert.match(stdout, /\}1\n$/);
});

test('protected-names: a placeholder of another user protects as long as it stands, and is watched for afterwards', async (t) => {
  if (!isRoot) return t.skip('only root can act for another user');
  using folder = scratch();
  chmodSync(folder.path, 0o1777);
  const codex = join(folder.path, '.codex');
  mkdirSync(codex);
  chmodSync(codex, 0o1755);
  const attack = `echo > begun; mkdir -p .codex/x; ${WRITE}; until test -e gate; do sleep 0.01; done; mkdir -p .codex; ${WRITE}; sleep 20`;
  const [program = '', ...args] = [...NOBODY, process.execPath, CONFINED, folder.path, attack];
  const child = spawn(program, args, { cwd: '/', stdio: 'ignore' });
  const over = new Promise((resolve) => child.once('exit', resolve));
  await until(() => existsSync(join(folder.path, 'begun')), 'the command');
  assert.deepEqual(readdirSync(codex), []);
  rmSync(codex, { recursive: true });
  writeFileSync(join(folder.path, 'gate'), '');
  await over;
  assert.equal(existsSync(codex), false);
});

test('protected-names: a server of root and one of another user keep one name together', async (t) => {
  if (!isRoot) return t.skip('only root can act for another user');
  using folder = scratch();
  chmodSync(folder.path, 0o1777);
  const codex = join(folder.path, '.codex');
  const [program = '', ...args] = [...NOBODY, process.execPath, CONFINED, folder.path];
  const wait = (name: string): string => `echo > ${name}-runs; until test -e ${name}-gate; do sleep 0.01; done`;
  const child = spawn(program, [...args, wait('other')], { cwd: '/', stdio: 'ignore' });
  const over = new Promise((resolve) => child.once('exit', resolve));
  await until(() => existsSync(join(folder.path, 'other-runs')), 'the command of the other user');
  const own = runScript(`${wait('own')}; mkdir -p .codex/x || echo kept`, {
    cwd: folder.path,
    sandbox: planFor(folder.path),
  });
  await until(() => existsSync(join(folder.path, 'own-runs')), 'the command of root');
  writeFileSync(join(folder.path, 'other-gate'), '');
  await over;
  writeFileSync(join(folder.path, 'own-gate'), '');
  assert.equal(exited(await own).stdout, 'kept\n');
  assert.equal(existsSync(codex), false);
});

test('protected-names: a state folder that is itself a root keeps settings, rules, logins and launchers', async () => {
  using folder = scratch();
  put(folder.path, 'config.toml = x', 'auth.json = x', '.env = x', 'tmp/path/1-abcdef/apply_patch = x', 'skills/a = x');
  const scripts = ['config.toml', 'auth.json', '.env', 'tmp/path/1-abcdef/apply_patch', 'rules/a.rules'];
  for (const path of scripts) {
    const sandbox = planFor(folder.path, [], { CODEX_HOME: folder.path });
    const script = `mkdir -p rules; echo y > ${path}; mv tmp away; test "$(cat ${path})" != y`;
    assert.equal(exited(await runScript(script, { cwd: folder.path, sandbox })).exitCode, 0, path);
  }
  assert.deepEqual(readdirSync(folder.path).sort(), ['.env', 'auth.json', 'config.toml', 'skills', 'tmp']);
});
