import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { posixGroups } from '../../src/base/process-groups.ts';
import { DELTA_BYTES, DELTAS_PER_STREAM, RETAINED_BYTES } from '../../src/exec/output.ts';
import { runCommand } from '../../src/exec/run.ts';
import { HeldTime } from '../support/held-time.ts';
import { until } from '../support/patience.ts';
import { exited, groupIsGone, never, runScript, scratch, specOf } from './support/commands.ts';

test('a command yields its exit code and both streams, apart and together', async () => {
  const result = exited(await runScript('echo out; echo err >&2; exit 3'));
  assert.equal(result.exitCode, 3);
  assert.equal(result.stdout, 'out\n');
  assert.equal(result.stderr, 'err\n');
  assert.equal(result.aggregated, 'out\nerr\n');
  assert.equal(result.timedOut, false);
  assert.ok(result.durationMs >= 0 && Number.isInteger(result.durationMs));
});

test('words reach the program as they are, no shell in between', async () => {
  const result = exited(await runCommand(specOf(['printf', '%s|', 'a b', '$HOME', '*']), never));
  assert.equal(result.stdout, 'a b|$HOME|*|');
});

test('standard input is empty', async () => {
  assert.equal(exited(await runScript('cat; readlink /proc/self/fd/0')).stdout, '/dev/null\n');
});

test('a command sees only the environment and the folder it was given', async () => {
  using folder = scratch();
  const result = exited(await runScript('echo $ONLY; echo $HOME; pwd', { env: { ONLY: 'this' }, cwd: folder.path }));
  assert.equal(result.stdout, `this\n\n${folder.path}\n`);
});

test('a script may open its output again by name', async () => {
  const result = exited(await runScript('echo out > /dev/stdout; echo err > /dev/stderr'));
  assert.deepEqual([result.exitCode, result.stdout, result.stderr], [0, 'out\n', 'err\n']);
});

test('a command inherits no descriptors of the server but its three streams', async () => {
  const result = exited(await runScript('ls /proc/$$/fd'));
  assert.deepEqual(result.stdout.trim().split(/\s+/).slice(0, 3), ['0', '1', '2']);
  assert.ok(result.stdout.trim().split(/\s+/).length <= 4, result.stdout);
});

test('a command reads all of its input, or as much as it likes', async () => {
  const stdin = 'x'.repeat(3_000_000);
  assert.equal(exited(await runCommand(specOf(['wc', '-c'], { stdin }), never)).stdout.trim(), '3000000');
  assert.equal(exited(await runCommand(specOf(['head', '-c', '3'], { stdin }), never)).stdout, 'xxx');
  assert.equal(exited(await runCommand(specOf(['true'], { stdin }), never)).exitCode, 0);
  assert.equal((await runCommand(specOf(['/no/such/program'], { stdin }), never)).kind, 'spawnFailed');
});

test('running commands leaves no descriptors open', async () => {
  const count = (): number => readdirSync('/proc/self/fd').length;
  await runScript('true');
  const before = count();
  await Promise.all(Array.from({ length: 20 }, () => runScript('echo x')));
  await runCommand(specOf(['/no/such/program']), never);
  await until(() => count() <= before, 'all descriptors closed');
});

test('death by a signal is distinct from an exit', async () => {
  const result = await runScript('echo last; kill -9 $$');
  assert.equal(result.kind, 'signalled');
  assert.equal(result.kind === 'signalled' && result.signal, 'SIGKILL');
  assert.equal(result.kind === 'signalled' && result.stdout, 'last\n');
});

test('a missing program, a missing folder and an impossible word are failures to start', async () => {
  const failures = await Promise.all([
    runCommand(specOf(['/no/such/program']), never),
    runCommand(specOf(['no-such-program'], { env: { PATH: '/usr/bin:/bin' } }), never),
    runCommand(specOf(['true'], { cwd: '/no/such/folder' }), never),
    runCommand(specOf(['/etc/passwd']), never),
    runCommand(specOf(['echo', 'a\0b']), never),
    runCommand(specOf([]), never),
  ]);
  const codes = failures.map((result) => (result.kind === 'spawnFailed' ? result.code : result.kind));
  assert.deepEqual(codes, ['ENOENT', 'ENOENT', 'ENOENT', 'EACCES', 'EINVAL', 'EINVAL']);
  const [first] = failures;
  assert.ok(first?.kind === 'spawnFailed');
  assert.deepEqual([first.errno, first.message], [2, 'No such file or directory']);
});

