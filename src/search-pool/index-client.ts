/**
 * The indexer's thread as seen from the main thread.
 *
 * In: roots. Out: their latest snapshots. Owns the thread, which starts with the first root, and the list of snapshots
 * that searches use. When the thread dies, what waits for it fails, and the next request starts another; when it is stuck at a
 * folder, another one takes over.
 */

import type { MessagePort, TransferListItem } from 'node:worker_threads';
import { type Deferred, deferred } from '../base/abort.ts';
import { sharedSteadyMs } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { timerMs } from '../base/timers.ts';
import type {
  CallMemory,
  IndexerReply,
  IndexerRequest,
  IndexWorkerData,
  Snapshot,
} from '../contract/search-messages.ts';
import { callMemory, isAtOrBelow } from '../search/current-call.ts';
import { OnDemandThread } from '../worker-threads/on-demand-thread.ts';
import type { DeadFolders } from './dead-folders.ts';
import type { BoundNotice } from './notices.ts';

const WORKER_FILE = 'worker-index.js';
/** Most of what it makes stays, so a larger one only makes the process larger; with a smaller one the walk takes longer. */
const YOUNG_GENERATION_MB = 4;

export interface SearchIndexOptions {
  /** The folder that holds the built worker; ends in a slash. */
  readonly workersFolder: URL;
  readonly workerData: Omit<IndexWorkerData, 'calls'>;
  readonly deadFolders: DeadFolders;
  /** Called when helpers would be of use; see `addHelper`. */
  readonly onHelpWanted: () => void;
  readonly log: Logger;
  /** Called once when not all folders can be watched, so that answers take longer. */
  readonly onUnwatched: () => void;
  readonly onBounded: (notice: BoundNotice) => void;
}

/** Between a death of the thread and its next start. */
const FEWEST_RESTART_MS = 1_000;
const MOST_RESTART_MS = 60_000;

/** A snapshot of a root; undefined when the tree is too large for an index. */
export type Indexed = Snapshot | undefined;

/** What is known of a root before anything is. */
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
   * Snapshots of roots, right for all that happened before a time, by default the call's. The first request for a root
   * takes as long as a walk. Rejects with AppError `worker-lost` when the thread fails.
   */
  refresh(roots: readonly string[], beforeMs = sharedSteadyMs()): Promise<readonly Indexed[]> {
    return this.#ask(roots, (id) => ({ kind: 'refresh', id, roots, beforeMs }));
  }

  /** Snapshots of what is known of roots by now; undefined for one that has no index. Rejects as `refresh`. */
  peek(roots: readonly string[]): Promise<readonly Indexed[]> {
    return this.#ask(roots, (id) => ({ kind: 'peek', id, roots }));
  }

  #ask(roots: readonly string[], request: (id: number) => IndexerRequest): Promise<readonly Indexed[]> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = deferred<readonly Indexed[]>();
    const asked = request(id);
    this.#pending.set(id, { roots, request: asked, answer });
    this.#send(asked);
    return answer.promise;
  }

  /** Makes the index of a root ahead of the first search. */
  warm(root: string): void {
    this.#send({ kind: 'warm', root });
  }

  /** Says how many files all indexes together may have at most. */
  limit(maxFiles: number): void {
    this.#maxFiles = maxFiles;
    if (this.#thread.running !== undefined) this.#thread.send({ kind: 'limit', maxFiles });
  }

  /** Tells the thread which paths are not to be touched now. */
  avoid(unreadable: readonly string[]): void {
    if (this.#thread.running !== undefined) this.#thread.send({ kind: 'avoid', unreadable });
  }

  /** Says that all threads that help are stuck or gone. */
  loseHelpers(): void {
    if (this.#thread.running !== undefined) this.#thread.send({ kind: 'helpers-lost' });
  }

  /** Hands over a port to a thread that reads folders, until it is closed. */
  addHelper(port: MessagePort): void {
    if (this.#closed) port.close();
    else this.#send({ kind: 'helper', port }, [port]);
  }

  /** The latest snapshot of a root, right or not. */
  known(root: string): Indexed {
    return this.#snapshots.get(root);
  }

  /** Calls `onNews` whenever there is another snapshot of the root, until disposed. */
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

  /** What a new thread has to know first. */
  #begin(): void {
    const { deadFolders } = this.#options;
    this.#calls = callMemory();
    this.#guard?.[Symbol.dispose]();
    this.#guard = deadFolders.guard({ calls: this.#calls, giveUp: () => this.#replace() });
    if (deadFolders.paths.length > 0) this.#thread.send({ kind: 'avoid', unreadable: deadFolders.paths });
    if (this.#maxFiles !== undefined) this.#thread.send({ kind: 'limit', maxFiles: this.#maxFiles });
  }

  /** Has another thread do what the one that is stuck was asked for. Resolves when that one has ended. */
  #replace(): Promise<void> {
    const ended = this.#thread.abandon();
    this.#snapshots.clear();
    if (this.#closed) return ended;
    const { paths } = this.#options.deadFolders;
    const isSuspect = (root: string): boolean => paths.some((path) => isAtOrBelow(path, root));
    // Those first that have nothing to do with it.
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

  /** At once after the first death; later ones may be the fault of what is followed, or there is no room to start a thread. */
  #followLater(): void {
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => {
      for (const root of this.#followers.keys()) this.#send({ kind: 'follow', root });
    }, timerMs(this.#restartMs));
    this.#restart.unref();
    this.#restartMs = Math.min(Math.max(2 * this.#restartMs, FEWEST_RESTART_MS), MOST_RESTART_MS);
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
        this.#tellFollowers(reply.snapshot.root);
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

  #tellFollowers(root: string): void {
    for (const onNews of this.#followers.get(root) ?? []) onNews();
  }
}
