/**
 * File searches in threads of their own, so that the main thread never waits for a disk and never matches a path.
 *
 * In: a query and roots, a token, a signal. Out: the best files. Owns the threads, which start with the first search:
 * one keeps indexes of the roots, the others search them. Each search has a shared flag that cancels it; its thread
 * is never ended for that. A search walks trees that are too large for an index or have lost it.
 */

import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { abortable, deferred, settledWithin } from '../base/abort.ts';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { type Env, userHome } from '../base/paths.ts';
import type { SearchAnswer, WalkJob } from '../contract/search-messages.ts';
import { DeadFolders } from './dead-folders.ts';
import { type FileSearch, type FileSearchResult, RunningSearch, toResult } from './file-search.ts';
import { emptySnapshot, type Indexed, SearchIndex } from './index-client.ts';
import { type BoundNotice, SearchNotices } from './notices.ts';
import { SearchScans } from './scans.ts';
import { SearchThreads, ThreadsReplaced } from './search-threads.ts';
import { snapshotsWithin } from './snapshots.ts';

/** Maximum number of files in an answer; observed on codex app-server 0.94.0. */
const MAX_FILES = 50;

/** A stopped search is answered within this time, with nothing if its thread is still busy. */
const STOP_GRACE_MS = 8;

/**
 * A search is answered after about this time with what is found so far; its index keeps growing. Many clients give a
 * request ten seconds, and matching takes a part of them.
 */
const ANSWER_LIMIT_MS = 6_000;
/** Minimum time for the walk of a tree that is too large for an index. */
const MIN_WALK_MS = 2_000;

export interface SearchPoolOptions {
  /** The folder of the built worker; ends in a slash. */
  readonly workersFolder: URL;
  /** With two or more, a search does not have to wait for one that is being stopped. */
  readonly maxThreads: number;
  /** Names the location of the user's global git excludes. */
  readonly env: Env;
  readonly log: Logger;
  /** Maximum number of watched folders, if lower than the system's. */
  readonly maxWatches?: number;
  /** How long a stopped search may take to return what it has. */
  readonly stopGraceMs?: number;
  /** Approximate time limit of a search, after which it returns what it has. */
  readonly answerLimitMs?: number;
}

/** Settings that are known after the configuration has been read. */
export interface SearchSettings {
  /** Maximum number of files in all indexes together; every search walks a larger tree. */
  readonly maxIndexedFiles: number;
  /** Called at most once, if not all folders can be watched: searches stay correct but take longer. */
  readonly onUnwatched: () => void;
  /** Called if a search of a root is incomplete, once per root and bound. */
  readonly onBounded: (notice: BoundNotice) => void;
}

type WalkLimits = Pick<WalkJob, 'cancel' | 'maxMs'>;

const STOPPED: SearchAnswer = { files: [], cancelled: true };

export class SearchPool {
  readonly #options: SearchPoolOptions;
  readonly #running = new Map<RunningSearch, Promise<unknown>>();
  readonly #byToken = new Map<string, RunningSearch>();
  readonly #scans: SearchScans;
  readonly #index: SearchIndex;
  readonly #threads: SearchThreads;
  readonly #deadFolders: DeadFolders;
  readonly #unwatched = deferred();
  readonly #notices = new SearchNotices();
  #closing: Promise<void> | undefined;

