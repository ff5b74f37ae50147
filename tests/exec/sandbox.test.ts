import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isDenial } from '../../src/exec/denial.ts';
import { type CommandSpec, runCommand } from '../../src/exec/run.ts';
import {
  confinementFor,
  findSandbox,
  SANDBOX_PROGRAM_VARIABLE,
  type SandboxAvailability,
  type SandboxPlan,
} from '../../src/exec/sandbox.ts';
import type { SandboxPolicy } from '../../src/protocol/policies.ts';
import { HeldTime } from '../support/held-time.ts';
import { until } from '../support/patience.ts';
import { exited, groupIsGone, never, PATH, runScript, scratch, specOf } from './support/commands.ts';

const READ_ONLY: SandboxPolicy = { type: 'readOnly' };

const workspace = (more: Partial<SandboxPolicy & { type: 'workspaceWrite' }> = {}): SandboxPolicy => ({
  type: 'workspaceWrite',
  writableRoots: [],
  networkAccess: false,
  excludeTmpdirEnvVar: true,
  excludeSlashTmp: true,
  ...more,
});

let availability: SandboxAvailability;
before(async () => {
  availability = await findSandbox({ PATH });
  assert.equal(availability.kind, 'bubblewrap', JSON.stringify(availability));
});

function planFor(policy: SandboxPolicy, cwd: string, env: Record<string, string> = {}): SandboxPlan {
  const confinement = confinementFor({ policy, cwd, env, availability });
  if (confinement.kind !== 'planned') throw new Error(JSON.stringify(confinement));
  return confinement.plan;
}

async function confined(script: string, policy: SandboxPolicy, cwd: string, more: Partial<CommandSpec> = {}) {
  const sandbox = planFor(policy, cwd);
  const result = exited(await runScript(script, { cwd, sandbox, ...more }));
  return { ...result, isDenied: isDenial(result, sandbox) };
}

test('read-only: everything can be read, nothing written, and the failure counts as denied', async () => {
  using folder = scratch();
  writeFileSync(join(folder.path, 'old'), 'content');
  const result = await confined('cat old; echo x > new', READ_ONLY, folder.path);
  assert.equal(result.stdout, 'content');
  assert.notEqual(result.exitCode, 0);
  assert.equal(result.isDenied, true);
  assert.equal(existsSync(join(folder.path, 'new')), false);
});

test('a command that succeeds, or fails on its own account, is not denied', async () => {
  using folder = scratch();
  assert.equal((await confined('echo permission denied', READ_ONLY, folder.path)).isDenied, false);
  assert.equal((await confined('exit 1', READ_ONLY, folder.path)).isDenied, false);
});

test('/dev/null can be written, devices cannot be reached', async () => {
  using folder = scratch();
  const result = await confined(
    'echo x > /dev/null && test ! -e /dev/kmsg && test ! -e /dev/vda',
    READ_ONLY,
    folder.path,
  );
  assert.equal(result.exitCode, 0, result.stderr);
});

test('workspace-write: the turn folder and the named roots can be written, their neighbours not', async () => {
  using folder = scratch();
  const [cwd, extra, other] = ['cwd', 'extra', 'other'].map((name) => join(folder.path, name));
  assert.ok(cwd !== undefined && extra !== undefined && other !== undefined);
  for (const path of [cwd, extra, other]) mkdirSync(path);
  const policy = workspace({ writableRoots: [extra, join(folder.path, 'missing')] });
  assert.equal((await confined(`echo x > in && echo y > ${extra}/in`, policy, cwd)).exitCode, 0);
  assert.equal(readFileSync(join(extra, 'in'), 'utf8'), 'y\n');
  const outside = await confined(`echo x > ${other}/out`, policy, cwd);
  assert.equal(outside.isDenied, true);
  assert.equal(existsSync(join(other, 'out')), false);
});

