/**
 * The threads of the search pool.
 *
 * In: jobs. Out: answers, and ports at which threads read folders. Owns the threads, which start with the first job and end
 * when nobody has needed them for a while. When one is stuck at a folder, others take the place of all.
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
import { tuneThreads } from '../worker-threads/tuning.ts';
import type { DeadFolders } from './dead-folders.ts';
import { Turnstile } from './turnstile.ts';

export interface SearchThreadsOptions {
  /** The folder that holds the built worker; ends in a slash. */
  readonly workersFolder: URL;
  readonly maxThreads: number;
  readonly log: Logger;
  readonly deadFolders: DeadFolders;
  /** All that read folders are gone. */
  readonly onHelpersLost: () => void;
  /** Takes the port of a thread that reads folders; it is closed when the thread ends. */
  readonly onHelper: (port: MessagePort) => void;
}

/** Threads that nobody has needed for so long are let go. */
const IDLE_TIMEOUT_MS = 60_000;

/** Reading folders leaves much behind that is short-lived; a larger young generation would only make the process larger. */
const YOUNG_GENERATION_MB = 2;

/** A walk that had to wait gets so long at least. */
const SHORTEST_WALK_MS = 500;

const WORKER_FILE = 'worker-search.js';

/** The threads were replaced while a job was on: it has to be done anew. */
export class ThreadsReplaced extends Error {
  constructor() {
    super('search threads were replaced');
    this.name = 'ThreadsReplaced';
  }
}

export class SearchThreads {
  readonly #options: SearchThreadsOptions;
  /** Ends the waiting for each job that has no answer yet. */
  readonly #stranded = new Map<Deferred<never>, Piscina<SearchJob, SearchAnswer>>();
  #pool: Promise<Piscina<SearchJob, SearchAnswer>> | undefined;
  #guards: Disposable[] = [];
  /** Walks take seconds: whoever searches in indexes finds a thread all the same. */
  readonly #walks: Turnstile;

  constructor(options: SearchThreadsOptions) {
    this.#options = options;
    this.#walks = new Turnstile(options.maxThreads);
  }

  /** Whether they have ever been started. */
  get areStarted(): boolean {
    return this.#pool !== undefined;
  }

  /** Rejects with `ThreadsReplaced`, and with AppError `worker-lost` when its thread died or there is none that could take it. */
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

  /** Walks roots, once others have walked theirs; with nothing when there is no time left by then. Rejects as `run`. */
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
      const maxMs = Math.max(leftMs, SHORTEST_WALK_MS);
      return await this.run({ ...job, maxMs, calls, unreadable: deadFolders.paths });
    } finally {
      this.#walks.leave();
    }
  }

  #guard(calls: CallMemory): Disposable {
    return this.#options.deadFolders.guard({ calls, giveUp: () => this.#replace(calls) });
  }

  /** Does without all threads, of which one is stuck; what they were at is done anew by others. Resolves when that one has ended. */
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
   * Starts them all. All but one help the indexer with reading folders; that one is left to those who search what there is
   * already. Resolves when they have been told to; never rejects.
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
      const starting = perThread.map((port) => {
        const transferList = port === undefined ? [] : [port];
        const calls = callMemory();
        this.#guards.push(this.#guard(calls));
        return pool.run({ kind: 'ready', port, calls }, { transferList }).catch(() => port?.close()); // a search will say why
      });
      void Promise.all(starting).then(tuneThreads);
    } catch {
      for (const port of ports) port.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pool = await this.#pool?.catch(() => undefined); // its search has been told
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
      // Otherwise an idle thread sleeps so deeply that it hears nothing at all.
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
