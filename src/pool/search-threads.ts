/**
 * The threads of the search pool.
 *
 * In: jobs. Out: answers, and ports at which threads read folders. Owns the threads, which start with the first job and end
 * when nobody has needed them for a while.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { Logger } from '../base/log.ts';
import type { SearchAnswer, SearchJob } from './contract/search-job.ts';
import { tuneThreads } from './tuning.ts';

export interface SearchThreadsOptions {
  /** The folder that holds the built worker; ends in a slash. */
  readonly workersFolder: URL;
  readonly maxThreads: number;
  readonly log: Logger;
  /** Takes the port of a thread that reads folders; it is closed when the thread ends. */
  readonly onHelper: (port: MessagePort) => void;
}

/** Threads that nobody has needed for so long are let go. */
const IDLE_TIMEOUT_MS = 60_000;

/** Reading folders leaves much behind that is short-lived; a larger nursery would only make the process larger. */
const NURSERY_MB = 2;

const WORKER_FILE = 'worker-search.js';

export class SearchThreads {
  readonly #options: SearchThreadsOptions;
  #pool: Promise<Piscina<SearchJob, SearchAnswer>> | undefined;

  constructor(options: SearchThreadsOptions) {
    this.#options = options;
  }

  /** Whether they have ever been started. */
  get areStarted(): boolean {
    return this.#pool !== undefined;
  }

  async run(job: SearchJob): Promise<SearchAnswer> {
    return (await this.#started()).run(job);
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
        return pool.run({ kind: 'ready', port }, { transferList }).catch(() => port?.close()); // a search will say why
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
    this.#pool ??= this.#create();
    return this.#pool;
  }

  async #create(): Promise<Piscina<SearchJob, SearchAnswer>> {
    const { Piscina } = await import('piscina');
    const { workersFolder, maxThreads, log } = this.#options;
    const pool = new Piscina<SearchJob, SearchAnswer>({
      filename: new URL(WORKER_FILE, workersFolder).href,
      minThreads: 0,
      maxThreads,
      idleTimeout: IDLE_TIMEOUT_MS,
      // Otherwise an idle thread sleeps so deeply that it hears nothing at all.
      atomics: 'disabled',
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
    });
    pool.on('error', (error: unknown) => log.error('search', 'thread failed', { error }));
    return pool;
  }
}
