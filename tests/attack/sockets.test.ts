/** With network access a command can connect: to what it needs, and not to what gives it the rights of others. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { abstractSocketGuard } from '../../src/exec/abstract-sockets.ts';
import { confinementFor, findSandbox } from '../../src/exec/sandbox.ts';
import { PATH, runScript, scratch } from '../exec/support/commands.ts';
import { mountProblem, withMounts } from '../support/mounts.ts';
import { attempt, folderOf, type User, users } from './support/attempt.ts';

const box = scratch();
const run = join(box.path, 'run');
const home = join(box.path, 'home');
const tmp = join(box.path, 'tmp');
const servers: Server[] = [];

/** Below what will be /run, the home folder, and the folder for temporary files. */
const CLOSED = [
  '/run/docker.sock',
  '/run/docker/plugins/any.sock',
  '/run/containerd/containerd.sock',
  '/run/podman/podman.sock',
  '/run/dbus/system_bus_socket',
  '/run/systemd/private',
  '/run/systemd/journal/socket',
  '/run/libvirt/libvirt-sock',
  '/run/snapd.socket',
  '/run/unheard-of/deep/inside/control',
  '/run/user/1000/bus',
  '/run/user/1000/systemd/private',
  '/run/user/1000/docker.sock',
  '/run/user/1000/wayland-0',
  'home/.docker/run/docker.sock',
  'home/own.sock',
  'tmp/tmux-1000/default',
  'tmp/.X11-unix/X0',
  'tmp/dbus-abc',
  'tmp/emacs1000/server',
  'tmp/vscode-ipc-1.sock',
  'work/named.sock',
  'tmp/runtime/bus',
  'tmp/runtime/podman/podman.sock',
];
const OPEN = [
  '/run/postgresql/.s.PGSQL.5432',
  '/run/user/1000/keyring/ssh',
  'tmp/test-server.sock',
  'work/server.sock',
];
const ALLOWED = ['/run/docker.sock', '/run/podman/podman.sock', 'home/own.sock', '/run/user/1000/bus'];

const realPathOf = (name: string): string => join(box.path, name);
/** As a command sees it. */
const seen = (name: string): string => (name.startsWith('/run/') ? name : realPathOf(name));

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve) => server.listen(path, resolve));

before(async () => {
  for (const name of [...CLOSED, ...OPEN]) {
    const server = createServer((socket) => socket.end());
    servers.push(server);
    mkdirSync(dirname(realPathOf(name)), { recursive: true });
    await listening(server, realPathOf(name));
    chmodSync(realPathOf(name), 0o777);
  }
});

after(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  box[Symbol.dispose]();
});

const CONNECT = `const connect = (path) => new Promise((resolve) => require('node:net').connect(path)
  .on('connect', () => resolve([path])).on('error', () => resolve([])));
Promise.all(process.argv.slice(1).map(connect)).then((reached) => console.log(JSON.stringify(reached.flat())));`;

