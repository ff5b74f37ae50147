/** Programs that the server starts for itself come from places that no project and no command has a say in. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { calls, says, shell, shellCommand } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { projectRoot, readProjectFile } from '../support/project.ts';
import { readSource } from '../support/source-text.ts';

/** Whatever any part of the server starts by a name. */
const NAMES = ['git', 'bwrap', 'flock', 'tmux', 'getent', 'sh', 'bash', 'zsh', 'ps', 'uname', 'sw_vers', 'notifier'];

/** Programs of these names in a folder, each of which tells that it ran. */
function traps(folder: string, marker: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of NAMES) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} >> '${marker}'\nexit 1\n`);
    chmodSync(join(folder, name), 0o755);
  }
}

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd, stdio: 'pipe', encoding: 'utf8' });

/** A session that starts all that the server ever starts. */
async function session(box: Box): Promise<{ branch: string | undefined; output: string }> {
  box.model.script(
    stream(calls(shell('c1', ['/bin/echo', 'confined']), shellCommand('c2', 'true', { login: false }))),
    stream(says('done', 'msg-end')),
  );
  const { thread } = await box.call('thread/start', {});
  await box.completed(thread.id, 'go');
  return { branch: thread.gitInfo?.branch, output: JSON.stringify(await box.sent(2)) };
}

const TMUX = { TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.4', TMUX: '/tmp/no-such-socket,1,0' };

test('own-programs: none comes from a relative entry of PATH, the workspace or a writable folder', async () => {
  await using box = await Box.open({ start: false, sandboxMode: 'workspace-write', top: 'notify = ["notifier"]' });
  const marker = join(box.folder, 'ran');
  const temporary = mkdtempSync('/tmp/shardex-programs-');
  try {
    for (const folder of [join(box.workspace, 'bin'), box.workspace, temporary, join(box.folder, 'tmp', 'bin')]) {
      traps(folder, marker);
    }
    symlinkSync(join(box.workspace, 'bin'), join(box.folder, 'link'));
    git(box.workspace, 'init', '-q', '-b', 'trunk');
    const system = '/usr/bin:/bin';
    for (const first of [
      '.',
      '',
      'bin',
      './bin',
      join(box.workspace, 'bin'),
      join(box.folder, 'link'),
      temporary,
      join(box.folder, 'tmp', 'bin'),
      `${box.folder}/tmp/../work/bin`,
    ]) {
      await box.start({ ...TMUX, PATH: `${first}:${system}` });
      const { branch, output } = await session(box);
      assert.equal(existsSync(marker), false, `${first}: ${existsSync(marker) ? readMarker(marker) : ''}`);
      assert.equal(branch, 'trunk', first);
      assert.match(output, /confined/, first);
    }
    // With nothing else to be had, they are not taken either.
    const only = ['.', 'bin', join(box.workspace, 'bin'), join(box.folder, 'link'), temporary].join(':');
    await box.start({ ...TMUX, PATH: only });
    await session(box);
    assert.equal(existsSync(marker), false, existsSync(marker) ? readMarker(marker) : '');
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
});

const readMarker = (path: string): string => execFileSync('/bin/cat', [path], { encoding: 'utf8' });

test('own-programs: a root that a turn may write to gives no program, wherever the server was started', async () => {
  await using box = await Box.open({ start: false, sandboxMode: 'workspace-write' });
  const marker = join(box.folder, 'ran');
  const extra = join(box.folder, 'extra');
  for (const folder of [join(extra, 'bin'), join(box.workspace, 'bin')]) traps(folder, marker);
  git(box.workspace, 'init', '-q', '-b', 'trunk');
  box.writeConfig({
    sandboxMode: 'workspace-write',
    top: 'notify = ["bin/notifier"]',
    tables: `[sandbox_workspace_write]\nwritable_roots = [${JSON.stringify(extra)}]\n`,
  });
  await box.start({ PATH: `${join(extra, 'bin')}:/usr/bin:/bin` });
  assert.equal((await session(box)).branch, 'trunk');
  await box.start({ PATH: join(extra, 'bin') });
  await session(box);
  assert.equal(existsSync(marker), false);
});

test('own-programs: a bubblewrap that is named but lies in a writable folder is refused in words', async () => {
  await using box = await Box.open({ start: false, sandboxMode: 'workspace-write' });
  const own = join(box.workspace, 'bwrap');
  writeFileSync(
    own,
    `#!/bin/sh\nexec ${execFileSync('/bin/sh', ['-c', 'command -v bwrap'], { encoding: 'utf8' }).trim()} "$@"\n`,
  );
  chmodSync(own, 0o755);
  await box.start({ SHARDEX_BWRAP: own });
  assert.match((await session(box)).output, /sandbox unavailable: .*bwrap lies in a folder that commands may write to/);
});

