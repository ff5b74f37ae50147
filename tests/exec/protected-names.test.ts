import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDenial } from '../../src/exec/denial.ts';
import { runCommand } from '../../src/exec/run.ts';
import { until } from '../support/patience.ts';
import { exited, groupIsGone, never, PATH, runScript, scratch, specOf } from './support/commands.ts';
import { everything, isRoot, NOBODY, planFor, put } from './support/protected.ts';

const CONFINED = fileURLToPath(new URL('confined.main.js', import.meta.url));
const WRITE = 'echo sandbox_mode=danger > .codex/config.toml';
const HOOK = 'echo evil > .git/hooks/pre-commit';

interface Attack {
  readonly rule: string;
  readonly has: readonly string[];
  /** Relative to the folder; the folder itself by default. */
  readonly cwd?: string;
  readonly roots?: readonly string[];
  readonly scripts: readonly string[];
}

const REPOSITORY = ['.git/HEAD = ref', '.git/config = [core]', '.git/hooks/sample = x'];

const attacks: readonly Attack[] = [
  {
    rule: 'a .codex that does not exist',
    has: ['file = x'],
    scripts: [
      `mkdir -p .codex; ${WRITE}`,
      `mkdir prepared; echo x > prepared/config.toml; mv prepared .codex; mv -T prepared .codex; rm -r prepared`,
      'ln -s file .codex',
      'echo x > .codex',
      'cp file .codex',
      'rmdir .codex; mkdir .codex && echo x > .codex/config.toml',
      'mv .codex elsewhere',
      'chmod 777 .codex; umount .codex; mkdir .codex/sub',
      `unshare -Urm sh -c 'umount .codex; umount -l .codex; mkdir -p .codex; ${WRITE}'`,
    ],
  },
  {
    rule: 'a .codex that is a folder',
    has: ['.codex/config.toml = x', '.codex/rules/a.rules = x'],
    scripts: [
      WRITE,
      'mv .codex away',
      'rm -rf .codex',
      'echo x > .codex/rules/b.rules',
      'ln .codex/config.toml copy && echo x > copy',
    ],
  },
  {
    rule: 'a .codex that is empty',
    has: ['.codex'],
    scripts: [WRITE, 'rmdir .codex'],
  },
  {
    rule: 'a .codex that is a file',
    has: ['.codex = x'],
    scripts: ['rm .codex; mkdir .codex', `mv .codex away; mkdir .codex; ${WRITE}`, 'echo x > .codex'],
  },
  {
    rule: 'a .codex that is a link',
    has: ['store/config.toml = x', '.codex -> store'],
    scripts: [
      WRITE,
      'echo y > store/config.toml',
      'mv store away; mkdir store; echo y > store/config.toml',
      `rm .codex; mkdir .codex; ${WRITE}; rm -r .codex`,
      'ln -sfn / .codex',
    ],
  },
  {
    rule: 'a .codex that is a link to a link',
    has: ['deep/store/config.toml = x', 'middle -> deep/store', '.codex -> middle'],
    scripts: ['ln -sfn / middle', 'mv deep away', 'mv deep/store away', WRITE],
  },
  {
    rule: 'a .codex that is a dangling link',
    has: ['.codex -> gone'],
    scripts: [`mkdir gone; ${WRITE}`, 'mkdir -p gone/deeper', 'echo x > gone', `rm .codex; mkdir -p .codex; ${WRITE}`],
  },
  {
    rule: 'a .codex that is a link to itself',
    has: ['.codex -> .codex'],
    scripts: [`rm .codex; mkdir .codex; ${WRITE}`],
  },
  {
    rule: 'a .codex whose files are links',
    has: ['settings = x', 'list = x', '.codex/config.toml -> ../settings', '.codex/rules/a.rules -> ../../list'],
    scripts: ['echo y > settings', 'rm settings', 'echo y > list', WRITE],
  },
  {
    rule: 'a .git that is a folder',
    has: REPOSITORY,
    scripts: [HOOK, 'mv .git away', 'rm -rf .git', 'echo x >> .git/config', 'ln .git/config copy && echo x > copy'],
  },
  {
    rule: 'a .git that is a link',
    has: ['store/hooks/sample = x', 'store/HEAD = ref', '.git -> store'],
    scripts: [HOOK, 'echo x > store/config', `rm .git; mkdir -p .git/hooks; ${HOOK}`, 'mv store away'],
  },
  {
    rule: 'a .git that is a dangling link',
    has: ['.git -> gone'],
    scripts: [`mkdir -p gone/hooks; ${HOOK}`, `rm .git; mkdir -p .git/hooks; ${HOOK}`],
  },
  {
    rule: 'a .git whose hooks are a link',
    has: ['.git/HEAD = ref', 'team/sample = x', '.git/hooks -> ../team'],
    scripts: [HOOK, 'echo x > team/pre-commit', 'mv team away'],
  },
  {
    rule: 'the .git file of a linked work tree, with all that it names',
    has: [
      'main/.git/HEAD = ref',
      'main/.git/hooks/sample = x',
      'main/.git/worktrees/tree/commondir = ../..',
      'main/.git/worktrees/tree/HEAD = ref',
      'tree/.git = gitdir: ../main/.git/worktrees/tree',
    ],
    cwd: 'tree',
    roots: ['.'],
    scripts: [
      'rm .git; mkdir .git',
      'echo x > .git',
      'echo x > ../main/.git/hooks/pre-commit',
      'echo x > ../main/.git/worktrees/tree/config.worktree',
      'mv ../main ../away',
      'mkdir -p .codex; echo x > .codex/config.toml',
    ],
  },
  {
    rule: 'a linked work tree and a submodule further down',
    has: [
      ...REPOSITORY,
      '.git/worktrees/t/commondir = ../..',
      '.git/worktrees/t/gitdir = ../../../trees/a/t/.git',
      '.git/modules/libs/sub/HEAD = ref',
      '.git/modules/libs/sub/config = worktree = ../../../../libs/deep/sub',
      'libs/deep/sub/.git = gitdir: ../../../.git/modules/libs/sub',
      'trees/a/t/.git = gitdir: ../../../.git/worktrees/t',
      '.gitmodules = path = old/sub',
      'old/sub/.git/HEAD = ref',
    ],
    scripts: [
      'mkdir -p libs/deep/sub/.codex; echo x > libs/deep/sub/.codex/config.toml',
      'mkdir -p trees/a/t/.codex; echo x > trees/a/t/.codex/config.toml',
      'mkdir -p old/sub/.git/hooks',
      'rm trees/a/t/.git',
      'mv libs/deep/sub away',
      'mv libs away',
      'echo x > .git/modules/libs/sub/config',
      'rm -rf old/sub/.git',
    ],
  },
  {
    rule: 'repositories directly below the folder',
    has: ['one/.git/HEAD = ref', 'two/.git = gitdir: ../one/.git'],
    scripts: ['mkdir -p one/.git/hooks', 'mv one away', 'mkdir -p two/.codex/rules', 'rm two/.git'],
  },
  {
    rule: 'the folders between a root and the turn’s folder',
    has: ['a/b/file = x'],
    cwd: 'a/b',
    roots: ['.'],
    scripts: [
      'mkdir -p ../.codex/x',
      'mkdir -p ../../.codex/x',
      'mkdir -p .codex/x',
      'mv ../../a ../../c',
      'cd ..; mv b c',
    ],
  },
  {
    rule: 'every root, also one named by a link',
    has: ['work', 'real', 'link -> real'],
    cwd: 'work',
    roots: ['link'],
    scripts: ['mkdir -p ../real/.codex/x', 'mkdir -p ../link/.codex/x'],
  },
  {
    rule: 'a folder that is closed for now',
    has: ['one/.git/HEAD = ref'],
    scripts: ['chmod 000 one/.git; chmod 755 one/.git; mkdir one/.git/hooks'],
  },
];

