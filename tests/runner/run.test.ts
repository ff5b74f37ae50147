/** The runner of the tests itself, with small test files of its own. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { allGone } from '../support/processes.ts';
import { distFolder } from '../support/server.ts';

const onPosix = { skip: process.platform === 'win32' && 'process groups are those of POSIX' };

/** A folder with the built runner and the test files that it is to run. */
class RunnerCopy implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'shardex-runner-'));
  readonly temporary = join(this.folder, 'tmp');

  constructor(files: Readonly<Record<string, string>>) {
    for (const path of ['run.js', 'chunks', 'package.json', 'support/event-reporter.main.js']) {
      cpSync(join(distFolder(), 'tests', path), join(this.folder, 'a build', 'tests', path), { recursive: true });
    }
    mkdirSync(this.temporary);
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.folder, 'a build', 'tests', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `import { test } from 'node:test';\n${text}`);
    }
  }

  get program(): string {
    return join(this.folder, 'a build', 'tests', 'run.js');
  }

  run(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): { status: number | null; stdout: string } {
    return spawnSync(process.execPath, [this.program, ...args], { env: this.env(env), encoding: 'utf8' });
  }

  start(env: NodeJS.ProcessEnv = {}): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [this.program], { env: this.env(env) });
  }

  env(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return { ...process.env, TMPDIR: this.temporary, ...env };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

test('passed and failed tests are counted, and a file that breaks is a failure', () => {
  using copy = new RunnerCopy({
    'a.test.js': "test('one', () => {}); test('outer', async (t) => { await t.test('inner', () => {}); });",
    'b.test.js':
      "import { describe } from 'node:test'; describe('s', () => { test('bad', () => { throw new Error('why'); }); });",
    'c.test.js': "test('good', () => {}); process.exitCode = 3;",
    'd.test.js': "throw new Error('at once');",
    'e.test.js': "test('gone', () => process.kill(process.pid, 'SIGKILL'));",
    'soak/f.test.js': "test('apart', () => {});",
  });
  const { status, stdout } = copy.run();
  assert.equal(status, 1);
  assert.equal(lastLine(stdout), '4 passed, 4 failed');
  assert.match(stdout, /^FAILED bad\n {2}\/.*b\.test\.js\n {2}Error: why$/m);
  assert.match(stdout, /^FAILED c\.test\.js\n.*\n {2}the file ended with exit code 3$/m);
  assert.match(stdout, /^FAILED e\.test\.js\n.*\n {2}the file ended with SIGKILL$/m);
  assert.deepEqual(pick(copy.run(['a.test'])), [0, '3 passed, 0 failed']);
  assert.deepEqual(pick(copy.run(['--suite', 'soak'])), [0, '1 passed, 0 failed']);
  assert.deepEqual(pick(copy.run(['nothing'])), [1, '0 passed, 0 failed']);
});

const pick = ({ status, stdout }: { status: number | null; stdout: string }) => [status, lastLine(stdout)];

const LEAKS = {
  FORCE_COLOR: '1',
  NO_COLOR: '1',
  TERM: 'xterm',
  TERM_PROGRAM: 'tmux',
  TMUX: '/tmp/tmux-0/default,1,0',
  NODE_OPTIONS: '--no-warnings',
  npm_config_registry: 'http://127.0.0.1:9',
  GIT_DIR: '/nowhere',
  CODEX_HOME: '/nowhere',
  SHARDEX_LOG: 'debug',
  SHARDEX_BWRAP: '/nowhere',
  OPENAI_API_KEY: 'sk-1',
  LANG: 'tr_TR.UTF-8',
  LC_ALL: 'tr_TR.UTF-8',
  TZ: 'Asia/Kathmandu',
  https_proxy: 'http://127.0.0.1:9',
  XDG_CONFIG_HOME: '/nowhere',
  SOMETHING_ELSE: '1',
};

test('tests have the same environment whoever starts them', () => {
  const names = JSON.stringify(Object.keys(LEAKS));
  using copy = new RunnerCopy({
    'env.test.js': `import assert from 'node:assert'; import { accessSync, constants } from 'node:fs'; import os from 'node:os';
      test('none of it is there', () => {
        assert.deepEqual(${names}.filter((name) => name in process.env), []);
        assert.equal(process.umask(), 0o022);
        for (const folder of [os.homedir(), os.tmpdir(), process.env.SHARDEX_TEST_BOXES]) accessSync(folder, constants.W_OK);
        assert.ok(!process.stdin.isTTY && !process.stdout.isTTY && !process.stderr.isTTY);
      });`,
  });
  const passes = [0, '1 passed, 0 failed'];
  assert.deepEqual(pick(copy.run([], LEAKS)), passes);
  assert.deepEqual(pick(copy.run([], { HOME: '/nowhere' })), passes);
  assert.deepEqual(pick(copy.run([], { HOME: undefined, TMPDIR: '/nowhere' })), passes);
  assert.deepEqual(readdirSync(copy.temporary), []);
});

/** Starts what a stuck test may have left: a child, its detached child, and an orphan; and names them all. */
const stuck = (list: string): string => `
  import { spawn } from 'node:child_process'; import { appendFileSync, mkdtempSync } from 'node:fs'; import os from 'node:os';
  const say = (pid) => appendFileSync(${JSON.stringify(list)}, pid + '\\n');
  mkdtempSync(os.tmpdir() + '/left-');
  mkdtempSync(process.env.SHARDEX_TEST_BOXES + '/left-');
  say(process.pid);
  say(spawn('sleep', ['600'], { stdio: 'inherit' }).pid);
  say(spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).pid);
  const orphan = spawn('sh', ['-c', 'setsid sleep 600 >/dev/null 2>&1 & echo $!']);
  orphan.stdout.on('data', (pid) => say(String(pid).trim()));
  test('stuck', () => new Promise((resolve) => setTimeout(resolve, 600_000)));`;
const STARTED_COUNT = 4;

const pidsIn = (list: string): number[] => {
  try {
    return readFileSync(list, 'utf8').trim().split('\n').map(Number);
  } catch {
    return [];
  }
};

test('a stuck test ends after its time, with everything that it has started', onPosix, async () => {
  using copy = new RunnerCopy({});
  const list = join(copy.folder, 'pids');
  writeFileSync(join(dirname(copy.program), 'stuck.test.js'), `import { test } from 'node:test';${stuck(list)}`);
  const { status, stdout } = copy.run(['--limit-ms', '3000']);
  assert.deepEqual([status, lastLine(stdout)], [1, '0 passed, 1 failed']);
  assert.match(stdout, /^FAILED stuck\.test\.js\n.*\n {2}the file did not end within 3 s$/m);
  assert.equal(pidsIn(list).length, STARTED_COUNT);
  await allGone(pidsIn(list));
  assert.deepEqual(readdirSync(copy.temporary), []);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends the tests with everything that they have started`, onPosix, async () => {
    using copy = new RunnerCopy({});
    const list = join(copy.folder, 'pids');
    writeFileSync(join(dirname(copy.program), 'stuck.test.js'), `import { test } from 'node:test';${stuck(list)}`);
    const runner = copy.start();
    const exited = once(runner, 'exit');
    while (pidsIn(list).length < STARTED_COUNT) await new Promise((resolve) => setImmediate(resolve));
    runner.kill(signal);
    assert.deepEqual(await exited, [code, null]);
    await allGone(pidsIn(list));
    assert.deepEqual(readdirSync(copy.temporary), []);
  });
}

test('when nobody reads the results any more, everything ends', onPosix, async () => {
  using copy = new RunnerCopy({ 'bad.test.js': "test('bad', () => { throw new Error('why'); });" });
  const list = join(copy.folder, 'pids');
  writeFileSync(join(dirname(copy.program), 'stuck.test.js'), `import { test } from 'node:test';${stuck(list)}`);
  const runner = copy.start();
  runner.stdout.destroy();
  assert.deepEqual(await once(runner, 'exit'), [1, null]);
  await allGone(pidsIn(list));
  assert.deepEqual(readdirSync(copy.temporary), []);
});
