import { SearchPool, type SearchPoolOptions, type SearchSettings } from '../../src/search-pool/search-pool.ts';
import { silentLogger } from '../support/silent-logger.ts';

/** A pool of two threads that run the worker in a folder; the caller disposes it. */
export function poolIn(
  workersFolder: URL,
  more: Partial<SearchPoolOptions> = {},
  settings: Partial<SearchSettings> = {},
): SearchPool {
  const pool = new SearchPool({
    workersFolder,
    maxThreads: 2,
    env: { HOME: '/nowhere' },
    log: silentLogger,
    ...more,
  });
  pool.configure({ maxIndexedFiles: 1_000_000, onUnwatched: () => undefined, onBounded: () => undefined, ...settings });
  return pool;
}