  constructor(options: SearchPoolOptions) {
    const { workersFolder, env, log, maxThreads, maxWatches } = options;
    this.#options = options;
    const deadFolders = new DeadFolders({
      log,
      onChange: () => this.#index.avoid(deadFolders.paths),
      onDead: (root) => this.#notices.report({ root, bound: 'dead' }),
    });
    this.#deadFolders = deadFolders;
    this.#scans = new SearchScans({ maxThreads, run: (job) => this.#threads.run(job) });
    this.#index = new SearchIndex({
      workersFolder,
      log,
      deadFolders,
      workerData: { userFolders: userFoldersOf(env), ...(maxWatches === undefined ? {} : { maxWatches }) },
      onHelpWanted: () => void this.#threads.start(),
      onUnwatched: () => this.#unwatched.resolve(),
      onBounded: (notice) => this.#notices.report(notice),
    });
    const onHelper = (port: MessagePort): void => this.#index.addHelper(port);
    const onHelpersLost = (): void => this.#index.loseHelpers();
    this.#threads = new SearchThreads({ workersFolder, maxThreads, log, deadFolders, onHelper, onHelpersLost });
  }

  /** Call once. Before that no tree is too large, and notices are queued. */
  configure({ maxIndexedFiles, onUnwatched, onBounded }: SearchSettings): void {
    this.#notices.listen(onBounded);
    this.#index.limit(maxIndexedFiles);
    void this.#unwatched.promise.then(onUnwatched);
  }

  /** Starts everything that a search of these roots needs; resolves when it is starting. */
  async prepare(roots: readonly string[]): Promise<void> {
    for (const root of roots) this.warm(root);
    if (!this.#threads.areStarted) await this.#threads.start();
  }

  /** Builds the index of a folder ahead of the first search; returns at once. */
  warm(root: string): void {
    if (this.#closing === undefined) this.#index.warm(root);
  }

  /**
   * Searches the roots. A search that is stopped by a later one with its token is answered within ten milliseconds,
   * with the files it has. Rejects with the signal's reason if aborted, and with AppError `search-closed` after
   * disposal.
   */
  async search(search: FileSearch, signal: AbortSignal): Promise<FileSearchResult[]> {
    signal.throwIfAborted();
    if (this.#closing !== undefined) throw new AppError('search-closed', 'file search has ended');
    const { cancellationToken: token } = search;
    const running = new RunningSearch();
    if (token !== null) {
      this.#byToken.get(token)?.stop();
      this.#byToken.set(token, running);
    }
    if (search.query === '' || search.roots.length === 0) {
      if (token !== null) this.#byToken.delete(token);
      return [];
    }
    const stop = (): void => running.stop();
    signal.addEventListener('abort', stop, { once: true });
    using _ = this.#deadFolders.addPending(search.roots.map(({ absolute }) => absolute));
    const answer = this.#answer(search, running);
    this.#running.set(running, answer);
    try {
      const { files } = await abortable(answer, signal);
      return files.map((file) => toResult(file, search.roots));
    } finally {
      signal.removeEventListener('abort', stop);
      this.#running.delete(running);
      if (token !== null && this.#byToken.get(token) === running) this.#byToken.delete(token);
    }
  }

  /** Stops all searches, which return what they have, and ends the threads. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const running of this.#running.keys()) running.stop();
    await Promise.allSettled(this.#running.values());
    await this.#index[Symbol.asyncDispose]();
    await this.#threads[Symbol.asyncDispose]();
    await this.#deadFolders.ended();
  }

  /** The answer of a thread, or an empty one if the search was stopped and the thread did not answer in time. */
  #answer(search: FileSearch, running: RunningSearch): Promise<SearchAnswer> {
    const work = this.#run(search, running.cancel);
    return new Promise((resolve, reject) => {
      const onStop = (): void => {
        void settledWithin(work, this.#options.stopGraceMs ?? STOP_GRACE_MS).then(() => resolve(STOPPED));
      };
      running.stopped.addEventListener('abort', onStop, { once: true });
      work.then(resolve, (error: unknown) => {
        if (running.stopped.aborted) {
          this.#options.log.debug('search', 'stopped search failed', { error });
          resolve(STOPPED);
        } else {
          reject(error);
        }
      });
    });
  }

  async #run(search: FileSearch, cancel: SharedArrayBuffer): Promise<SearchAnswer> {
    const startMs = performance.now();
    const snapshots = await this.#snapshotsOf(search);
    const leftMs = this.#limitMs - (performance.now() - startMs);
    return this.#searchIn(search, snapshots, { cancel, maxMs: Math.max(leftMs, MIN_WALK_MS) });
  }

  /** Calls `onNews` for every change below the root, until disposed. */
  follow(root: string, onNews: () => void): Disposable {
    const pending = this.#deadFolders.addPending([root]);
    const following = this.#index.follow(root, onNews);
    return {
      [Symbol.dispose]: () => {
        following[Symbol.dispose]();
        pending[Symbol.dispose]();
      },
    };
  }

  /** Resolves when the roots are completely indexed, or cannot be, or the time is up. */
  async indexed(roots: readonly string[]): Promise<void> {
    using _ = this.#deadFolders.addPending(roots);
    // A search without an index walks the roots.
    await settledWithin(this.#index.refresh(roots), this.#limitMs);
  }

  /** Searches the roots as far as they are indexed now. Rejects with the signal's reason if aborted. */
  async searchIndexed(search: FileSearch, signal: AbortSignal): Promise<FileSearchResult[]> {
    signal.throwIfAborted();
    const snapshots = search.roots.map(({ absolute }) => this.#index.known(absolute) ?? emptySnapshot(absolute));
    if (search.query === '' || snapshots.every(({ fileCount }) => fileCount === 0)) return [];
    const running = new RunningSearch();
    const stop = (): void => running.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const { files } = await abortable(
        this.#searchIn(search, snapshots, { cancel: running.cancel, maxMs: this.#limitMs }),
        signal,
      );
      return files.map((file) => toResult(file, search.roots));
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Searches these snapshots, one for each root; walks the roots if one of them is missing. */
  async #searchIn(search: FileSearch, snapshots: readonly Indexed[], limits: WalkLimits): Promise<SearchAnswer> {
    for (;;) {
      try {
        return await this.#searchOnce(search, snapshots, limits);
      } catch (error) {
        if (!(error instanceof ThreadsReplaced)) throw error;
      }
    }
  }

  async #searchOnce(search: FileSearch, snapshots: readonly Indexed[], limits: WalkLimits): Promise<SearchAnswer> {
    const { query, roots, ranking } = search;
    const { cancel } = limits;
    const there = snapshots.filter((snapshot) => snapshot !== undefined);
    if (there.length < roots.length) return this.#walk(search, limits);
    return this.#scans.run({ query, ranking, limit: MAX_FILES, roots, snapshots: there, cancel });
  }

  /** Snapshots of the roots; see `snapshotsWithin`. */
  async #snapshotsOf({ roots, askedMs }: FileSearch): Promise<readonly Indexed[]> {
    const unique = [...new Set(roots.map(({ absolute }) => absolute))];
    // The search threads can start while the index is being built.
    if (!this.#threads.areStarted) void this.#threads.start();
    const source = { index: this.#index, notices: this.#notices, log: this.#options.log };
    const found = await snapshotsWithin({ roots: unique, askedMs, limitMs: this.#limitMs }, source);
    const byRoot = new Map(unique.map((root, at) => [root, found[at]]));
    return roots.map(({ absolute }) => byRoot.get(absolute));
  }

  async #walk({ query, roots, ranking }: FileSearch, limits: WalkLimits): Promise<SearchAnswer> {
    const userFolders = userFoldersOf(this.#options.env);
    const job = { kind: 'walk', query, roots, ranking, limit: MAX_FILES, userFolders, ...limits } as const;
    const answer = await this.#threads.walk(job);
    const report = (at: number, bound: BoundNotice['bound']): void =>
      this.#notices.report({ root: roots[at]?.absolute ?? '', bound });
    for (const at of answer.overdue ?? []) report(at, 'time');
    for (const at of answer.unread ?? []) report(at, 'descriptors');
    return answer;
  }

  get #limitMs(): number {
    return this.#options.answerLimitMs ?? ANSWER_LIMIT_MS;
  }
}

function userFoldersOf(env: Env): WalkJob['userFolders'] {
  const home = userHome(env);
  const named = env.XDG_CONFIG_HOME;
  return { home, config: named === undefined || named === '' ? join(home, '.config') : named };
}
