/** The lock between processes: one holder at a time, kept for as long as it lives, taken over when it is dead. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deferred } from '../../src/base/abort.ts';
import { LockUnavailable, withFileLock } from '../../src/base/file-lock.ts';

const QUICK = { staleAfterMs: 150, aliveEveryMs: 10 };

class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'shardex-lock-'));
  readonly lock = join(this.path, 'the.lock');

  get names(): string[] {
    return readdirSync(this.path);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A process that takes the lock and keeps it until it is killed. */
async function holderOf(path: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./file-lock-holder.main.js', import.meta.url));
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

test('of many who want the lock, one works at a time, and no file stays', async () => {
  using folder = new Folder();
  let working = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    working += 1;
    most = Math.max(most, working);
    await new Promise(setImmediate);
    working -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, () => withFileLock(folder.lock, work)));
  assert.equal(most, 1);
  assert.deepEqual(folder.names, []);
});

test('a holder that takes far longer than a dead one’s lock lasts keeps it', async () => {
  using folder = new Folder();
  const [held, done] = [deferred(), deferred()];
  const steps: string[] = [];
  const long = withFileLock(
    folder.lock,
    async () => {
      held.resolve();
      await done.promise;
      steps.push('long');
    },
    QUICK,
  );
  await held.promise;
  const refused = withFileLock(folder.lock, async () => assert.fail('two holders'), { ...QUICK, giveUpAfterMs: 600 });
  await assert.rejects(refused, { message: `lock file held by another process: ${folder.lock}` });
  const next = withFileLock(folder.lock, async () => steps.push('next'), QUICK);
  done.resolve();
  await Promise.all([long, next]);
  assert.deepEqual(steps, ['long', 'next']);
});

test('a living holder keeps the lock whatever the clocks say', async () => {
  using folder = new Folder();
  await withFileLock(
    folder.lock,
    async () => {
      for (const year of [1980, 2090]) {
        utimesSync(folder.lock, new Date(year, 1), new Date(year, 1));
        const other = withFileLock(folder.lock, async () => assert.fail('two holders'), {
          staleAfterMs: 2_000,
          giveUpAfterMs: 60,
        });
        await assert.rejects(other, LockUnavailable);
      }
    },
    { aliveEveryMs: 5_000 },
  );
});

test('the lock of a process that was killed is taken over, by one after the other', async () => {
  using folder = new Folder();
  const holder = await holderOf(folder.lock);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.deepEqual(folder.names, ['the.lock']);
  let working = 0;
  const work = async (): Promise<void> => {
    working += 1;
    assert.equal(working, 1);
    await new Promise(setImmediate);
    working -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withFileLock(folder.lock, work, QUICK)));
  assert.deepEqual(folder.names, []);
});

test('a lock that another process holds is waited for', async () => {
  using folder = new Folder();
  const holder = await holderOf(folder.lock);
  const early = withFileLock(folder.lock, async () => assert.fail('two holders'), { giveUpAfterMs: 50 });
  await assert.rejects(early, LockUnavailable);
  const late = withFileLock(folder.lock, async () => 'had');
  holder.kill('SIGTERM');
  assert.equal(await late, 'had');
});

test('a lock whose holder shows that it lives just as it is moved aside is put back', async (t) => {
  using folder = new Folder();
  writeFileSync(folder.lock, 'of a slow one');
  const giveUp = new AbortController();
  const { rename } = files;
  t.mock.method(files, 'rename', async (from: string, to: string) => {
    utimesSync(from, new Date(2090, 1), new Date(2090, 1)); // between the look and the move
    await rename(from, to);
    giveUp.abort();
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const limits = { staleAfterMs: 0, signal: giveUp.signal };
  const waiting = withFileLock(folder.lock, async () => assert.fail('two holders'), limits);
  await assert.rejects(waiting, { name: 'AbortError' });
  assert.deepEqual(folder.names, ['the.lock']);
  assert.equal(readFileSync(folder.lock, 'utf8'), 'of a slow one');
});

test('whoever has lost the lock to another neither touches nor removes the other’s', async () => {
  using folder = new Folder();
  await withFileLock(
    folder.lock,
    async () => {
      rmSync(folder.lock);
      writeFileSync(folder.lock, 'of another');
    },
    QUICK,
  );
  assert.ok(existsSync(folder.lock));
});

test('waiting ends with the signal, and nothing is left behind', async () => {
  using folder = new Folder();
  const reason = new Error('enough');
  await assert.rejects(
    withFileLock(folder.lock, async () => assert.fail('begun'), { signal: AbortSignal.abort(reason) }),
    reason,
  );
  await withFileLock(folder.lock, async () => {
    const giveUp = new AbortController();
    const waiting = withFileLock(folder.lock, async () => assert.fail('begun'), { signal: giveUp.signal });
    giveUp.abort(reason);
    await assert.rejects(waiting, reason);
  });
  assert.deepEqual(folder.names, []);
});

test('work that fails gives the lock back', async () => {
  using folder = new Folder();
  await assert.rejects(
    withFileLock(folder.lock, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
  assert.deepEqual(folder.names, []);
});

test('a lock that cannot be made is an error of its own', async () => {
  using folder = new Folder();
  const work = async (): Promise<void> => assert.fail('begun');
  await assert.rejects(withFileLock(join(folder.path, 'no', 'folder.lock'), work), LockUnavailable);
  mkdirSync(folder.lock);
  await assert.rejects(withFileLock(folder.lock, work), { message: `lock file is no file: ${folder.lock}` });
  assert.deepEqual(folder.names, ['the.lock']);
});