async function reached(user: User, allowed: readonly string[] = []): Promise<readonly string[]> {
  const work = folderOf(user, join(box.path, 'work'));
  const again = CLOSED.filter((name) => name.startsWith('/run/')).map((name) =>
    name.replace('/run', realPathOf('second')),
  );
  const names = [...[...CLOSED, ...OPEN].map(seen), ...again];
  const script = `'${process.execPath}' -e "${CONNECT}" ${names.join(' ')}`;
  const env = {
    HOME: home,
    TMPDIR: tmp,
    XDG_RUNTIME_DIR: join(tmp, 'runtime'),
    SSH_AUTH_SOCK: '/run/user/1000/keyring/ssh',
    DOCKER_HOST: `unix://${realPathOf('work/named.sock')}`,
  };
  const second = join(box.path, 'second');
  mkdirSync(second, { recursive: true });
  const inFront = withMounts([
    { from: run, to: '/run' },
    { from: run, to: second },
  ]);
  const what = { cwd: work, script, network: true, roots: [tmp], allowed: allowed.map(seen) };
  const { stdout = '', stderr } = await attempt(user, what, { env, inFront });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

const LISTEN_ABSTRACT =
  'use Socket; $| = 1; socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un("\\0$ARGV[0]")) or die; listen(S, 9); print "ready\\n"; accept(C, S);';
const CONNECT_ABSTRACT =
  'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); print connect(S, pack_sockaddr_un("\\0$ARGV[0]")) ? "connected\\n" : "refused\\n";';

async function abstractSocket(name: string): Promise<AsyncDisposable> {
  const child = spawn('perl', ['-e', LISTEN_ABSTRACT, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { [Symbol.asyncDispose]: end };
}

const noScopes =
  (await abstractSocketGuard()) === null ? 'the kernel, or the absence of Perl, leaves them open' : false;
const problem = process.platform === 'linux' ? mountProblem() : 'the sandbox exists on Linux only';

for (const user of users(box.path)) {
  test(`sockets: what gives the rights of others is closed to ${user.name}, what tests and git need is open`, {
    skip: problem || user.skip,
  }, async () => {
    assert.deepEqual([...(await reached(user))].sort(), OPEN.map(seen).sort());
  });

  test(`sockets: what the user allows is open to ${user.name}, beside what is open anyway`, {
    skip: problem || user.skip,
  }, async () => {
    assert.deepEqual([...(await reached(user, ALLOWED))].sort(), [...OPEN, ...ALLOWED].map(seen).sort());
  });

  test(`sockets: an abstract socket of somebody else is closed to ${user.name}, one of the command's own is open`, {
    skip: noScopes || user.skip,
  }, async () => {
    const theirs = `shardex-theirs-${process.pid}`;
    await using _ = await abstractSocket(theirs);
    const own = `shardex-own-${process.pid}`;
    const ask = (name: string): string => `perl -e '${CONNECT_ABSTRACT}' ${name}`;
    const script = `perl -e '${LISTEN_ABSTRACT}' ${own} | { read -r ready; ${ask(theirs)}; ${ask(own)}; }; echo "$PERL5OPT"`;
    const cwd = folderOf(user, join(box.path, 'work'));
    const { stdout } = await attempt(user, { cwd, script, network: true }, { env: { PERL5OPT: '-w' } });
    assert.equal(stdout, 'refused\nconnected\n-w\n');
  });
}

test('sockets: more of them than can be hidden are a refusal that says so', { skip: problem }, async () => {
  const many = Array.from({ length: 513 }, () => createServer());
  const [folder, run] = [process.cwd(), join(box.path, 'many')];
  mkdirSync(run);
  // Bound by names that mean nothing to others: whatever else is tested meanwhile must not meet them.
  process.chdir(run);
  await Promise.all(many.map((server, at) => listening(server, `socket-${at}`)));
  try {
    const what = { cwd: join(box.path, 'work'), script: 'true' };
    const [user] = users(box.path);
    assert.ok(user !== undefined);
    const anybody = { ...user, words: [] };
    const options = { inFront: withMounts([{ from: run, to: '/run' }]) };
    const { kind, message = '' } = await attempt(anybody, { ...what, network: true }, options);
    assert.equal(kind, 'refused');
    assert.match(message, /more socket files than can be hidden/);
    assert.equal((await attempt(anybody, what, options)).exitCode, 0);
  } finally {
    await Promise.all(many.map((server) => new Promise((resolve) => server.close(resolve))));
    process.chdir(folder);
  }
});

test('sockets: one that goes while a command is being started is no reason for it to fail', {
  skip: problem,
}, async () => {
  const cwd = join(box.path, 'work');
  const passing = createServer();
  await listening(passing, join(box.path, 'passing.sock'));
  const policy = {
    type: 'workspaceWrite',
    networkAccess: true,
    excludeSlashTmp: true,
    excludeTmpdirEnvVar: true,
  } as const;
  const confinement = confinementFor({
    policy: { ...policy, writableRoots: [] },
    cwd,
    env: { PATH, CODEX_HOME: '/' },
    availability: await findSandbox({ PATH }),
  });
  assert.ok(confinement.kind === 'planned');
  const { plan } = confinement;
  let starts = 0;
  const holdNames = () => {
    const hold = plan.holdNames();
    if (starts++ === 0) rmSync(join(box.path, 'passing.sock'));
    return hold;
  };
  const result = await runScript('echo fine', { cwd, sandbox: { ...plan, holdNames } });
  await new Promise((resolve) => passing.close(resolve));
  assert.ok(result.kind === 'exited');
  assert.deepEqual([result.stdout, starts > 1], ['fine\n', true]);
});
