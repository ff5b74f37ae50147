/**
 * One writer for each stored thread, whichever program it is: a lock on a file of the thread, which codex of today takes as well.
 *
 *   free ──lock──▶ ours ──release, end or death of the process──▶ free
 *     └── somebody else's: `ThreadInUse`      └── no such thing here (no `flock`, no rights): the thread goes on without
 *
 * The lock's descriptor belongs to a `FileHandle`, which Node closes with a shard that dies: the next shard can lock the thread. A
 * file system or a machine without locks costs nothing but a line in the log. Format observed on codex app-server 0.171.0.
 */
import { constants, mkdirSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { openRegular } from '../base/regular-file.ts';
import { Flock } from './flock.ts';
import { OpenFailure } from './open-failure.ts';

const FOLDER = 'thread-writer-locks';
/** Whoever had the lock may remove its file at the same moment. */
const MOST_TRIES = 5;

/** Somebody else writes to the thread. */
class ThreadInUse extends OpenFailure {
  constructor(threadId: string) {
    super('invalid-state', `thread ${threadId} already has an active writer`);
  }
}

export interface WriterLock {
  /** Resolves when others can have it. Never rejects; twice is harmless. */
  release(): Promise<void>;
}

export interface WriterLocksOptions {
  readonly codexHome: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: Logger;
}

export class WriterLocks {
  readonly #options: WriterLocksOptions;
  readonly #flock: Flock;

  constructor(options: WriterLocksOptions) {
    const { env, log } = options;
    this.#options = options;
    this.#flock = new Flock({ env, warn: (...record) => log.warn(...record) });
  }

  /** Rejects with `ThreadInUse`. Where locks cannot be had, the lock is one that holds nothing. */
  async lock(threadId: string): Promise<WriterLock> {
    for (let tries = 0; tries < MOST_TRIES && !this.#flock.isMissing; tries += 1) {
      let file: FileHandle | null = null;
      try {
        const path = this.#fileOf(threadId);
        // A link may lead to a file that is locked for another reason.
        file = await openRegular(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600);
        const outcome = await this.#flock.lock(file.fd);
        if (outcome === 'locked' && (await isAt(file, path))) return held(file);
        await file.close();
        if (outcome === 'held') throw new ThreadInUse(threadId);
        if (outcome === 'none') return NOTHING;
      } catch (error) {
        if (error instanceof ThreadInUse) throw error;
        await file?.close();
        this.#options.log.warn('locks', 'a thread is written without a lock', { threadId, reason: messageOf(error) });
        return NOTHING;
      }
    }
    return NOTHING;
  }

  #fileOf(threadId: string): string {
    const folder = join(this.#options.codexHome, FOLDER);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return join(folder, `${threadId}.lock`);
  }
}

const NOTHING: WriterLock = { release: () => Promise.resolve() };

/** Closing twice is harmless; a close that fails has let go of the descriptor all the same. */
const held = (file: FileHandle): WriterLock => ({ release: () => file.close().catch(() => undefined) });

/** Whether the path still names the file of the descriptor: a lock on a removed file keeps nobody out. */
async function isAt(file: FileHandle, path: string): Promise<boolean> {
  const there = statSync(path, { throwIfNoEntry: false });
  const ours = await file.stat();
  return there?.ino === ours.ino && there.dev === ours.dev;
}
