/**
 * A command that is known to be safe runs unasked, and that is all it may do: it never leaves the sandbox without a
 * question, changes nothing, and starts nothing that a project brought.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { isKnownSafe } from '../support/known-safe.ts';
import { calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const ASK = 'item/commandExecution/requestApproval';
const ESCALATED = { sandbox_permissions: 'require_escalated', justification: 'because' };
const script = (text: string): string[] => ['bash', '-lc', text];

interface Attack {
  readonly argv: readonly string[];
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Runs each command in a turn, says no to every question, and gives the commands that were asked about, by their place. */
async function asked(box: Box, attacks: readonly Attack[]): Promise<number[]> {
  box.model.script(
    stream(calls(...attacks.map(({ argv, args }, at) => shell(`c${at}`, argv, { timeout_ms: 5_000, ...args })))),
    stream(says('done', 'msg-end')),
  );
  const turn = await box.turn(await box.thread(), 'go');
  const places: number[] = [];
  for (;;) {
    const message = await box.client.take(({ method }) => method === ASK || method === 'turn/completed', 'the next');
    if (message.method !== ASK) break;
    places.push(Number(message.params.itemId.slice(1)));
    box.client.answer(message, { decision: 'decline' });
  }
  await turn.ended();
  return places.sort((a, b) => a - b);
}

const everyOne = (attacks: readonly Attack[]): number[] => attacks.map((_, at) => at);

/** A program that tells that it ran, whatever it was started as. */
function trap(path: string, marker: string): string {
  writeFileSync(path, `#!/bin/sh\ntouch '${marker}'\n`);
  chmodSync(path, 0o755);
  return path;
}

const LEAVING: readonly (readonly string[])[] = [
  ['ls'],
  ['cat', 'a'],
  ['git', 'status'],
  script('ls && pwd'),
  script('cd .'),
  script("bash -lc 'ls'"),
  ['/bin/ls'],
];

test('safe-inside: leaving the sandbox is asked about however safe the command is', async () => {
  await using box = await Box.open({ approvalPolicy: 'on-request', sandboxMode: 'workspace-write' });
  const attacks = LEAVING.map((argv) => ({ argv, args: ESCALATED }));
  assert.deepEqual(await asked(box, attacks), everyOne(attacks));
});

test('beside a command that a rule allows a safe one does not leave the sandbox', async () => {
  await using box = await Box.open({
    approvalPolicy: 'never',
    sandboxMode: 'read-only',
    prepare: ({ home, folder }) => {
      mkdirSync(join(home, 'rules'));
      writeFileSync(join(home, 'rules', 'a.rules'), 'prefix_rule(["touch"])\n');
      writeFileSync(join(folder, 'a'), '');
    },
  });
  const { folder } = box;
  await asked(box, [
    { argv: script(`touch '${folder}/beside-ls' && ls`) },
    { argv: script(`ls; touch '${folder}/behind-ls'`) },
    { argv: script(`touch '${folder}/beside-copy' && uniq '${folder}/a' '${folder}/copy'`) },
    { argv: script(`cd '${folder}' && touch behind-cd`) },
    { argv: ['touch', join(folder, 'alone')] },
  ]);
  const made = ['beside-ls', 'behind-ls', 'beside-copy', 'copy', 'behind-cd', 'alone'];
  // A rule speaks for `touch`; where it happens is said by `cd`, which starts nothing.
  assert.deepEqual(
    made.filter((name) => existsSync(join(folder, name))),
    ['behind-cd', 'alone'],
  );
});

test('a rule speaks for no program or shell that the workspace brought', async () => {
  const marker = (box: Box, name: string): string => join(box.folder, name);
  await using box = await Box.open({
    approvalPolicy: 'never',
    sandboxMode: 'workspace-write',
    start: false,
    prepare: ({ home }) => {
      mkdirSync(join(home, 'rules'));
      writeFileSync(join(home, 'rules', 'a.rules'), 'prefix_rule(["make"])\nprefix_rule(["./build"])\n');
    },
  });
  mkdirSync(join(box.workspace, 'bin'));
  mkdirSync(join(box.workspace, 'sub'));
  trap(join(box.workspace, 'bash'), marker(box, 'own-shell'));
  trap(join(box.workspace, 'bin', 'make'), marker(box, 'make-on-path'));
  trap(join(box.workspace, 'sub', 'build'), marker(box, 'another-build'));
  await box.start({ PATH: `${join(box.workspace, 'bin')}:${process.env.PATH}` });
  await asked(box, [
    { argv: ['./bash', '-lc', 'make'] },
    { argv: [join(box.workspace, 'bash'), '-lc', 'make'] },
    { argv: ['make'] },
    { argv: ['bash', '-c', 'make'] },
    { argv: ['bash', '-c', 'cd sub && ./build'] },
  ]);
  for (const name of ['own-shell', 'make-on-path', 'another-build']) {
    assert.equal(existsSync(marker(box, name)), false, name);
  }
});

