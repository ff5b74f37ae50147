/** Questions to the list of stored threads, and a clock that tests move. */
import type { IndexQuery } from '../../../src/contract/thread-query.ts';
import type { ThreadIndex } from '../../../src/rollout/list-index/thread-index.ts';
import { numberOf, type Seed } from '../../threads/stored-threads.ts';

export const day = (number: number): string =>
  new Date(Date.UTC(2025, 0, number, 12)).toISOString().replace('.000Z', 'Z');

export const seeds = (count: number): Seed[] =>
  [...Array(count).keys()].map((at) => ({ number: at + 1, time: day(at + 1) }));

/** What a client asks that names no filter and no order. */
export const UNFILTERED: Omit<IndexQuery, 'after' | 'limit'> = {
  sortKey: 'created_at',
  direction: 'desc',
  archived: false,
  modelProviders: null,
  sourceKinds: null,
  searchTerm: null,
  cwd: null,
};

export const ALL: IndexQuery = { ...UNFILTERED, after: null, limit: 100 };

export async function numbers(
  index: ThreadIndex,
  query: Partial<IndexQuery> = {},
  busyPaths: readonly string[] = [],
): Promise<number[]> {
  const { threads } = await index.page({ ...ALL, ...query }, { busyPaths, isCancelled: () => false });
  return threads.map(({ meta }) => numberOf(meta));
}

export class TestClock {
  steadyMs = 1_000_000;

  /** For an index. */
  get clocks() {
    return { steadyMs: () => this.steadyMs };
  }
}
