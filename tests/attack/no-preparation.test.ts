/** What one command does to paths must not open more to the next one, nor have the server itself do it. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NameGuard } from '../../src/exec/name-guard.ts';
import { Placeholders } from '../../src/exec/placeholders.ts';
import type { SandboxPlan } from '../../src/exec/sandbox.ts';
import { runScript, scratch } from '../exec/support/commands.ts';
import { planFor, put } from '../exec/support/protected.ts';
import { Box, type TurnWatch } from '../support/box.ts';
import { calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { mountProblem, withMounts } from '../support/mounts.ts';
import { attempt, BY_NAME, users } from './support/attempt.ts';

const onLinux = { skip: process.platform === 'linux' ? false : 'the sandbox exists on Linux only' };

/** Writable: the thread's folder and `open`. Beside them a folder of the user's, `secret`. */
const openBox = (roots: readonly string[] = []): Promise<Box> =>
  Box.open({
    sandboxMode: 'workspace-write',
    prepare: (box) => {
      put(box.folder, 'open/', 'open/a/ws/', 'secret/ws/', 'secret/kept = secret');
      const writable = ['open', ...roots].map((root) => JSON.stringify(join(box.folder, root)));
      const only = 'exclude_slash_tmp = true\nexclude_tmpdir_env_var = true\n';
      box.writeConfig({
        sandboxMode: 'workspace-write',
        tables: `[sandbox_workspace_write]\nwritable_roots = [${writable.join(', ')}]\n${only}`,
      });
    },
  });

async function command(box: Box, threadId: string, script: string, params: object = {}): Promise<TurnWatch> {
  box.model.script(stream(calls(shell('c1', ['sh', '-c', script]))), stream(says('done')));
  return box.completed(threadId, 'go', params);
}

const isUntouched = (box: Box): void =>
  assert.deepEqual(readdirSync(join(box.folder, 'secret'), { recursive: true }).sort(), ['kept', 'ws']);

test('no-preparation: a root that was missing and becomes a link opens nothing', onLinux, async () => {
  await using box = await openBox(['open/later']);
  const thread = await box.thread();
  await command(box, thread, 'ln -s ../secret ../open/later && echo made');
  const turn = await command(box, thread, 'echo x > ../secret/out; echo x > ../open/later/out');
  assert.match(turn.items('commandExecution')[0].aggregatedOutput, /is not where it was/);
  isUntouched(box);
});

test('no-preparation: a root that was missing and becomes a folder can be written to', onLinux, async () => {
  await using box = await openBox(['open/later']);
  const thread = await box.thread();
  await command(box, thread, 'mkdir ../open/later');
  const turn = await command(box, thread, 'echo fine > ../open/later/out');
  assert.equal(turn.items('commandExecution')[0].exitCode, 0);
});

test('no-preparation: a root whose parent is renamed and replaced opens nothing', onLinux, async () => {
  await using box = await openBox();
  const [swapper, victim] = [await box.thread(), await box.thread()];
  const root = join(box.folder, 'open/a/ws');
  const sandboxPolicy = {
    type: 'workspaceWrite',
    writableRoots: [root],
    excludeSlashTmp: true,
    excludeTmpdirEnvVar: true,
  };
  await command(box, victim, `echo fine > ${root}/in`, { sandboxPolicy });
  assert.equal(readFileSync(join(root, 'in'), 'utf8'), 'fine\n');
  await command(box, swapper, 'cd ../open && mv a b && ln -s ../secret a');
  const turn = await command(box, victim, `echo x > ${root}/out`);
  assert.match(turn.items('commandExecution')[0].aggregatedOutput, /is not where it was/);
  isUntouched(box);
});

test(
  'no-preparation: a folder of a thread that another thread exchanges opens nothing, to new threads neither',
  onLinux,
  async () => {
    await using box = await openBox();
    const cwd = join(box.folder, 'open/a/ws');
    const [swapper, victim] = [await box.thread(), await box.thread({ cwd })];
    await command(box, victim, 'echo fine > out');
    assert.equal(readFileSync(join(cwd, 'out'), 'utf8'), 'fine\n');
    await command(box, swapper, 'cd ../open && mv a/ws a/old && ln -s ../../secret a/ws');
    for (const thread of [victim, await box.thread({ cwd })]) {
      const turn = await command(box, thread, 'echo x > out');
      const [{ aggregatedOutput, status }] = turn.items('commandExecution');
      assert.equal(status, 'failed');
      assert.match(aggregatedOutput, /is not where it was|is a link that a command may have made/);
    }
    isUntouched(box);
  },
);

test('no-preparation: a link that no command can have made is followed as ever', onLinux, async () => {
  await using box = await openBox();
  symlinkSync('secret', join(box.folder, 'elsewhere'));
  const turn = await command(box, await box.thread({ cwd: join(box.folder, 'elsewhere/ws') }), 'echo fine > out');
  assert.equal(turn.items('commandExecution')[0].exitCode, 0);
});

/** The plan, and what happens between the last look at its folders and the mounts. */
const meanwhile = (plan: SandboxPlan, act: () => void): SandboxPlan => ({
  ...plan,
  holdNames: () => {
    const hold = plan.holdNames();
    act();
    return hold;
  },
});