test('a rule lets no shell out that reads files which commands may write', async () => {
  await using box = await Box.open({
    approvalPolicy: 'never',
    sandboxMode: 'workspace-write',
    start: false,
    prepare: ({ home, workspace, folder }) => {
      mkdirSync(join(home, 'rules'));
      writeFileSync(join(home, 'rules', 'a.rules'), 'prefix_rule(["touch"])\n');
      for (const name of ['.profile', '.bash_profile', '.zshenv']) {
        writeFileSync(join(workspace, name), `touch '${join(folder, 'started')}'\n`);
      }
    },
  });
  await box.start({ HOME: box.workspace });
  await asked(box, [{ argv: script('touch x') }, { argv: ['sh', '-lc', 'touch y'] }]);
  assert.equal(existsSync(join(box.folder, 'started')), false);
  assert.deepEqual([box.has('x'), box.has('y')], [true, true], 'inside they run all the same');
});

/** A repository whose own settings start `program` wherever git starts anything. */
function hostileRepository(folder: string, program: string): void {
  mkdirSync(folder, { recursive: true });
  const git = (...args: readonly string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder, stdio: 'pipe' });
  git('init', '-q');
  writeFileSync(join(folder, 'file'), 'one\n');
  writeFileSync(join(folder, '.gitattributes'), 'file diff=evil filter=evil\n');
  git('add', '.');
  git('commit', '-qm', 'one');
  writeFileSync(join(folder, 'file'), 'two\n');
  const keys = ['core.fsmonitor', 'core.pager', 'core.sshCommand', 'diff.external', 'gpg.program'];
  keys.push('diff.evil.command', 'diff.evil.textconv', 'filter.evil.clean', 'filter.evil.smudge', 'pager.log');
  for (const key of keys) git('config', key, program);
  git('config', 'log.showSignature', 'true');
  mkdirSync(join(folder, 'hooks'));
  git('config', 'core.hooksPath', join(folder, 'hooks'));
  for (const hook of ['post-index-change', 'reference-transaction', 'fsmonitor-watchman']) {
    symlinkSync(program, join(folder, 'hooks', hook));
  }
}

const GIT_READERS = ['status', 'log -p', 'diff', 'show', 'branch', 'log', 'status -v', 'branch -vv', 'diff HEAD'];

for (const sandboxMode of ['danger-full-access', 'workspace-write', 'read-only']) {
  test(`safe-git: what git reads unasked leaves no trace of what a repository names: ${sandboxMode}`, async () => {
    await using box = await Box.open({ approvalPolicy: 'untrusted', sandboxMode });
    const marker = join(box.workspace, 'ran');
    const program = trap(join(box.workspace, 'program'), marker);
    for (const name of ['.', 'nested']) hostileRepository(join(box.workspace, name), program);
    const bare = join(box.workspace, 'bare.git');
    execFileSync('git', ['clone', '-q', '--bare', join(box.workspace, 'nested'), bare], { stdio: 'pipe' });
    writeFileSync(join(bare, 'config'), `[core]\nbare = false\nworktree = .\nfsmonitor = ${program}\n`);
    const index = readFileSync(join(box.workspace, '.git', 'index'));
    const attacks = GIT_READERS.flatMap((args) => [
      { argv: ['git', ...args.split(' ')] },
      { argv: script(`cd nested && git ${args}`) },
      { argv: ['git', ...args.split(' ')], args: { workdir: bare } },
    ]);
    assert.deepEqual(await asked(box, attacks.slice(0, 3)), [], 'reading a repository is not asked about');
    await asked(box, attacks);
    assert.equal(existsSync(marker), false);
    assert.deepEqual(readFileSync(join(box.workspace, '.git', 'index')), index);
  });
}

test('safe-place: a program of the workspace is asked about, whatever its name', async () => {
  await using box = await Box.open({ approvalPolicy: 'untrusted', sandboxMode: 'danger-full-access', start: false });
  const marker = join(box.folder, 'ran');
  mkdirSync(join(box.workspace, 'bin'));
  for (const name of ['ls', 'bash', 'bin/ls', 'bin/bash', 'bin/rg']) trap(join(box.workspace, name), marker);
  const path = process.env.PATH ?? '';
  const attacks = [
    ['./ls'],
    ['ls'],
    ['bin/ls'],
    ['./bash', '-lc', 'ls'],
    ['bash', '-c', 'ls'],
    ['/bin/bash', '-c', 'ls'],
  ];
  for (const PATH of [`.:${path}`, `:${path}`, `bin:${path}`, `${join(box.workspace, 'bin')}:${path}`]) {
    await box.start({ PATH });
    await asked(
      box,
      attacks.map((argv) => ({ argv })),
    );
    assert.equal(existsSync(marker), false, PATH);
  }
  await box.start({ PATH: path });
  assert.deepEqual(await asked(box, [{ argv: ['ls'] }, { argv: script('ls | head -1') }]), []);
});