test('own-programs: git is told nothing by the variables of the server', async () => {
  await using box = await Box.open({ start: false });
  const marker = join(box.folder, 'ran');
  traps(join(box.folder, 'bin'), marker);
  const other = join(box.folder, 'other');
  mkdirSync(other);
  git(other, 'init', '-q', '-b', 'other');
  git(box.workspace, 'init', '-q', '-b', 'trunk');
  writeFileSync(join(box.workspace, 'a'), 'one\n');
  git(box.workspace, 'add', '.');
  git(box.workspace, 'commit', '-qm', 'one');
  const program = join(box.folder, 'bin', 'git');
  for (const key of ['core.fsmonitor', 'core.pager', 'core.sshCommand', 'diff.external', 'core.gitProxy']) {
    git(box.workspace, 'config', key, program);
  }
  await box.start({
    GIT_DIR: join(other, '.git'),
    GIT_WORK_TREE: other,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.fsmonitor',
    GIT_CONFIG_VALUE_0: program,
    GIT_CONFIG_GLOBAL: join(other, 'global'),
    GIT_EXEC_PATH: join(box.folder, 'bin'),
    GIT_EXTERNAL_DIFF: program,
    GIT_TRACE: join(box.folder, 'traced'),
    GIT_TRACE2: join(box.folder, 'traced'),
    LD_PRELOAD: './preloaded.so',
    LD_DEBUG: 'files',
    LD_DEBUG_OUTPUT: join(box.folder, 'loaded'),
  });
  assert.equal((await session(box)).branch, 'trunk');
  assert.equal(existsSync(marker), false);
  assert.equal(existsSync(join(box.folder, 'traced')), false);
});

test('own-programs: the loader of the sandbox gets no library from the variables of a command, the command does', async () => {
  await using box = await Box.open({ start: false, sandboxMode: 'workspace-write' });
  const traced = join(box.folder, 'loaded');
  await box.start({ LD_DEBUG: 'libs', LD_DEBUG_OUTPUT: traced, LD_LIBRARY_PATH: '/nowhere' });
  box.model.script(
    stream(calls(shell('c1', ['/bin/sh', '-c', 'echo $LD_LIBRARY_PATH']))),
    stream(says('done', 'msg-end')),
  );
  await box.completed(await box.thread(), 'go');
  assert.match(JSON.stringify(await box.sent(2)), /nowhere/);
  // The command cannot write there; what runs outside of the sandbox could.
  const files = readdirSync(dirname(traced)).filter((name) => name.startsWith('loaded'));
  const ours = (name: string): boolean => /bwrap|\/git|flock/.test(readMarker(join(box.folder, name)));
  assert.deepEqual(files.filter(ours), []);
});

/** The demonstration and the build are programs of their own. */
const isServer = (path: string): boolean => !/^src\/(?:demo|build)\//.test(path);

test('own-programs: src/base/own-programs.ts is the only one that starts processes', () => {
  const starters = ['src', 'workers']
    .flatMap((folder) =>
      readdirSync(join(projectRoot(), folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    )
    .filter((path) => path.endsWith('.ts') && isServer(path))
    .filter((path) =>
      readSource(readProjectFile(path)).imports.some(
        ({ specifier, when }) => /^(?:node:)?(?:child_process|cluster)$/.test(specifier) && when !== 'types',
      ),
    );
  assert.deepEqual(starters, ['src/base/own-programs.ts']);
});