for (const { rule, has, cwd = '.', roots = [], scripts } of attacks) {
  test(`protected-names: out of reach of a command, and nothing is left behind: ${rule}`, async () => {
    using folder = scratch();
    put(folder.path, ...has);
    const found = everything(folder.path);
    for (const script of scripts) {
      const sandbox = planFor(
        join(folder.path, cwd),
        roots.map((root) => join(folder.path, root)),
      );
      await runScript(script, { cwd: join(folder.path, cwd), sandbox });
      const left = everything(folder.path);
      // What a command put in place of a link is set aside, and copies of what can be read are nobody's harm.
      for (const name of Object.keys(left)) if (/\.rejected-|^copy$|^away(?:\/|$)/.test(name)) delete left[name];
      assert.deepEqual(left, found, script);
      for (const name of ['copy', 'away']) rmSync(join(folder.path, name), { recursive: true, force: true });
    }
  });
}

test('protected-names: an attempt is a denial that asks', async () => {
  using folder = scratch();
  put(folder.path, 'store', '.git -> store');
  for (const script of [`mkdir -p .codex && ${WRITE}`, 'mkdir .codex/rules', 'rm .git; sleep 20']) {
    const sandbox = planFor(folder.path);
    const result = exited(await runScript(script, { cwd: folder.path, sandbox }));
    assert.ok(isDenial(result, sandbox), `${script}: ${JSON.stringify(result)}`);
  }
});