test('a folder that cannot be looked at is a failure to start, confined too', async () => {
  using folder = scratch();
  const loop = join(folder.path, 'loop');
  symlinkSync(loop, loop);
  const sandbox = {
    guard: [],
    program: '/bin/true',
    args: [],
    filter: null,
    deniesNetwork: false,
    inherited: [],
    holdNames: assert.fail,
  };
  const codes: string[] = [];
  for (const cwd of [loop, `/${'x'.repeat(300)}`, '/a\0b', join(folder.path, 'none')]) {
    const result = await runCommand(specOf(['true'], { cwd, sandbox }), never);
    codes.push(result.kind === 'spawnFailed' ? result.code : result.kind);
  }
  assert.deepEqual(codes, ['ELOOP', 'ENAMETOOLONG', 'EINVAL', 'ENOENT']);
});

test('when the time runs out the exit code is 124, the output so far is kept and nothing of the group survives', async (context) => {
  const time = new HeldTime(context);
  let groupId = 0;
  const onSpawn = (id: number): void => {
    groupId = id;
  };
  const onOutput = (): void => void setImmediate(() => time.pass(300));
  const script = 'echo early; (sleep 1000 & sleep 1000); echo late';
  const result = exited(await runScript(script, { timeoutMs: 300, onSpawn, onOutput }));
  assert.equal(result.exitCode, 124);
  assert.equal(result.timedOut, true);
  assert.equal(result.aggregated, 'early\n');
  await groupIsGone(groupId);
});

test('a group that ignores the polite signal is killed after the grace', async (context) => {
  const time = new HeldTime(context);
  let groupId = 0;
  const ready = new AbortController();
  const onOutput = (): void => ready.abort();
  const result = await runScript(
    'trap "" TERM; (trap "" TERM; while :; do sleep 1000; done) & echo ready; while :; do sleep 1000; done',
    {
      onSpawn: (id) => {
        groupId = id;
      },
      onOutput,
    },
    ready.signal,
  );
  assert.equal(result.kind, 'aborted');
  assert.ok(posixGroups.isAlive(groupId), 'the polite signal was not ignored');
  time.pass(1_000);
  await groupIsGone(groupId);
});

test('an abort is answered at once with the output so far, and leaves time to tidy up', async (context) => {
  new HeldTime(context);
  using folder = scratch();
  const mark = join(folder.path, 'tidy');
  const go = join(folder.path, 'go');
  const ready = new AbortController();
  const onOutput = (): void => ready.abort();
  let groupId = 0;
  const tidy = `until [ -e ${go} ]; do sleep 0.02; done; echo tidied > ${mark}; exit`;
  const script = `trap '${tidy}' TERM; echo ready; while :; do sleep 0.05; done`;
  const result = await runScript(
    script,
    {
      onOutput,
      onSpawn: (id) => {
        groupId = id;
      },
    },
    ready.signal,
  );
  assert.ok(posixGroups.isAlive(groupId), 'the answer waited for the process');
  writeFileSync(go, '');
  assert.equal(result.kind === 'aborted' && result.stdout, 'ready\n');
  await groupIsGone(groupId);
  assert.equal(readFileSync(mark, 'utf8'), 'tidied\n');
});

test('an aborted signal starts nothing', async () => {
  using folder = scratch();
  const mark = join(folder.path, 'started');
  const result = await runScript(`touch ${mark}`, {}, AbortSignal.abort());
  assert.equal(result.kind, 'aborted');
  assert.equal(existsSync(mark), false);
});