test('a root behind a link is writable at its real place', async () => {
  using folder = scratch();
  mkdirSync(join(folder.path, 'real'));
  symlinkSync('real', join(folder.path, 'link'));
  const result = await confined('echo x > in', workspace(), join(folder.path, 'link'));
  assert.equal(result.exitCode, 0, result.stderr);
  assert.ok(existsSync(join(folder.path, 'real/in')));
});

test('temporary folders are writable unless excluded', async () => {
  using folder = scratch();
  using tmp = scratch();
  const name = `/tmp/shardex-${process.pid}-${Date.now()}`;
  const script = `echo x > ${name} && rm ${name}; a=$?; echo x > ${tmp.path}/t; echo $a $?`;
  const run = async (policy: SandboxPolicy): Promise<string> => {
    const sandbox = planFor(policy, folder.path, { TMPDIR: tmp.path });
    return exited(await runScript(script, { cwd: folder.path, sandbox })).stdout;
  };
  assert.equal(await run(workspace({ excludeSlashTmp: false, excludeTmpdirEnvVar: false })), '0 0\n');
  assert.match(await run(workspace({ excludeSlashTmp: true, excludeTmpdirEnvVar: false })), /^[12] 0\n$/);
  assert.match(await run(workspace({ excludeSlashTmp: false, excludeTmpdirEnvVar: true })), /^0 [12]\n$/);
});

test('.git and .codex inside a root are read-only and cannot be moved away', async () => {
  using folder = scratch();
  for (const name of ['.git', '.codex', 'sub', 'sub/.git']) mkdirSync(join(folder.path, name));
  for (const script of ['echo x > .git/hook', 'echo x > .codex/config.toml', 'mv .git away', 'rm -r .codex']) {
    const result = await confined(script, workspace(), folder.path);
    assert.notEqual(result.exitCode, 0, script);
  }
  assert.ok((await confined('echo x > .git/hook', workspace(), folder.path)).isDenied);
  assert.equal((await confined('echo x > sub/.git/hook', workspace(), folder.path)).exitCode, 0);
  assert.ok(existsSync(join(folder.path, '.git')) && existsSync(join(folder.path, '.codex')));
});

test('a .git file and the folder it points to are read-only', async () => {
  using folder = scratch();
  const tree = join(folder.path, 'tree');
  for (const name of ['tree', 'store', 'store/worktree']) mkdirSync(join(folder.path, name));
  writeFileSync(join(tree, '.git'), 'gitdir: ../store/worktree\n');
  const policy = workspace({ writableRoots: [folder.path] });
  assert.ok((await confined('echo x > .git', policy, tree)).isDenied);
  assert.ok((await confined('echo x > ../store/worktree/HEAD', policy, tree)).isDenied);
  assert.equal((await confined('echo x > ../store/other', policy, tree)).exitCode, 0);
});

test('a protected folder that is named as a root itself is writable', async () => {
  using folder = scratch();
  mkdirSync(join(folder.path, '.git'));
  const policy = workspace({ writableRoots: [join(folder.path, '.git')] });
  assert.equal((await confined('echo x > .git/in', policy, folder.path)).exitCode, 0);
});

test('the whole disk can be a root', async () => {
  using folder = scratch();
  const result = await confined(`echo x > ${folder.path}/in && echo > /dev/null`, workspace(), '/');
  assert.equal(result.exitCode, 0, result.stderr);
  assert.ok(existsSync(join(folder.path, 'in')));
});

const listening = async (server: Server, at: { port: number; host: string } | string): Promise<void> => {
  await new Promise<void>((resolve) => {
    if (typeof at === 'string') server.listen(at, resolve);
    else server.listen(at, resolve);
  });
};

const CONNECT = `
  const socket = require('node:net').connect(JSON.parse(process.argv[1]));
  socket.on('connect', () => { console.log('connected'); process.exit(0); });
  socket.on('error', (error) => { console.error(error.message, error.code === 'EPERM' ? 'operation not permitted' : ''); process.exit(1); });
`;

const connectArgv = (to: object): string[] => [process.execPath, '-e', CONNECT, JSON.stringify(to)];

