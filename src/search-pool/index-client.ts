/**
 * The main thread's client of the indexer thread.
 *
 * In: roots. Out: their latest snapshots. Owns the thread, which starts with the first root, and the snapshots that
 * searches use. When the thread dies, pending requests fail and the next request starts another one. When it is stuck
 * at a folder, another one replaces it.
 */

import type { MessagePort, TransferListItem } from 'node:worker_threads';
import { type Deferred, deferred } from '../base/abort.ts';
import { sharedSteadyMs } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { isWithin } from '../base/paths.ts';
import { timerMs } from '../base/timers.ts';
import type {
  CallMemory,
  IndexerReply,
  IndexerRequest,
  IndexWorkerData,
  Snapshot,
} from '../contract/search-messages.ts';
import { callMemory } from '../search/current-call.ts';
import { OnDemandThread } from '../worker-threads/on-demand-thread.ts';
import type { DeadFolders } from './dead-folders.ts';
import type { BoundNotice } from './notices.ts';

const WORKER_FILE = 'worker-index.js';
/** Most of its objects survive, so a larger one only enlarges the process; a smaller one slows down the walk. */
const YOUNG_GENERATION_MB = 4;

export interface SearchIndexOptions {
  /** The folder of the built worker; ends in a slash. */
  readonly workersFolder: URL;
  readonly workerData: Omit<IndexWorkerData, 'calls'>;
  readonly deadFolders: DeadFolders;
  /** Called when helpers would be useful; see `addHelper`. */
  readonly onHelpWanted: () => void;
  readonly log: Logger;
  /** Called once if not all folders can be watched, so that answers take longer. */
  readonly onUnwatched: () => void;
  readonly onBounded: (notice: BoundNotice) => void;
}

/** Delay between a death of the thread and its next start. */
const MIN_RESTART_MS = 1_000;
const MAX_RESTART_MS = 60_000;

/** A snapshot of a root; undefined if the tree is too large for an index. */
export type Indexed = Snapshot | undefined;

/** The snapshot of a root before anything is indexed. */
export const emptySnapshot = (root: string): Snapshot => ({
  root,
  version: 0,
  complete: false,
  chunks: [],
  table: new SharedArrayBuffer(0),
  slices: new Int32Array(1),
  fileCount: 0,
  numberCount: 0,
});

interface Pending {
  readonly roots: readonly string[];
  readonly request: IndexerRequest;
  readonly answer: Deferred<readonly Indexed[]>;
}

export class SearchIndex {
  readonly #options: SearchIndexOptions;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #pending = new Map<number, Pending>();
  readonly #followers = new Map<string, Set<() => void>>();
  #calls: CallMemory = callMemory();
  #guard: Disposable | undefined;
  readonly #thread: OnDemandThread<IndexerRequest, IndexerReply>;
  #maxFiles: number | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = 0;
  #lastId = 0;
  #closed = false;

  constructor(options: SearchIndexOptions) {
    this.#options = options;
    const { workersFolder, workerData, log } = options;
    this.#thread = new OnDemandThread({
      name: 'index',
      area: 'search',
      script: new URL(WORKER_FILE, workersFolder),
      workerData: () => ({ ...workerData, calls: this.#calls }),
      youngGenerationMb: YOUNG_GENERATION_MB,
      log,
      onReply: (reply) => this.#take(reply),
      onExit: (why) => this.#onExit(why),
    });
  }

  /**
   * Snapshots of roots that include everything that happened before a time, by default that of the call. The first
   * request for a root takes as long as a walk. Rejects with AppError `worker-lost` if the thread fails.
   */
  refresh(roots: readonly string[], beforeMs = sharedSteadyMs()): Promise<readonly Indexed[]> {
    return this.#request(roots, (id) => ({ kind: 'refresh', id, roots, beforeMs }));
  }

  /** Current snapshots of roots; undefined for one that has no index. Rejects like `refresh`. */
  peek(roots: readonly string[]): Promise<readonly Indexed[]> {
    return this.#request(roots, (id) => ({ kind: 'peek', id, roots }));
  }

