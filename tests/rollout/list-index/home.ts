/** Questions to an index of stored threads, and a clock that tests move. */
import type { IndexQuery } from '../../../src/rollout/list-index/query.ts';
import type { ThreadIndex } from '../../../src/rollout/list-index/thread-index.ts';
import { numberOf, type Seed } from '../../threads/stored-threads.ts';

export const day = (number: number): string =>
  new Date(Date.UTC(2025, 0, number, 12)).toISOString().replace('.000Z', 'Z');

export const seeds = (count: number): Seed[] =>
  [...Array(count).keys()].map((at) => ({ number: at + 1, time: day(at + 1) }));

export const ALL: IndexQuery = {
  after: null,
  limit: 100,
  sortKey: 'created_at',
  direction: 'desc',
  archived: false,
  modelProviders: null,
  sourceKinds: null,
  searchTerm: null,
  cwd: null,
};

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