test('protected-names: a new repository can be made, and ordinary work goes on beside what is protected', async () => {
  using folder = scratch();
  put(folder.path, 'store/config.toml = x', '.codex -> store');
  const script = `
    set -e
    git init -q . && git init -q sub && git clone -q sub copy 2>/dev/null
    echo '#!/bin/sh' > sub/.git/hooks/pre-commit
    mkdir -p a/b && echo x > a/b/c && mv a moved && rm -r moved && ln -s x y && rm y
  `;
  const result = exited(await runScript(script, { cwd: folder.path, sandbox: planFor(folder.path) }));
  assert.equal(result.exitCode, 0, result.stderr);
  assert.ok(existsSync(join(folder.path, 'sub/.git/hooks/pre-commit')));
});

test('protected-names: inside, the name is an empty folder that nobody can fill', async () => {
  using folder = scratch();
  const result = exited(await runScript('ls -A . .codex', { cwd: folder.path, sandbox: planFor(folder.path) }));
  assert.equal(result.stdout, '.:\n.codex\n\n.codex:\n');
});

test('protected-names: commands side by side keep the name as long as any of them runs', async () => {
  using folder = scratch();
  const gate = join(folder.path, 'gate');
  const attack = `until test -e gate; do sleep 0.01; done; mkdir -p .codex/x; echo x > .codex/config.toml; ls -A .codex`;
  const slow = runScript(attack, { cwd: folder.path, sandbox: planFor(folder.path) });
  const quick = Array.from({ length: 12 }, () =>
    runScript('ls -A .codex', { cwd: folder.path, sandbox: planFor(folder.path) }),
  );
  for (const result of await Promise.all(quick)) assert.equal(exited(result).stdout, '');
  writeFileSync(gate, '');
  assert.equal(exited(await slow).stdout, '');
  assert.deepEqual(readdirSync(folder.path), ['gate']);
});

test('protected-names: what the user puts there meanwhile stays', async () => {
  using folder = scratch();
  const running = runScript('until test -e gate; do sleep 0.01; done', {
    cwd: folder.path,
    sandbox: planFor(folder.path),
  });
  await until(() => existsSync(join(folder.path, '.codex')), 'the placeholder');
  writeFileSync(join(folder.path, '.codex/config.toml'), 'mine\n');
  writeFileSync(join(folder.path, 'gate'), '');
  await running;
  assert.deepEqual(everything(folder.path), { '.codex': 'folder', '.codex/config.toml': 'mine\n', gate: '' });
  assert.equal(lstatSync(join(folder.path, '.codex')).mode & 0o7777, 0o755);
});

test('protected-names: an interrupted command leaves nothing', async () => {
  using folder = scratch();
  let groupId = 0;
  const ready = new AbortController();
  const options = {
    cwd: folder.path,
    sandbox: planFor(folder.path),
    onSpawn: (id: number): void => {
      groupId = id;
    },
    onOutput: () => ready.abort(),
  };
  await runScript('trap "" TERM; echo ready; while :; do sleep 0.05; done', options, ready.signal);
  await groupIsGone(groupId);
  await until(() => readdirSync(folder.path).length === 0, 'the end of the placeholder');
});

test('protected-names: holders of a server that is gone are removed by the next command', async () => {
  using folder = scratch();
  const running = runScript('until test -e gate; do sleep 0.01; done', {
    cwd: folder.path,
    sandbox: planFor(folder.path),
  });
  const codex = join(folder.path, '.codex');
  await until(() => existsSync(codex) && readdirSync(codex).length > 0, 'the placeholder');
  const [holder = ''] = readdirSync(codex);
  // The same process id in the same space, but a process that was started at another time.
  mkdirSync(join(codex, holder.replace(/^(\.in-use-\d+-\d+-)\d+/, '$17')));
  writeFileSync(join(folder.path, 'gate'), '');
  await running;
  assert.deepEqual(readdirSync(folder.path), ['gate']);
});

test('protected-names: a command that cannot start leaves nothing', async () => {
  using folder = scratch();
  const result = await runCommand(
    specOf(['x'.repeat(200_000)], { cwd: folder.path, sandbox: planFor(folder.path) }),
    never,
  );
  assert.equal(result.kind, 'spawnFailed');
  assert.deepEqual(readdirSync(folder.path), []);
});