  #request(roots: readonly string[], request: (id: number) => IndexerRequest): Promise<readonly Indexed[]> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = deferred<readonly Indexed[]>();
    const message = request(id);
    this.#pending.set(id, { roots, request: message, answer });
    this.#send(message);
    return answer.promise;
  }

  /** Builds the index of a root ahead of the first search. */
  warm(root: string): void {
    this.#send({ kind: 'warm', root });
  }

  /** Sets the maximum number of files in all indexes together. */
  limit(maxFiles: number): void {
    this.#maxFiles = maxFiles;
    if (this.#thread.running !== undefined) this.#thread.send({ kind: 'limit', maxFiles });
  }

  /** Sets the paths to skip. */
  avoid(unreadable: readonly string[]): void {
    if (this.#thread.running !== undefined) this.#thread.send({ kind: 'avoid', unreadable });
  }

  /** Reports that all helper threads are stuck or gone. */
  loseHelpers(): void {
    if (this.#thread.running !== undefined) this.#thread.send({ kind: 'helpers-lost' });
  }

  /** Passes the port of a thread that reads folders, until it is closed. */
  addHelper(port: MessagePort): void {
    if (this.#closed) port.close();
    else this.#send({ kind: 'helper', port }, [port]);
  }

  /** The latest snapshot of a root, up to date or not. */
  known(root: string): Indexed {
    return this.#snapshots.get(root);
  }

  /** Calls `onNews` for every new snapshot of the root, until disposed. */
  follow(root: string, onNews: () => void): Disposable {
    const followers = this.#followers.get(root) ?? new Set();
    this.#followers.set(root, followers);
    followers.add(onNews);
    if (followers.size === 1) this.#send({ kind: 'follow', root });
    return {
      [Symbol.dispose]: () => {
        if (!followers.delete(onNews) || followers.size > 0) return;
        this.#followers.delete(root);
        if (this.#thread.running !== undefined) this.#send({ kind: 'unfollow', root });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#followers.clear();
    clearTimeout(this.#restart);
    await this.#thread.running?.terminate();
  }

  #send(request: IndexerRequest, transferred: readonly TransferListItem[] = []): void {
    if (this.#closed) {
      this.#failAll(new AppError('search-closed', 'file search has ended'));
      return;
    }
    if (this.#thread.running === undefined) this.#begin();
    this.#thread.send(request, transferred);
  }

  /** Sends what a new thread needs first. */
  #begin(): void {
    const { deadFolders } = this.#options;
    this.#calls = callMemory();
    this.#guard?.[Symbol.dispose]();
    this.#guard = deadFolders.guard({ calls: this.#calls, abandon: () => this.#replace() });
    if (deadFolders.paths.length > 0) this.#thread.send({ kind: 'avoid', unreadable: deadFolders.paths });
    if (this.#maxFiles !== undefined) this.#thread.send({ kind: 'limit', maxFiles: this.#maxFiles });
  }

  /**
   * Replaces the stuck thread by another one, which gets the pending requests. Resolves when the stuck one has ended.
   */
  #replace(): Promise<void> {
    const ended = this.#thread.abandon();
    this.#snapshots.clear();
    if (this.#closed) return ended;
    const { paths } = this.#options.deadFolders;
    const isSuspect = (root: string): boolean => paths.some((path) => isWithin(path, root));
    // Requests without the stuck folder come first.
    const waiting = [...this.#pending.values()].sort(
      (a, b) => Number(a.roots.some(isSuspect)) - Number(b.roots.some(isSuspect)),
    );
    for (const { request } of waiting) this.#send(request);
    for (const root of this.#followers.keys()) this.#send({ kind: 'follow', root });
    return ended;
  }

  #onExit(why: string): void {
    this.#snapshots.clear();
    this.#failAll(new AppError('worker-lost', why === '' ? 'the indexer has ended' : `the indexer has ended: ${why}`));
    if (this.#followers.size > 0) this.#followLater();
  }

  /**
   * Immediate after the first death; delayed after later ones, which may be caused by a followed root or a lack of
   * resources.
   */
  #followLater(): void {
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => {
      for (const root of this.#followers.keys()) this.#send({ kind: 'follow', root });
    }, timerMs(this.#restartMs));
    this.#restart.unref();
    this.#restartMs = Math.min(Math.max(2 * this.#restartMs, MIN_RESTART_MS), MAX_RESTART_MS);
  }

  #failAll(error: AppError): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { answer } of waiting) answer.reject(error);
  }

  #take(reply: IndexerReply): void {
    switch (reply.kind) {
      case 'snapshot':
        this.#snapshots.set(reply.snapshot.root, reply.snapshot);
        this.#notifyFollowers(reply.snapshot.root);
        return;
      case 'refreshed':
        this.#settle(reply.id, ({ roots, answer }) => {
          answer.resolve(roots.map((root, at) => (reply.versions[at] === undefined ? undefined : this.known(root))));
        });
        return;
      case 'failed':
        this.#settle(reply.id, ({ answer }) => answer.reject(new AppError('worker-lost', reply.message)));
        return;
      case 'dropped':
        this.#snapshots.delete(reply.root);
        return;
      case 'help':
        this.#options.onHelpWanted();
        return;
      case 'unwatched':
        this.#options.onUnwatched();
        return;
      case 'bounded':
        this.#options.onBounded(reply);
        return;
    }
  }

  #settle(id: number, settle: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending !== undefined) settle(pending);
  }

  #notifyFollowers(root: string): void {
    for (const onNews of this.#followers.get(root) ?? []) onNews();
  }
}
