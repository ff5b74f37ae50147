/**
 * Snapshots for a search, within the time that it may take.
 *
 * In: roots. Out: a snapshot for each; of a tree that takes too long, what is known of it by then. No state.
 */
import { settledWithin } from '../base/abort.ts';
import type { Logger } from '../base/log.ts';
import { emptySnapshot, type Indexed, type SearchIndex } from './index-client.ts';
import type { SearchNotices } from './notices.ts';

export interface SnapshotRequest {
  /** Absolute; each once. */
  readonly roots: readonly string[];
  /** They are right for all that happened before, by `sharedSteadyMs`. */
  readonly askedMs: number | undefined;
  readonly limitMs: number;
}

export interface SnapshotSource {
  readonly index: SearchIndex;
  readonly notices: SearchNotices;
  readonly log: Logger;
}

/** The indexer answers this soon, unless the system does not let go of its thread. */
const PEEK_LIMIT_MS = 250;

/** One for each root; undefined for a tree that has no index, and for all when the indexer has failed. */
export async function snapshotsWithin(
  { roots, askedMs, limitMs }: SnapshotRequest,
  { index, notices, log }: SnapshotSource,
): Promise<readonly Indexed[]> {
  const refreshed = index.refresh(roots, askedMs);
  if (!(await settledWithin(refreshed, limitMs))) {
    refreshed.catch(() => undefined); // nobody waits for it any more
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
  peeked.catch(() => undefined); // what is known already is as good
  if (!answered) log.warn('search', 'the indexer does not answer', { roots });
  return roots.map((root) => {
    const known = index.known(root) ?? emptySnapshot(root);
    if (!known.complete) notices.tell({ root, bound: 'time' });
    return known;
  });
}
