import { silentLogger } from '../../src/base/log.ts';
import { SearchPool, type SearchPoolOptions } from '../../src/pool/search-pool.ts';

/** A pool of two threads that run the worker in a folder; the caller disposes it. */
export const poolIn = (workersFolder: URL, more: Partial<SearchPoolOptions> = {}): SearchPool =>
  new SearchPool({
    workersFolder,
    maxThreads: 2,
    maxIndexedFiles: 1_000_000,
    env: { HOME: '/nowhere' },
    log: silentLogger,
    ...more,
  });
