/** What becomes of the locks of many descriptors, with the system's own program and with others in its place. Linux only. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Flock } from '../../src/engine/flock.ts';
import { HeldTime } from '../support/held-time.ts';
import { until } from '../support/patience.ts';

/** A folder with files to lock, and with programs that stand in the place of the system's. */
class Files implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'flock-'));
  readonly said: string[] = [];
  readonly #open: number[] = [];

  path(name: string | number): string {
    return join(this.folder, `${name}.lock`);
  }

  open(count: number): number[] {
    const opened = Array.from({ length: count }, (_, n) => openSync(this.path(n), 'a+'));
    this.#open.push(...opened);
    return opened;
  }

  closeAll(): void {
    for (const fd of this.#open.splice(0)) closeSync(fd);
  }

  flock({ script = null, limitMs }: { readonly script?: string | null; readonly limitMs?: number } = {}): Flock {
    const bin = join(this.folder, 'bin');
    mkdirSync(bin, { recursive: true });
    const system = process.env.PATH ?? '';
    if (script !== null) {
      writeFileSync(join(bin, 'flock'), `#!/bin/sh\nPATH='${system}'\n${script}\n`);
      chmodSync(join(bin, 'flock'), 0o755);
    }
    const warn = (_area: string, event: string): void => void this.said.push(event);
    const env = { PATH: system, ...(script === null ? {} : { SHARDEX_FLOCK: join(bin, 'flock') }) };
    return new Flock({ env, warn, ...(limitMs === undefined ? {} : { limitMs }) });
  }

  [Symbol.dispose](): void {
    this.closeAll();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Another program that holds the lock of a file, as codex does. */
async function foreignHolder(path: string): Promise<ChildProcess> {
  const child = spawn('flock', ['-n', path, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

/** Whether somebody holds the lock. */
async function isHeld(path: string): Promise<boolean> {
  const [code] = await once(spawn('flock', ['-n', path, 'true']), 'exit');
  return code === 1;
}

test('each of many descriptors is locked, for as long as it is open', async () => {
  using files = new Files();
  const flock = files.flock();
  const outcomes = await Promise.all(files.open(40).map((fd) => flock.lock(fd)));
  assert.deepEqual(new Set(outcomes), new Set(['locked']));
  assert.deepEqual(await Promise.all([0, 20, 39].map((n) => isHeld(files.path(n)))), [true, true, true]);
  files.closeAll();
  assert.deepEqual(await Promise.all([0, 20, 39].map((n) => isHeld(files.path(n)))), [false, false, false]);
});

test('those that ask while a process runs share the next one', async () => {
  using files = new Files();
  const parents = files.path('parents');
  const flock = files.flock({ script: `echo $PPID >> '${parents}'; exec flock "$@"` });
  await Promise.all(files.open(40).map((fd) => flock.lock(fd)));
  const processes = readFileSync(parents, 'utf8').trim().split('\n');
  assert.equal(processes.length, 40);
  assert.equal(processes.includes(String(process.pid)), false);
  assert.ok(new Set(processes).size <= 2, `${new Set(processes).size} processes`);
});

test('a lock that another program holds is refused, beside others that are not; killed, it has none', async () => {
  using files = new Files();
  const flock = files.flock();
  const holders = await Promise.all([2, 5].map((n) => foreignHolder(files.path(n))));
  const outcomes = await Promise.all(files.open(8).map((fd) => flock.lock(fd)));
  assert.deepEqual(
    outcomes.map((outcome) => outcome === 'held'),
    [false, false, true, false, false, true, false, false],
  );
  await Promise.all(
    holders.map((holder) => {
      holder.kill('SIGKILL');
      return once(holder, 'exit');
    }),
  );
  files.closeAll();
  assert.deepEqual(new Set(await Promise.all(files.open(8).map((fd) => flock.lock(fd)))), new Set(['locked']));
  assert.deepEqual(files.said, []);
});

test('a file whose lock never answers holds up nobody else', async (context) => {
  const time = new HeldTime(context);
  using files = new Files();
  // The third descriptor of a process is always the first one that is to be locked.
  const once = files.path('once');
  const script = `if [ "$2" = 4 ] && mkdir '${once}' 2>/dev/null; then exec tail -f /dev/null; fi; exec flock "$@"`;
  const flock = files.flock({ script, limitMs: 500 });
  const asked = Promise.all(files.open(6).map((fd) => flock.lock(fd)));
  await until(() => existsSync(once), 'the lock that never answers');
  time.pass(500);
  const outcomes = await asked;
  assert.deepEqual(outcomes, ['locked', 'none', 'locked', 'locked', 'locked', 'locked']);
  assert.deepEqual(files.said, ['a lock could not be had']);
});

test('what fails otherwise is no lock, and is said; without the program it is said once', async () => {
  using files = new Files();
  const failing = files.flock({ script: '[ "$2" = 3 ] && exit 71; exec flock "$@"' });
  assert.deepEqual(await Promise.all(files.open(3).map((fd) => failing.lock(fd))), ['none', 'locked', 'locked']);
  assert.deepEqual(files.said.splice(0), ['a lock could not be had']);
  files.closeAll();
  rmSync(join(files.folder, 'bin/flock'));
  const missing = new Flock({
    env: { PATH: join(files.folder, 'bin') },
    warn: (_, event) => void files.said.push(event),
  });
  for (const fd of files.open(3)) assert.equal(await missing.lock(fd), 'none');
  assert.deepEqual(files.said, ['threads are written without locks']);
  assert.equal(missing.isMissing, true);
});
