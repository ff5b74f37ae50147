/** One holder at a time among threads and processes: whoever creates the lock file holds the lock. */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { delay } from './abort.ts';
import { AppError } from './errors.ts';

/** A holder shows that it lives more often than this; an older lock was left behind by one that died. */
const STALE_AFTER_MS = 5_000;
const ALIVE_EVERY_MS = 1_000;
const GIVE_UP_AFTER_MS = 15_000;
const RETRY_MS = 5;

export interface LockLimits {
  readonly giveUpAfterMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while holding the lock at `path`, whose folder must exist. Waits up to 15 seconds (or `giveUpAfterMs`) for
 * others, then rejects with AppError `io-failed`; the signal ends the waiting, not the work. Taking over a dead holder's
 * lock can, in a rare race, let two in: `work` must survive that.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, limits: LockLimits = {}): Promise<T> {
  const token = randomUUID();
  await acquire(path, token, limits);
  const alive = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), ALIVE_EVERY_MS);
  alive.unref();
  try {
    return await work();
  } finally {
    clearInterval(alive);
    if ((await readFile(path, 'utf8').catch(() => null)) === token) await rm(path, { force: true });
  }
}

async function acquire(path: string, token: string, limits: LockLimits): Promise<void> {
  const { giveUpAfterMs = GIVE_UP_AFTER_MS, signal = new AbortController().signal } = limits;
  const startedAtMs = performance.now();
  while (!(await create(path, token))) {
    if (performance.now() - startedAtMs > giveUpAfterMs) {
      throw new AppError('io-failed', `lock file held by another process: ${path}`);
    }
    await removeStale(path, token);
    await delay(RETRY_MS * (1 + Math.random()), signal);
  }
}

async function create(path: string, token: string): Promise<boolean> {
  try {
    await using file = await open(path, 'wx');
    await file.writeFile(token);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moved aside before it is deleted, so that of several who find it stale only one takes it away. */
async function removeStale(path: string, token: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null || Date.now() - found.mtimeMs < STALE_AFTER_MS) return;
  const aside = `${path}.${token}`;
  await rename(path, aside).catch(() => undefined); // somebody else was faster
  await rm(aside, { force: true });
}