test('protected-names: the state folder of the server is out of reach where it lies in a root', async () => {
  using folder = scratch();
  put(folder.path, 'state/home/config.toml = x', 'work');
  const plan = () => planFor(join(folder.path, 'work'), [folder.path], { CODEX_HOME: join(folder.path, 'state/home') });
  for (const script of ['echo y > ../state/home/config.toml', 'mv ../state ../away', 'mkdir ../state/home/rules']) {
    const result = exited(await runScript(script, { cwd: join(folder.path, 'work'), sandbox: plan() }));
    assert.notEqual(result.exitCode, 0, script);
  }
});

test('protected-names: real worktrees and submodules, as git makes them', async () => {
  using folder = scratch();
  const git = (cwd: string, ...args: string[]): void => {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always'];
    execFileSync('git', [...identity, ...args], { cwd: join(folder.path, cwd), stdio: 'ignore' });
  };
  put(folder.path, 'lib', 'main');
  for (const name of ['lib', 'main']) {
    git(name, 'init');
    git(name, 'commit', '--allow-empty', '-m', 'first');
  }
  git('main', 'submodule', 'add', '../lib', 'third/party/lib');
  git('main', 'worktree', 'add', 'trees/feature');
  const main = join(folder.path, 'main');
  for (const script of [
    'mkdir third/party/lib/.codex/x',
    'mkdir trees/feature/.codex/x',
    'rm third/party/lib/.git',
    'mv trees away',
    'echo x > .git/modules/third/party/lib/hooks/pre-commit',
    'git -C trees/feature config core.fsmonitor /bin/false',
  ]) {
    const result = exited(await runScript(script, { cwd: main, sandbox: planFor(main), env: { PATH, HOME: '/' } }));
    assert.notEqual(result.exitCode, 0, script);
  }
  const feature = join(main, 'trees/feature');
  const ordinary = 'echo x > file && git status --short';
  const result = exited(
    await runScript(ordinary, { cwd: feature, sandbox: planFor(feature), env: { PATH, HOME: '/' } }),
  );
  assert.equal(result.stdout, '?? file\n', result.stderr);
  renameSync(join(feature, 'file'), join(main, 'file'));
});

test('protected-names: the same for an ordinary user, who has a namespace of users', async () => {
  using folder = scratch();
  put(folder.path, ...REPOSITORY, 'store', 'store/nested/.git = gitdir: ../../.git');
  if (isRoot) execFileSync('chown', ['-R', '65534:65534', folder.path]);
  const found = everything(folder.path);
  const script = `
    mkdir -p .codex; ${WRITE}; ${HOOK}; mv .git away; rmdir .codex
    unshare -Ur sh -c 'umount -l .codex; ${WRITE}; ${HOOK}'
    unshare -Urm sh -c 'umount -l .codex; mount -o remount,rw .git; ${WRITE}; ${HOOK}'
    echo fine > ordinary
  `;
  const [program = '', ...args] = [...(isRoot ? NOBODY : []), process.execPath, CONFINED, folder.path, script];
  execFileSync(program, args, { cwd: '/' });
  assert.deepEqual(everything(folder.path), { ...found, ordinary: 'fine\n' });
});

test('protected-names: a server that is killed leaves nothing, although its command was running', async () => {
  using folder = scratch();
  const child = spawn(process.execPath, [CONFINED, folder.path, 'echo > started; sleep 60'], { cwd: '/' });
  await until(() => existsSync(join(folder.path, 'started')), 'the command');
  assert.deepEqual(readdirSync(folder.path).sort(), ['.codex', 'started']);
  child.kill('SIGKILL');
  await until(() => !existsSync(join(folder.path, '.codex')), 'the end of the placeholder');
});

test('protected-names: servers side by side keep the name until the last of their commands has ended', async () => {
  using folder = scratch();
  const attack = `echo > started; until test -e gate; do sleep 0.01; done; mkdir -p .codex/x; ${WRITE}; ls -A .codex`;
  const slow = runScript(attack, { cwd: folder.path, sandbox: planFor(folder.path) });
  await until(() => existsSync(join(folder.path, 'started')), 'the command');
  const other = spawn(process.execPath, [CONFINED, folder.path, 'echo > begun; sleep 60'], { cwd: '/' });
  await until(() => existsSync(join(folder.path, 'begun')), 'the command of the other server');
  const codex = join(folder.path, '.codex');
  assert.equal(readdirSync(codex).length, 2);
  other.kill('SIGKILL');
  await until(() => readdirSync(codex).length === 1, 'the end of the other holder');
  writeFileSync(join(folder.path, 'gate'), '');
  assert.equal(exited(await slow).stdout, '');
  assert.deepEqual(readdirSync(folder.path).sort(), ['begun', 'gate', 'started']);
});