/** A script whose end leaves something in the background, on its way; `beyond` resolves when it has exited and said so much. */
function background(script: string) {
  let groupId = 0;
  let text = '';
  let hasExited = false;
  const result = runScript(script, {
    onSpawn: (id) => {
      groupId = id;
    },
    onOutput: (_, chunk) => {
      text += chunk;
    },
    onExit: () => {
      hasExited = true;
    },
  });
  const end = async (): Promise<void> => {
    posixGroups.kill(groupId);
    await groupIsGone(groupId);
  };
  const beyond = (said: number): Promise<void> => until(() => hasExited && text.length > said, 'the output');
  return { result, beyond, end, isAlive: () => posixGroups.isAlive(groupId), length: () => text.length };
}

test('a background child that holds the pipes costs neither time nor text, and lives on', async (context) => {
  const time = new HeldTime(context);
  const { result, beyond, isAlive, end } = background('echo text; sleep 1000 & echo more >&2');
  await beyond('text\n'.length);
  const tookMs = await time.msOf(result);
  const { exitCode, aggregated } = exited(await result);
  assert.deepEqual([exitCode, aggregated], [0, 'text\nmore\n']);
  assert.ok(tookMs < 900, String(tookMs));
  assert.ok(isAlive());
  await end();
});

test('output that a background child writes soon after the exit is still kept', async (context) => {
  const time = new HeldTime(context);
  const { result, beyond } = background('(sleep 0.05; echo after) & echo before');
  await beyond('before\n'.length);
  await time.msOf(result);
  assert.equal(exited(await result).stdout, 'before\nafter\n');
});

test('a background child that never stops talking does not hold up the result for more than two seconds', async (context) => {
  const time = new HeldTime(context);
  const { result, beyond, length, end } = background('while :; do echo x; sleep 0.02; done & echo y');
  let isDone = false;
  const done = result.then(() => {
    isDone = true;
  });
  for (let tookMs = 0; tookMs < 2_000; tookMs += 100) {
    await beyond(length());
    assert.equal(isDone, false, String(tookMs));
    time.pass(100);
  }
  await done;
  await end();
});

test('the group is announced before any output and its end after the exit', async () => {
  const events: string[] = [];
  let groupId = 0;
  await runScript('echo x', {
    onSpawn: (id) => {
      groupId = id;
      events.push('spawn');
    },
    onOutput: (stream) => events.push(stream),
    onExit: (id) => events.push(id === groupId ? 'exit' : 'other'),
  });
  assert.deepEqual([events[0], [...events].sort()], ['spawn', ['exit', 'spawn', 'stdout']]);
});

test('no piece of output is longer than 8192 bytes, and the pieces are the whole', async () => {
  const pieces: Buffer[] = [];
  const result = exited(
    await runScript("head -c 300000 /dev/zero | tr '\\0' x", {
      onOutput: (_, chunk) => pieces.push(Buffer.from(chunk)),
    }),
  );
  assert.ok(pieces.every((piece) => piece.length <= DELTA_BYTES));
  assert.equal(Buffer.concat(pieces).toString(), result.stdout);
  assert.equal(result.stdout.length, 300_000);
});

test('of each stream a mebibyte is kept, and of both together', async () => {
  const fill = (bytes: number, letter: string): string => `head -c ${bytes} /dev/zero | tr '\\0' ${letter}`;
  const result = exited(await runScript(`${fill(3_000_000, 'o')}; (${fill(2_000_000, 'e')}) >&2; echo end`));
  assert.equal(result.stdout.length, RETAINED_BYTES);
  assert.equal(result.stderr.length, RETAINED_BYTES);
  assert.equal(result.aggregated.length, RETAINED_BYTES);
  const third = Math.floor(RETAINED_BYTES / 3);
  assert.equal(result.aggregated.lastIndexOf('o'), third - 1);
});

test('after ten thousand pieces a stream is only collected', async () => {
  let count = 0;
  const bytes = (DELTAS_PER_STREAM + 50) * DELTA_BYTES;
  const result = exited(
    await runScript(`head -c ${bytes} /dev/zero`, {
      onOutput: () => {
        count += 1;
      },
      timeoutMs: 60_000,
    }),
  );
  assert.equal(count, DELTAS_PER_STREAM);
  assert.equal(result.exitCode, 0);
});
