/**
 * The threads of the search pool.
 *
 * In: jobs. Out: answers, and ports of threads that read folders. Owns the threads, which start with the first job
 * and end after an idle time. When one is stuck at a folder, all are replaced.
 */

import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { type Deferred, deferred } from '../base/abort.ts';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { CallMemory, SearchAnswer, SearchJob, WalkJob } from '../contract/search-messages.ts';
import { callMemory, writerThreadOf } from '../search/current-call.ts';
import { threadFailureText } from '../worker-threads/thread-failure.ts';
import type { DeadFolders } from './dead-folders.ts';
import { Semaphore } from './semaphore.ts';

export interface SearchThreadsOptions {
  /** The folder of the built worker; ends in a slash. */
  readonly workersFolder: URL;
  readonly maxThreads: number;
  readonly log: Logger;
  readonly deadFolders: DeadFolders;
  /** All helpers are gone. */
  readonly onHelpersLost: () => void;
  /** Receives the port of a thread that reads folders; it is closed when the thread ends. */
  readonly onHelper: (port: MessagePort) => void;
}

/** Threads end after this idle time. */
const IDLE_TIMEOUT_MS = 60_000;

/** Reading folders creates many short-lived objects; a larger young generation would only enlarge the process. */
const YOUNG_GENERATION_MB = 2;

/** Minimum time for a walk that had to wait. */
const MIN_WALK_MS = 500;

const WORKER_FILE = 'worker-search.js';

/** The threads were replaced while a job was running: it must be run again. */
export class ThreadsReplaced extends Error {
  constructor() {
    super('search threads were replaced');
    this.name = 'ThreadsReplaced';
  }
}

export class SearchThreads {
  readonly #options: SearchThreadsOptions;
  /** Ends the wait for each pending job. */
  readonly #stranded = new Map<Deferred<never>, Piscina<SearchJob, SearchAnswer>>();
  #pool: Promise<Piscina<SearchJob, SearchAnswer>> | undefined;
  #guards: Disposable[] = [];
  /** Limits concurrent walks, which take seconds, so that searches in indexes always find a thread. */
  readonly #walks: Semaphore;

  constructor(options: SearchThreadsOptions) {
    this.#options = options;
    this.#walks = new Semaphore(options.maxThreads);
  }

  /** Whether they have ever been started. */
  get areStarted(): boolean {
    return this.#pool !== undefined;
  }

  /** Rejects with `ThreadsReplaced`, and with AppError `worker-lost` if its thread died or none could take it. */
  async run(job: SearchJob): Promise<SearchAnswer> {
    const stranded = deferred<never>();
    const started = this.#started();
    let pool: Piscina<SearchJob, SearchAnswer> | null = null;
    try {
      pool = await started;
      this.#stranded.set(stranded, pool);
      return await Promise.race([pool.run(job), stranded.promise]);
    } catch (error) {
      if (pool !== null && this.#pool !== started) throw new ThreadsReplaced();
      this.#failStranded(error);
      throw new AppError('worker-lost', `file search failed: ${threadFailureText(error)}`, { cause: error });
    } finally {
      this.#stranded.delete(stranded);
    }
  }

  /** Walks roots, after earlier walks; returns nothing if no time is left by then. Rejects like `run`. */
  async walk(job: Omit<WalkJob, 'calls' | 'unreadable'>): Promise<SearchAnswer> {
    const { deadFolders } = this.#options;
    const startMs = performance.now();
    if (!(await this.#walks.enter(job.maxMs))) {
      return { files: [], cancelled: false, overdue: job.roots.map((_, at) => at) };
    }
    try {
      const calls = callMemory();
      using _ = this.#guard(calls);
      const leftMs = job.maxMs - (performance.now() - startMs);
      const maxMs = Math.max(leftMs, MIN_WALK_MS);
      return await this.run({ ...job, maxMs, calls, unreadable: deadFolders.paths });
    } finally {
      this.#walks.leave();
    }
  }

  #guard(calls: CallMemory): Disposable {
    return this.#options.deadFolders.guard({ calls, abandon: () => this.#replace(calls) });
  }

  /**
   * Replaces all threads, of which one is stuck; others run their jobs again. Resolves when the stuck one has ended.
   */
  async #replace(calls: CallMemory): Promise<void> {
    const old = this.#pool;
    this.#pool = undefined;
    for (const guard of this.#guards) guard[Symbol.dispose]();
    this.#guards = [];
    this.#options.onHelpersLost();
    const pool = await old;
    const stuck = pool?.threads.find(({ threadId }) => threadId === writerThreadOf(calls));
    const ended = stuck === undefined ? undefined : once(stuck, 'exit');
    void pool?.destroy();
    stuck?.unref();
    await ended;
  }

  /** A job in the queue of a pool whose last thread has died would wait for the next job. */
  #failStranded(error: unknown): void {
    for (const [stranded, pool] of this.#stranded) if (pool.threads.length === 0) stranded.reject(error);
  }

  /**
   * Starts all threads. All but one help the indexer to read folders; that one is left for searches in existing
   * indexes. Resolves when the threads are starting; never rejects.
   */
  async start(): Promise<void> {
    const { maxThreads, onHelper } = this.#options;
    const helperCount = Math.max(1, maxThreads - 1);
    const channels = Array.from({ length: helperCount }, () => new MessageChannel());
    for (const { port1 } of channels) onHelper(port1);
    const ports = channels.map(({ port2 }) => port2);
    try {
      const pool = await this.#started();
      const perThread = [...ports, ...Array.from({ length: maxThreads - helperCount }, () => undefined)];
      for (const port of perThread) {
        const transferList = port === undefined ? [] : [port];
        const calls = callMemory();
        this.#guards.push(this.#guard(calls));
        pool.run({ kind: 'ready', port, calls }, { transferList }).catch(() => port?.close()); // a search reports the error
      }
    } catch {
      for (const port of ports) port.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pool = await this.#pool?.catch(() => undefined); // its search got the error
    await pool?.destroy();
  }

  #started(): Promise<Piscina<SearchJob, SearchAnswer>> {
    this.#pool ??= this.#create().catch((error: unknown) => {
      this.#pool = undefined; // a later attempt may succeed
      throw error;
    });
    return this.#pool;
  }

  async #create(): Promise<Piscina<SearchJob, SearchAnswer>> {
    const { Piscina } = await import('piscina');
    const { workersFolder, maxThreads, log } = this.#options;
    const pool = new Piscina<SearchJob, SearchAnswer>({
      filename: new URL(WORKER_FILE, workersFolder).href,
      minThreads: 0,
      maxThreads: maxThreads + 1,
      idleTimeout: IDLE_TIMEOUT_MS,
      // With the default an idle thread is blocked and receives no messages.
      atomics: 'disabled',
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    pool.on('error', (error: unknown) => {
      log.error('search', 'thread failed', { error });
      this.#failStranded(error);
    });
    return pool;
  }
}