/** Each writes, deletes, or starts a program of the folder, in some reading of a shell. */
const ATTACKS: readonly string[] = [
  'uniq a b',
  'uniq -c a b',
  'uniq -f 1 a b',
  'uniq -- a b',
  'uniq a -c',
  'uniq *',
  'uniq a*',
  'uniq {a,b}',
  'base64 -Do out in',
  'base64 --outp=x a',
  'base64 *',
  'find . {-name{x},-delete}',
  'find * -name x',
  'find . -name x *',
  'find . -fprint0 x',
  'find . -d\\elete',
  'rg foo *',
  'rg foo ?-pre=sh',
  'rg foo [-]-pre=sh',
  'rg foo --pr*',
  "rg foo ''*",
  'rg -iz foo',
  'rg -nzi foo',
  'rg --pre sh foo',
  'sed -n 1p *',
  'sed -n 1p -i',
  'sed -n 1p {-i,a}',
  'git branch x',
  'git branch -v x',
  'git branch -D x',
  'git branch -m x',
  'git branch --edit-description',
  'git branch --unset-upstream',
  'git branch --list --no-list x',
  'git branch -c x',
  'git branch --sort refname x',
  'git diff --output=x',
  'git diff --output x',
  'git diff --outp=x',
  'git log -p --output=x',
  'git show --output=x',
  'git diff --ext-diff',
  'git diff --ext',
  'git log -p --ext-diff',
  'git log -p --textconv',
  'git log --show-signature',
  'git log --format=%G?',
  'git diff *',
  'git diff {--output=x,a}',
  'git log [-]*',
  'git -c core.pager=x log',
  'git --exec-path=x status',
  'git -C x status',
  'git --paginate log',
  'cargo check',
  'cargo check --config x',
  'env ls',
  'PATH=. ls',
  'LD_PRELOAD=./x ls',
  'GIT_DIR=x git status',
  'ls > x',
  'ls >x',
  'ls 2>&1',
  'ls | tee x',
  'cat <<EOF',
  'cat <(sh a)',
  'ls `sh a`',
  'ls $(sh a)',
  'ls "$(sh a)"',
  "bash -lc 'ls '*",
  "bash -lc 'uniq a b'",
  'bash -lc ls*',
  'sort -o x a',
  'tree -o x',
  'file -C -m x',
  'date -s 0',
  'hostname x',
  'xxd a b',
  'tee x',
  'less a',
  'man ls',
  "awk 'BEGIN { system(1) }'",
  "sed -n 'w x' a",
  "sed -n '1p;w x' a",
  "sed -n '1e sh a' a",
  'npm ls',
  'make -n',
  'ls & sh a',
  'ls\r\nuniq a',
  'ls ; ./a',
];

for (const text of ATTACKS) {
  test(`not safe: ${text}`, () => {
    assert.equal(isKnownSafe(script(text)), false);
    if (!/[\\'"*?[{<>|;&$`=]/.test(text)) assert.equal(isKnownSafe(text.split(' ')), false, 'without a shell');
  });
}

const SAFE: readonly string[] = [
  'uniq -c a',
  'uniq -f 1 a',
  'ls *',
  'cat *.ts | head -5',
  'grep -rn foo src/*',
  'find src/* -name x',
  "find . -name '*.ts'",
  'rg foo src/*',
  'rg foo -- *',
  "rg -g '*.zig' -tz foo",
  'rg -n foo',
  'sed -n 1,5p a',
  'sed -n 1p a*',
  'git status',
  'git status -s',
  'git log --oneline -5',
  'git log -- *',
  'git diff HEAD~1 -- a',
  'git diff --text',
  'git show HEAD:a',
  'git branch',
  'git branch -a',
  'git branch -vv',
  'git branch --show-current',
  'git branch --list x',
  'git branch --contains HEAD',
  'base64 -d a',
  "bash -lc 'ls | wc'",
];

for (const text of SAFE) {
  test(`safe: ${text}`, () => assert.equal(isKnownSafe(script(text)), true));
}

test('a shell is one of the system, or found by its name', () => {
  for (const shellPath of ['./bash', 'bin/sh', '/work/bash', '/tmp/zsh', 'bash.x', '/usr/bin/bash.x']) {
    assert.equal(isKnownSafe([shellPath, '-lc', 'ls']), false, shellPath);
  }
  for (const shellPath of ['bash', '/bin/sh', '/usr/bin/zsh']) {
    assert.equal(isKnownSafe([shellPath, '-lc', 'ls']), true, shellPath);
  }
});
