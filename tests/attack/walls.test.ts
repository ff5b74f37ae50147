/** What a confined command could reach beside files: the kernel's settings, descriptors, sockets, processes. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { scratch } from '../exec/support/commands.ts';
import { Box } from '../support/box.ts';
import { calls, says, shell } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { attempt, folderOf, type User, users } from './support/attempt.ts';

const notHere = process.platform === 'linux' ? false : 'the sandbox exists on Linux only';

const box = scratch();
after(() => box[Symbol.dispose]());

/** Nothing is written: that it can be opened is enough. Settings of a namespace of the command's own are its own. */
const OPENS = `
for file in /proc/sys/kernel/core_pattern /proc/sys/kernel/domainname /proc/sys/vm/drop_caches /proc/sysrq-trigger \\
  /proc/irq/default_smp_affinity /sys/kernel/mm/transparent_hugepage/enabled /sys/fs/cgroup/cgroup.procs \\
  /sys/fs/cgroup/*/cgroup.procs /dev/kmsg /dev/mem /dev/vda /dev/sda /proc/kcore /proc/1/mem; do
  [ -e "$file" ] && ( exec 3<>"$file" ) 2>/dev/null && echo "$file can be written"
done
find /proc/sys /sys /proc/fs /proc/acpi /proc/driver /proc/bus /proc/irq -type f -perm /222 -writable 2>/dev/null |
  grep -vE '^/proc/sys/(net|user|fs/mqueue|kernel/(auto_msg|msg|sem|shm|ns_last_pid|pid_max))' | head -3
mount -o remount,rw / 2>/dev/null && echo the disk was mounted again
umount /proc/sys 2>/dev/null && echo the settings were uncovered
unshare --user --map-root-user --mount sh -c 'mount -o remount,bind,rw /proc/sys || umount /proc/sys || mount -t proc proc /mnt && find /mnt/sys -maxdepth 0' 2>/dev/null
for process in /proc/[0-9]*; do
  space=$(readlink "$process/ns/pid" 2>/dev/null) && [ "$space" != "$(readlink /proc/self/ns/pid)" ] && echo "$process is open"
  [ "$(cat "$process/comm" 2>/dev/null)" = bwrap ] && ( exec 3<>"$process/mem" ) 2>/dev/null && echo bubblewrap is open
done
echo looked`;

const hasPerl = spawnSync('perl', ['-e', '1']).status === 0;

/** System calls as they are: a datagram to a socket by `sendmsg`, the user's keyring, the memory of process 1. */
const CALLS = String.raw`
use Socket; my $path = shift @ARGV; my ($name, $text) = (pack_sockaddr_un($path), "out");
my $x64 = (POSIX::uname())[4] eq "x86_64";
for my $made (sub { socket($_[0], AF_UNIX, SOCK_DGRAM, 0) }, sub { socketpair($_[0], my $other, AF_UNIX, SOCK_DGRAM, 0) },
  sub { socketpair($_[0], my $other, AF_UNIX, SOCK_RAW, 0) }) {
  $made->(my $socket) or next;
  my $vector = pack("PQ", $text, length $text); my $message = pack("PLx4PQPQlx4", $name, length $name, $vector, 1, "", 0, 0);
  print "a datagram left\n" if syscall($x64 ? 46 : 211, fileno $socket, $message, 0) >= 0;
}
print "the keyring is open\n" if syscall($x64 ? 250 : 219, 0, -3, 0) > 0;
print "process 1 is open\n" if syscall(434, 1, 0) >= 0;
print "the machine around is open\n" if socket(my $vsock, 40, SOCK_STREAM, 0);
print "asked\n";`;

const LISTENS = String.raw`use Socket; my $path = shift @ARGV; unlink $path; $| = 1; socket(my $socket, AF_UNIX, SOCK_DGRAM, 0);
bind($socket, pack_sockaddr_un($path)) or die; chmod 0777, $path; print "ready\n"; while (recv($socket, my $text, 99, 0)) { }`;

