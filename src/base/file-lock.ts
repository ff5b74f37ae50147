/**
 * A lock with one holder among threads and processes: the creator of the lock file holds the lock.
 *
 *   free ──create──▶ held, touched every second ──work done──▶ free
 *                      └──untouched for five seconds: its holder died──▶ moved aside by one who waits ──▶ free
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { delay } from './abort.ts';
import { AppError } from './errors.ts';
import { standInFor } from './lock-folder.ts';
import { isForbidden } from './os-error.ts';
import { readRegular } from './regular-file.ts';
import { timerMs } from './timers.ts';

const TOKEN_LIMIT_BYTES = 1_024;
/** A holder touches its lock more often than this; an untouched lock belongs to a crashed holder. */
const STALE_AFTER_MS = 5_000;
const ALIVE_EVERY_MS = 1_000;
const GIVE_UP_AFTER_MS = 15_000;
const FIRST_RETRY_MS = 5;
const MOST_RETRY_MS = 50;

export interface LockLimits {
  readonly giveUpAfterMs?: number;
  readonly staleAfterMs?: number;
  readonly aliveEveryMs?: number;
  readonly signal?: AbortSignal;
}

/** The lock was not acquired; `work` did not start. */
export class LockUnavailable extends AppError {
  /** Another holder has it; otherwise no lock is possible at this path. */
  readonly isHeld: boolean;
  /** The folder does not allow files to be created or moved. */
  readonly isForbidden: boolean;

  constructor(
    message: string,
    { isHeld = false, cause }: { readonly isHeld?: boolean; readonly cause?: unknown } = {},
  ) {
    super('io-failed', message, { cause });
    this.isHeld = isHeld;
    this.isForbidden = isForbidden(cause);
  }
}

/**
 * Runs `work` while holding the lock at `path`, whose folder must exist. Where that folder may not be written to, the lock is in
 * a folder of this user's for temporary files. Waits up to 15 seconds (or `giveUpAfterMs`) for others, then rejects with
 * `LockUnavailable`, as for a file that cannot be made; the signal ends the waiting, not the work.
 * Taking over a dead holder's lock can, in a rare race of three, let two in: `work` must survive that.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, limits: LockLimits = {}): Promise<T> {
  const token = randomUUID();
  const { file, at } = await acquireSomewhere(path, token, limits);
  // By handle: after a takeover the file at the path belongs to another holder.
  const touch = (): void => void file.utimes(new Date(), new Date()).catch(() => undefined);
  const alive = setInterval(touch, timerMs(limits.aliveEveryMs ?? ALIVE_EVERY_MS));
  alive.unref();
  try {
    return await work();
  } finally {
    clearInterval(alive);
    await file.close().catch(() => undefined);
    await release(at, token).catch(() => undefined); // the result of the work counts; a lock that stays goes stale
  }
}

interface Held {
  readonly file: FileHandle;
  readonly at: string;
}

async function acquireSomewhere(path: string, token: string, limits: LockLimits): Promise<Held> {
  try {
    return await acquire(path, token, limits);
  } catch (error) {
    const standIn = error instanceof LockUnavailable && error.isForbidden ? await standInFor(path) : null;
    if (standIn === null) throw error;
    return acquire(standIn, token, limits);
  }
}

async function acquire(path: string, token: string, limits: LockLimits): Promise<Held> {
  const { giveUpAfterMs = GIVE_UP_AFTER_MS, staleAfterMs = STALE_AFTER_MS, signal } = limits;
  const patience = signal ?? new AbortController().signal;
  const watch = new LockWatch(path, staleAfterMs);
  const startedAtMs = performance.now();
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 1.5, MOST_RETRY_MS)) {
    patience.throwIfAborted();
    const file = await create(path, token);
    if (file !== null) return { file, at: path };
    if (performance.now() - startedAtMs > giveUpAfterMs) {
      throw new LockUnavailable(`lock file held by another process: ${path}`, { isHeld: true });
    }
    const stale = await watch.look();
    if (stale !== null) await takeAway(path, `${path}.${token}`, stale);
    await delay(retryMs * (0.5 + Math.random()), patience);
  }
}

/** null if another holder has the lock. */
async function create(path: string, token: string): Promise<FileHandle | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return null;
    throw new LockUnavailable(`lock file cannot be made: ${path}`, { cause });
  }
  try {
    await file.writeFile(token);
    return file;
  } catch (cause) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true }).catch(() => undefined);
    throw new LockUnavailable(`lock file cannot be written: ${path}`, { cause });
  }
}

async function release(path: string, token: string): Promise<void> {
  if ((await readRegular(path, TOKEN_LIMIT_BYTES)).toString('utf8') === token) await rm(path, { force: true });
}

/** A state of the lock file; it changes with each holder and each touch. */
interface Sight {
  readonly inode: bigint;
  readonly touchedAtNs: bigint;
}

const isSame = (one: Sight | null, other: Sight | null): boolean =>
  one?.inode === other?.inode && one?.touchedAtNs === other?.touchedAtNs;

async function sightOf(path: string): Promise<Sight | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  if (found === null) return null;
  if (!found.isFile()) throw new LockUnavailable(`lock file is no file: ${path}`);
  return { inode: found.ino, touchedAtNs: found.mtimeNs };
}

/**
 * Detects a lock whose holder has crashed. It compares what this process observes over time, because clocks of other machines may
 * differ and any clock jumps when a machine resumes.
 */
class LockWatch {
  readonly #path: string;
  readonly #staleAfterMs: number;
  #seen: Sight | null = null;
  #sinceMs = performance.now();

  constructor(path: string, staleAfterMs: number) {
    this.#path = path;
    this.#staleAfterMs = staleAfterMs;
  }

  /** The lock's state if it has not been touched for long enough. */
  async look(): Promise<Sight | null> {
    const sight = await sightOf(this.#path);
    if (!isSame(sight, this.#seen)) {
      this.#seen = sight;
      this.#sinceMs = performance.now();
    }
    return performance.now() - this.#sinceMs < this.#staleAfterMs ? null : sight;
  }
}

/** The lock is moved aside before it is deleted, so that only one of several waiters removes it. */
async function takeAway(path: string, aside: string, stale: Sight): Promise<void> {
  try {
    await rename(path, aside);
  } catch (cause) {
    if (isForbidden(cause)) throw new LockUnavailable(`lock file cannot be taken away: ${path}`, { cause });
    return; // another waiter was faster
  }
  const isLiving = !isSame(await sightOf(aside), stale);
  if (isLiving) await link(aside, path).catch(() => undefined); // taken over by another waiter between the check and the move
  await rm(aside, { force: true });
}