test('a connection is denied and counts as denied, also to the own machine and to a socket file', async () => {
  using folder = scratch();
  await using tcp = createServer((socket) => socket.destroy());
  await using unix = createServer((socket) => socket.destroy());
  await listening(tcp, { port: 0, host: '127.0.0.1' });
  const socketPath = join(folder.path, 'socket');
  await listening(unix, socketPath);
  const address = tcp.address();
  assert.ok(typeof address === 'object' && address !== null);
  for (const to of [{ port: address.port, host: '127.0.0.1' }, { path: socketPath }]) {
    for (const policy of [READ_ONLY, workspace()]) {
      const sandbox = planFor(policy, folder.path);
      const result = exited(await runCommand(specOf(connectArgv(to), { cwd: folder.path, sandbox }), never));
      assert.equal(result.stdout, '', JSON.stringify(to));
      assert.ok(isDenial(result, sandbox), result.stderr);
    }
    const sandbox = planFor(workspace({ networkAccess: true }), folder.path);
    const result = exited(await runCommand(specOf(connectArgv(to), { cwd: folder.path, sandbox }), never));
    assert.equal(result.stdout, 'connected\n', result.stderr);
  }
});

test('a plain shell connection is refused with words that count as denied', async () => {
  using folder = scratch();
  await using server = createServer((socket) => socket.destroy());
  await listening(server, { port: 0, host: '127.0.0.1' });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const sandbox = planFor(READ_ONLY, folder.path);
  const argv = ['/bin/bash', '-c', `echo x > /dev/tcp/127.0.0.1/${address.port}`];
  const result = exited(await runCommand(specOf(argv, { cwd: folder.path, sandbox }), never));
  assert.ok(isDenial(result, sandbox), result.stderr);
});

test('programs that talk to their own children work without the network', async () => {
  using folder = scratch();
  const script = `
    const child = require('node:child_process').spawnSync(process.execPath, ['-e', 'console.log("from the child")']);
    process.stdout.write(child.stdout);
  `;
  const sandbox = planFor(READ_ONLY, folder.path);
  const result = exited(
    await runCommand(specOf([process.execPath, '-e', script], { cwd: folder.path, sandbox }), never),
  );
  assert.equal(result.stdout, 'from the child\n', result.stderr);
});

test('mounts cannot be undone from inside', async () => {
  using folder = scratch();
  const undo = 'mount -o remount,rw / ; umount /proc ; echo x > new; echo x > /proc/1/root/var/tmp/shardex-escape';
  const result = await confined(undo, READ_ONLY, folder.path);
  assert.notEqual(result.exitCode, 0);
  assert.equal(existsSync(join(folder.path, 'new')), false);
  assert.equal(existsSync('/var/tmp/shardex-escape'), false);
});

test('processes outside cannot be seen or signalled', async () => {
  using folder = scratch();
  const result = await confined(`kill -0 ${process.pid}`, READ_ONLY, folder.path);
  assert.notEqual(result.exitCode, 0);
});

test('a missing program or folder is a failure to start, as without a sandbox', async () => {
  using folder = scratch();
  const sandbox = planFor(READ_ONLY, folder.path);
  const codes: string[] = [];
  for (const spec of [
    specOf(['no-such-program'], { sandbox }),
    specOf(['./no-such-program'], { cwd: folder.path, sandbox }),
    specOf(['true'], { cwd: join(folder.path, 'missing'), sandbox }),
    specOf(['/etc/passwd'], { sandbox }),
  ]) {
    const result = await runCommand(spec, never);
    codes.push(result.kind === 'spawnFailed' ? result.code : result.kind);
  }
  assert.deepEqual(codes, ['ENOENT', 'ENOENT', 'ENOENT', 'EACCES']);
});

