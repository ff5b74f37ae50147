/**
 * Moves threads out of the way and back. In: ids, or a path that a client names. Out: moved files. A thread that is loaded
 * is unloaded first, in its shard, and locked, so that nobody writes to a file that moves.
 */
import { access, mkdir, realpath, rename, unlink, utimes } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import { failureText } from '../base/os-error.ts';
import type { WriterLocks } from '../engine/writer-lock.ts';
import { filesOfThread, revisionIn } from '../rollout/find.ts';
import { readSummary, type ThreadSummary } from '../rollout/head.ts';
import { dateFolders, FOLDERS, parseRolloutName } from '../rollout/name.ts';
import { noRollout, parseThreadId } from './errors.ts';
import { locate } from './locate.ts';
import type { Threads } from './threads.ts';

export interface ThreadArchiveOptions {
  readonly threads: Threads;
  readonly codexHome: string;
  readonly clock: Clock;
  readonly locks: Pick<WriterLocks, 'lock'>;
}

export class ThreadArchive {
  readonly #options: ThreadArchiveOptions;

  constructor(options: ThreadArchiveOptions) {
    this.#options = options;
  }

  /** Throws AppError. */
  async archive(threadId: string): Promise<void> {
    const id = parseThreadId(threadId);
    const path = await locate(this.#folder(FOLDERS.sessions), id);
    if (path === null) throw noRollout(id);
    await this.archiveFile(id, path);
  }

  /** The same for a file that the client names. `id` is lower-case and hyphenated. */
  async archiveFile(id: string, path: string): Promise<void> {
    const file = await inside(this.#folder(FOLDERS.sessions), path, 'sessions');
    const name = ownName(file, path, id);
    await this.#unload(id, [path, file]);
    await this.#locked(id, 'failed to archive thread: ', async () => {
      for (const each of await this.#filesOf(FOLDERS.sessions, file, path, id))
        await move(each, join(this.#folder(FOLDERS.archived), each === file ? name : basename(each)));
      if (name !== basename(file)) await unlink(path); // it leads nowhere now
    });
  }

  /** Gives what is stored of the thread, which counts as changed now. Throws AppError. */
  async unarchive(threadId: string): Promise<ThreadSummary> {
    const id = parseThreadId(threadId);
    const path = await locate(this.#folder(FOLDERS.archived), id);
    if (path === null) throw new AppError('not-found', `no archived rollout found for thread id ${id}`);
    const file = await inside(this.#folder(FOLDERS.archived), path, 'archived');
    ownName(file, path, id);
    const target = this.#dayPlace(file, path);
    await this.#unload(id, [path, file]);
    return this.#locked(id, 'failed to unarchive thread: ', async () => {
      for (const each of await this.#filesOf(FOLDERS.archived, file, path, id))
        await move(each, this.#dayPlace(each, path));
      const now = this.#options.clock.nowMs() / 1000;
      await utimes(target, now, now);
      return readSummary(target);
    });
  }

  /** All files of a thread, without a link that leads to the one. */
  async #filesOf(folder: string, file: string, path: string, id: string): Promise<string[]> {
    const files = await filesOfThread(this.#folder(folder), file, id);
    return files.filter((each) => each === file || basename(each) !== basename(path));
  }

  #dayPlace(file: string, path: string): string {
    const name = parseRolloutName(basename(file));
    if (name === null) throw new AppError('invalid-state', `rollout path \`${path}\` missing filename timestamp`);
    return join(this.#folder(FOLDERS.sessions), ...dateFolders(name.timestamp), basename(file));
  }

  /** By its file too: a file's name need not be that of its thread. */
  async #unload(id: string, paths: readonly string[]): Promise<void> {
    const { threads } = this.#options;
    const loaded = threads.find(id);
    const byFile = paths.map((path) => threads.byFile(path)).find((thread) => thread !== undefined);
    for (const thread of new Set([loaded, byFile])) if (thread !== undefined) await threads.unload(thread.id);
  }

  /** A file that another program writes to stays where it is. */
  async #locked<T>(id: string, failure: string, work: () => Promise<T>): Promise<T> {
    const lock = await this.#options.locks.lock(id).catch((error: unknown) => {
      throw new AppError('invalid-state', messageOf(error), { cause: error });
    });
    try {
      return await work();
    } catch (error) {
      throw new AppError('io-failed', `${failure}${failureText(error)}`, { cause: error });
    } finally {
      await lock.release();
    }
  }

  #folder(name: string): string {
    return join(this.#options.codexHome, name);
  }
}

/** The real path of a file below a folder; links count as what they lead to. */
async function inside(folder: string, path: string, name: 'sessions' | 'archived'): Promise<string> {
  const [root, file] = await Promise.all([folder, path].map((each) => realpath(each).catch(() => null)));
  if (typeof root === 'string' && typeof file === 'string' && file.startsWith(root + sep)) return file;
  throw new AppError('invalid-input', `rollout path \`${path}\` must be in ${name} directory`);
}

/** The name of the thread's file: its own, or that of the link that leads to it. Throws AppError. */
function ownName(file: string, path: string, id: string): string {
  const name = [file, path].map((each) => basename(each)).find((each) => revisionIn(each, id) !== null);
  if (name !== undefined) return name;
  throw new AppError('invalid-input', `rollout path \`${path}\` does not match thread id ${id}`);
}

/** Never over a file that is there: that would be another thread's end. */
async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  if (await exists(to)) throw new Error(`${to} already exists`);
  await rename(from, to);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
