/**
 * Real shells in a container of their own: scripts run in a copy of a tree that lies in memory, and whatever differs
 * afterwards is told. Nothing of the machine can be written to, and there is no network.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HARMLESS_GIT } from '../../../src/base/git-variables.ts';

/** Names that become options where a glob becomes names. */
const FILES = [
  'a',
  'b',
  'foo1',
  'foo2',
  'c d',
  '-delete',
  '-i',
  '-o',
  '-n',
  '-z',
  '-exec',
  '-c',
  '--pre=sh',
  '--output=x',
];
const MORE_FILES = ['--in-place', '-fprint', '-e', '--pre', '-w', '{}', '+', ';', 'ls -x;touch hit', '=ls'];

/** Reads scripts that end with NUL, runs each, and prints what the whole of them has changed. */
const DRIVER = `
snapshot() {
  find . -printf '%P|%y|%m|%s|%l\\n' | sort
  find . -type f -print0 | sort -z | xargs -0 cksum
}
export LC_ALL=C
cp -a /template/. /fuzz && cd /fuzz || exit 9
before=$(snapshot)
count=0
while IFS= read -r -d '' script; do
  timeout -s KILL 0.4 "$SHELL_UNDER_TEST" -c "$script" </dev/null >/dev/null 2>&1
  count=$((count + 1))
done
after=$(snapshot)
[ "$before" = "$after" ] || diff <(echo "$before") <(echo "$after")
echo "ran $count"
`;

/** Makes the tree: file names that look like options, programs that leave a trace, a repository with hostile settings. */
export function makeTemplate(folder: string): void {
  mkdirSync(join(folder, 'sub'), { recursive: true });
  for (const name of [...FILES, ...MORE_FILES]) writeFileSync(join(folder, name), 'touch hit\na\na\nb 1\n');
  writeFileSync(join(folder, 'sub', 'c'), 'touch hit\n');
  for (const name of ['a.sh', 'ls', 'sub/git']) {
    writeFileSync(join(folder, name), '#!/bin/sh\ntouch /fuzz/ran\n');
    chmodSync(join(folder, name), 0o755);
  }
  const git = (...args: readonly string[]): unknown =>
    spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder, stdio: 'ignore' });
  git('init', '-q', '-b', 'main');
  git('add', '--all');
  git('commit', '-qm', 'one');
  git('branch', 'other');
  writeFileSync(join(folder, 'a'), 'changed\n');
  for (const key of ['core.fsmonitor', 'core.pager', 'core.sshCommand', 'core.editor', 'gpg.program', 'pager.log']) {
    git('config', key, '/fuzz/a.sh');
  }
  git('config', 'core.hooksPath', '/fuzz/sub');
  git('config', 'log.showSignature', 'true');
}

export interface Ran {
  readonly count: number;
  /** Empty when nothing has changed. */
  readonly changes: string;
}

/** Runs scripts in a fresh copy of the tree. */
export function runAll(template: string, shell: string, scripts: readonly string[]): Ran {
  const { stdout, stderr, status } = spawnSync('bwrap', [...container(template), '/bin/bash', '-c', DRIVER], {
    input: scripts.map((script) => `${script}\0`).join(''),
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', HOME: '/nowhere', SHELL_UNDER_TEST: shell, ...HARMLESS_GIT },
  });
  const count = /ran (\d+)\n$/.exec(stdout)?.[1];
  if (count === undefined)
    throw new Error(`the container did not run: ${status} ${stdout.slice(-500)} ${stderr.slice(-500)}`);
  return { count: Number(count), changes: stdout.replace(/ran \d+\n$/, '') };
}

const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc'];

const container = (template: string): string[] => [
  '--unshare-all',
  '--die-with-parent',
  '--new-session',
  ...SYSTEM.flatMap((path) => ['--ro-bind-try', path, path]),
  ...['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/fuzz', '--tmpfs', '/tmp'],
  ...['--ro-bind', template, '/template', '--chdir', '/fuzz'],
];

/** Whether containers can be made here. */
export const hasContainers = (): boolean =>
  process.platform === 'linux' &&
  spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '/bin/true']).status === 0;

/** The scripts of a batch that change something, each with what. */
export function findChanges(template: string, shell: string, scripts: readonly string[]): string[] {
  if (runAll(template, shell, scripts).changes === '') return [];
  if (scripts.length === 1) return [`${JSON.stringify(scripts[0])}\n${runAll(template, shell, scripts).changes}`];
  const half = Math.ceil(scripts.length / 2);
  const parts = [scripts.slice(0, half), scripts.slice(half)];
  return parts.flatMap((part) => findChanges(template, shell, part));
}