test('a confined command that is stopped may tidy up, and then nothing of it is left, not even a daemon', async () => {
  using folder = scratch();
  let groupId = 0;
  const marker = `10${process.pid}`;
  const ready = new AbortController();
  const sandbox = planFor(workspace(), folder.path);
  const script = `setsid sleep ${marker} & trap 'echo tidied > tidy; exit' TERM; echo ready; while :; do sleep 0.02; done`;
  const options = {
    cwd: folder.path,
    sandbox,
    onSpawn: (id: number): void => {
      groupId = id;
    },
    onOutput: () => ready.abort(),
  };
  const result = await runScript(script, options, ready.signal);
  assert.equal(result.kind, 'aborted');
  await groupIsGone(groupId);
  assert.equal(readFileSync(join(folder.path, 'tidy'), 'utf8'), 'tidied\n');
  const search = async (): Promise<string> =>
    exited(await runScript(`ps -eo args | grep -c '[s]leep ${marker}'`)).stdout;
  let left = await search();
  await until(() => {
    void search().then((count) => {
      left = count;
    });
    return left === '0\n';
  }, 'the end of the daemon');
});

test('a confined command that runs out of time leaves nothing behind', async (context) => {
  const time = new HeldTime(context);
  using folder = scratch();
  let groupId = 0;
  const sandbox = planFor(READ_ONLY, folder.path);
  const options = {
    cwd: folder.path,
    sandbox,
    timeoutMs: 300,
    onSpawn: (id: number): void => {
      groupId = id;
    },
    onOutput: (): void => void setImmediate(() => time.pass(300)),
  };
  const result = exited(await runScript('trap "" TERM; echo early; while :; do sleep 1000; done', options));
  assert.deepEqual([result.exitCode, result.stdout], [124, 'early\n']);
  time.pass(1_000);
  await groupIsGone(groupId);
});

test('policies that do not confine need no sandbox', () => {
  const missing: SandboxAvailability = { kind: 'unavailable', reason: 'none', remedy: 'none' };
  const policies: SandboxPolicy[] = [
    { type: 'dangerFullAccess' },
    { type: 'externalSandbox', networkAccess: 'restricted' },
  ];
  for (const policy of policies) {
    assert.equal(confinementFor({ policy, cwd: '/', env: {}, availability: missing }).kind, 'none');
  }
});

test('without bubblewrap a confined command is refused, with what to install', async () => {
  const hidden: SandboxAvailability[] = [
    await findSandbox({ PATH: '/no/such/folder' }),
    await findSandbox({ PATH: 'relative:.' }),
    await findSandbox({ PATH, [SANDBOX_PROGRAM_VARIABLE]: '/no/such/bwrap' }),
    await findSandbox({ PATH, [SANDBOX_PROGRAM_VARIABLE]: '' }),
    await findSandbox({}),
  ];
  for (const found of hidden) {
    for (const policy of [READ_ONLY, workspace()]) {
      const confinement = confinementFor({ policy, cwd: '/', env: {}, availability: found });
      if (confinement.kind !== 'refused') throw new Error(`not refused: ${JSON.stringify(confinement)}`);
      assert.match(confinement.message, /install the package "bubblewrap"/);
    }
  }
});

test('a bubblewrap that may not create namespaces is unavailable, with its own reason', async () => {
  using folder = scratch();
  const program = join(folder.path, 'bwrap');
  writeFileSync(program, '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n', {
    mode: 0o755,
  });
  const found = await findSandbox({ [SANDBOX_PROGRAM_VARIABLE]: program });
  assert.equal(found.kind, 'unavailable');
  assert.match(found.kind === 'unavailable' ? found.reason : '', /No permissions to create new namespace/);
  const confinement = confinementFor({ policy: READ_ONLY, cwd: '/', env: {}, availability: found });
  // It is installed: that it should be would help nobody.
  assert.match(confinement.kind === 'refused' ? confinement.message : '', /allow it to create namespaces/);
  assert.doesNotMatch(confinement.kind === 'refused' ? confinement.message : '', /install/);
});

after(() => {
  assert.equal(existsSync('/var/tmp/shardex-escape'), false);
});
