/**
 * The head start of a first search. Starting its threads and walking its roots take the longest, so both begin when
 * the request has been read, while the application that answers it is still being loaded.
 * Without it a first search takes a fifth longer (two idle processors, 4,000 files).
 *
 * In: requests as they were read, not validated, so only hints. Out: the pool, which the application takes over. Owns
 * the pool until then.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Logger } from '../base/log.ts';
import type { Env } from '../base/paths.ts';
import type { SearchPool } from './search-pool.ts';

export interface SearchAheadOptions {
  readonly env: Env;
  /** Folder that relative paths of requests are resolved against. */
  readonly cwd: string;
  /** Folder of the built programs; ends in a slash. */
  readonly programs: URL;
  readonly log: Logger;
  readonly load: () => Promise<typeof SearchPool>;
}

/** With more roots, a head start makes no difference. */
const MAX_ROOTS = 8;

const MIN_THREADS = 2;
const MAX_THREADS = 4;
const SEARCHES = ['fuzzyFileSearch', 'fuzzyFileSearch/sessionStart'];

export class SearchAhead {
  readonly #options: SearchAheadOptions;
  #pool: Promise<SearchPool> | undefined;

  constructor(options: SearchAheadOptions) {
    this.#options = options;
  }

  /** Resolves when all threads that the request needs are starting; never rejects. */
  async prepareFor(method: string, params: unknown): Promise<void> {
    if (!SEARCHES.includes(method)) return;
    const { cwd, log } = this.#options;
    const roots = rootsIn(params)
      .slice(0, MAX_ROOTS)
      .map((root) => resolve(cwd, root));
    try {
      await (await this.pool()).prepare(roots);
    } catch (error) {
      log.warn('search', 'no head start', { error }); // the search itself reports the error
    }
  }

  /** The only pool of this server. */
  pool(): Promise<SearchPool> {
    this.#pool ??= this.#create().catch((error: unknown) => {
      this.#pool = undefined; // a later attempt may succeed
      throw error;
    });
    return this.#pool;
  }

  /** Ends the threads of the pool, if there is one; resolves when they have ended. Never rejects. */
  async close(): Promise<void> {
    const pool = await this.#pool?.catch(() => undefined);
    await pool?.[Symbol.asyncDispose]();
  }

  async #create(): Promise<SearchPool> {
    const { env, programs, log, load } = this.#options;
    const Pool = await load();
    return new Pool({
      workersFolder: programs,
      env: env,
      maxThreads: Math.min(Math.max(availableParallelism() - 1, MIN_THREADS), MAX_THREADS),
      log,
    });
  }
}

function rootsIn(params: unknown): readonly string[] {
  const roots: unknown = typeof params === 'object' && params !== null && 'roots' in params ? params.roots : undefined;
  return Array.isArray(roots) ? roots.filter((root) => typeof root === 'string') : [];
}