test('no-preparation: a root that is exchanged after the last look at it opens nothing', onLinux, async () => {
  for (const by of ['link', 'folder']) {
    using box = scratch();
    put(box.path, 'ws/', 'secret/');
    const [ws, secret] = [join(box.path, 'ws'), join(box.path, 'secret')];
    const sandbox = meanwhile(planFor(ws), () => {
      renameSync(ws, `${ws}.old`);
      if (by === 'link') symlinkSync('secret', ws);
      else renameSync(secret, ws);
    });
    await runScript(`echo x > ${ws}/out; echo x > ${secret}/out; echo x > out`, { cwd: ws, sandbox });
    assert.deepEqual(readdirSync(by === 'link' ? secret : ws), [], by);
  }
});

test(
  'no-preparation: a root that is exchanged before the last look at it is a failure to start that names it',
  onLinux,
  async () => {
    using box = scratch();
    put(box.path, 'ws/', 'secret/');
    const ws = join(box.path, 'ws');
    const sandbox = planFor(ws);
    renameSync(ws, `${ws}.old`);
    symlinkSync('secret', ws);
    const result = await runScript('echo x > out', { cwd: ws, sandbox });
    assert.ok(result.kind === 'spawnFailed');
    assert.match(result.message, new RegExp(`the writable folder ${ws} is not where it was`));
    assert.deepEqual(readdirSync(join(box.path, 'secret')), []);
  },
);

test('no-preparation: where bubblewrap takes no descriptors, roots are writable by name', onLinux, async () => {
  using box = scratch();
  const program = join(box.path, 'bwrap');
  writeFileSync(program, BY_NAME, { mode: 0o755 });
  put(box.path, 'ws/', 'user/');
  const [user] = users(box.path);
  assert.ok(user !== undefined);
  const what = { cwd: join(box.path, 'ws'), script: 'echo fine > out; echo x > ../user/out; cat out' };
  const { stdout } = await attempt({ ...user, words: [], env: { SHARDEX_BWRAP: program } }, what);
  assert.equal(stdout, 'fine\n');
  assert.deepEqual(readdirSync(join(box.path, 'user')), []);
});

test('no-preparation: the state folder under another name stays closed', {
  skip: onLinux.skip || mountProblem(),
}, async () => {
  await using box = await Box.open({
    sandboxMode: 'workspace-write',
    prepare: (it) => {
      mkdirSync(join(it.workspace, 'whole/home'), { recursive: true });
      mkdirSync(join(it.workspace, 'alias'));
      mkdirSync(join(it.workspace, 'part'));
      mkdirSync(join(it.home, 'rules'));
    },
    inFront: (it) =>
      withMounts([
        { from: it.home, to: join(it.workspace, 'alias') },
        { from: it.folder, to: join(it.workspace, 'whole') },
        { from: join(it.home, 'rules'), to: join(it.workspace, 'part') },
      ]),
  });
  const before = readFileSync(join(box.home, 'config.toml'), 'utf8');
  const script = `ln -s alias linked; for way in alias whole/home linked whole/work/../home ../home; do
    echo x >> $way/config.toml; echo x > $way/auth.json; mv $way gone; done; echo x > part/default.rules; echo tried > tried`;
  await command(box, await box.thread(), script);
  assert.equal(box.read('tried'), 'tried\n');
  assert.equal(readFileSync(join(box.home, 'config.toml'), 'utf8'), before);
  assert.deepEqual([existsSync(join(box.home, 'auth.json')), readdirSync(join(box.home, 'rules'))], [false, []]);
});

test(
  'no-preparation: a protected link is put back in its own folder, not in one that has taken its place',
  onLinux,
  () => {
    using box = scratch();
    put(box.path, 'ws/real.codex/', 'ws/.codex -> real.codex', 'user/.codex/config.toml = own');
    const ws = join(box.path, 'ws');
    const guard = new NameGuard([{ path: join(ws, '.codex'), target: 'real.codex' }], () => undefined);
    renameSync(ws, join(box.path, 'moved'));
    symlinkSync('user', ws);
    guard[Symbol.dispose]();
    assert.deepEqual(readdirSync(join(box.path, 'user')), ['.codex']);
    assert.equal(readFileSync(join(box.path, 'user/.codex/config.toml'), 'utf8'), 'own\n');
  },
);

test('no-preparation: what has taken the place of a placeholder keeps its mode', onLinux, () => {
  using box = scratch();
  put(box.path, 'ws/', 'user/.codex/config.toml = own');
  const placeholders = new Placeholders();
  const name = join(box.path, 'ws/.codex');
  const claim = placeholders.claim(name);
  assert.ok(claim.kind === 'held');
  renameSync(join(box.path, 'ws'), join(box.path, 'moved'));
  symlinkSync('user', join(box.path, 'ws'));
  chmodSync(join(box.path, 'user/.codex'), 0o700);
  placeholders.release(name, claim.holder);
  assert.equal(statSync(join(box.path, 'user/.codex')).mode & 0o7777, 0o700);
});