/** Somebody outside who takes datagrams. */
async function datagramSocket(path: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const child = spawn('perl', ['-e', LISTENS, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { path, [Symbol.asyncDispose]: end };
}

/** As in containers that allow none. */
const WITHOUT_PROCESS_SPACES = [
  ...['unshare', '--user', '--map-root-user'],
  ...['sh', '-c', 'echo 0 > /proc/sys/user/max_pid_namespaces && exec "$@"', 'sh'],
];

const skipFor = (user: User, more: string | false = false): { skip: string | false } => ({
  skip: notHere || user.skip || more,
});

for (const user of users(box.path)) {
  test(`walls: settings of the kernel, devices and mounts are closed to ${user.name}`, skipFor(user), async () => {
    const cwd = folderOf(user, join(box.path, user.name));
    for (const root of user.words.length === 0 ? [cwd, '/'] : [cwd]) {
      assert.equal((await attempt(user, { cwd: root, script: OPENS })).stdout, 'looked\n', root);
    }
  });

  test(
    `walls: of all descriptors that a launcher left open, none reaches a command of ${user.name}`,
    skipFor(user),
    async () => {
      const cwd = folderOf(user, join(box.path, user.name));
      const outside = openSync('/etc', 'r');
      try {
        const numbers = [3, 4, 5, 9, 15, 16, 17, 40, 251, 700];
        const descriptors = Object.fromEntries(numbers.map((number) => [number, outside]));
        const script =
          'ls -l /proc/self/fd /proc/1/fd | grep -e "-> /etc"; cat /proc/self/fd/251/hostname; echo looked';
        for (const network of [false, true]) {
          assert.equal((await attempt(user, { cwd, script, network }, { descriptors })).stdout, 'looked\n');
        }
      } finally {
        closeSync(outside);
      }
    },
  );

  test(
    `walls: no datagram, keyring or process outside is open to ${user.name}`,
    skipFor(user, hasPerl ? false : 'perl makes the calls'),
    async () => {
      const cwd = folderOf(user, join(box.path, user.name));
      const program = join(box.path, 'calls.pl');
      writeFileSync(program, CALLS);
      await using log = await datagramSocket(join(box.path, 'log.sock'));
      for (const network of [false, true]) {
        const script = `perl -MPOSIX ${program} ${log.path}; kill -0 ${process.pid} && echo signalled; echo tried`;
        assert.equal((await attempt(user, { cwd, script, network })).stdout, 'asked\ntried\n');
      }
    },
  );

  test(`walls: shared memory of other programs is closed to ${user.name}`, skipFor(user), async () => {
    const cwd = folderOf(user, join(box.path, user.name));
    const made = spawnSync('ipcmk', ['-M', '64', '-p', '0666'], { encoding: 'utf8' }).stdout;
    const id = /\d+/.exec(made)?.[0] ?? '';
    try {
      const script = `ipcs -m -i ${id} 2>&1 | grep -c shmid=${id}; ipcrm -m ${id} 2>/dev/null && echo removed; echo looked`;
      assert.equal((await attempt(user, { cwd, script })).stdout, '0\nlooked\n', made);
    } finally {
      spawnSync('ipcrm', ['-m', id]);
    }
  });

  test(
    `walls: without a process namespace commands of ${user.name} are refused, and it is said what is missing`,
    skipFor(user),
    async () => {
      const cwd = folderOf(user, join(box.path, user.name));
      for (const script of [`kill -9 ${process.pid}`, 'true']) {
        const { kind, message = '' } = await attempt(
          { ...user, words: [...user.words, ...WITHOUT_PROCESS_SPACES] },
          { cwd, script },
        );
        assert.equal(kind, 'refused');
        assert.match(message, /cannot make a process namespace here.*user\.max_pid_namespaces/);
      }
    },
  );
}

const notForServer = notHere || (spawnSync('bash', ['-c', ':']).status === 0 ? false : 'bash opens the descriptors');

test('walls: the server as it is started gives its commands none of its descriptors', {
  skip: notForServer,
}, async () => {
  await using server = await Box.open({
    sandboxMode: 'workspace-write',
    tables: '[sandbox_workspace_write]\nnetwork_access = true\n',
    inFront: () => ['bash', '-c', 'exec "$@" 40</etc 300</etc 5</etc', 'bash'],
  });
  const script =
    'ls -l /proc/self/fd | grep -c -e "-> /etc"; ls -l /proc/self/fd | grep -vc -e /dev/null -e pipe: -e /proc -e total';
  server.model.script(stream(calls(shell('c1', ['sh', '-c', script]))), stream(says('done')));
  const turn = await server.completed(await server.thread(), 'go');
  assert.equal(turn.items('commandExecution')[0].aggregatedOutput, '0\n0\n');
});
