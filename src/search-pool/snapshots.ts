/**
 * Snapshots for a search, within its time limit.
 *
 * In: roots. Out: a snapshot for each; of a tree that takes too long, what is indexed by then. No state.
 */
import { settledWithin } from '../base/abort.ts';
import type { Logger } from '../base/log.ts';
import { emptySnapshot, type Indexed, type SearchIndex } from './index-client.ts';
import type { SearchNotices } from './notices.ts';

export interface SnapshotRequest {
  /** Absolute and unique. */
  readonly roots: readonly string[];
  /** The snapshots include everything that happened before, by `sharedSteadyMs`. */
  readonly askedMs: number | undefined;
  readonly limitMs: number;
}

export interface SnapshotSource {
  readonly index: SearchIndex;
  readonly notices: SearchNotices;
  readonly log: Logger;
}

/** The indexer answers within this time, unless its thread is blocked in a system call. */
const PEEK_LIMIT_MS = 250;

/** One for each root; undefined for a tree without an index, and for all if the indexer has failed. */
export async function snapshotsWithin(
  { roots, askedMs, limitMs }: SnapshotRequest,
  { index, notices, log }: SnapshotSource,
): Promise<readonly Indexed[]> {
  const refreshed = index.refresh(roots, askedMs);
  if (!(await settledWithin(refreshed, limitMs))) {
    refreshed.catch(() => undefined); // its result is not needed any more
    return peek(roots, { index, notices, log });
  }
  try {
    return await refreshed;
  } catch (error) {
    log.warn('search', 'no index, roots are walked', { error });
    return roots.map(() => undefined);
  }
}

async function peek(roots: readonly string[], { index, notices, log }: SnapshotSource): Promise<readonly Indexed[]> {
  const peeked = index.peek(roots);
  const answered = await settledWithin(peeked, PEEK_LIMIT_MS);
  peeked.catch(() => undefined); // the known snapshots are used instead
  if (!answered) log.warn('search', 'the indexer does not answer', { roots });
  return roots.map((root) => {
    const known = index.known(root) ?? emptySnapshot(root);
    if (!known.complete) notices.report({ root, bound: 'time' });
    return known;
  });
}
