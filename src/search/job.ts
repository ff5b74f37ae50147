/**
 * A file search without an index: walk the roots and rank the files.
 *
 * In: a query, roots and a cancel flag. Out: the best files, best first; after a cancellation, the best so far.
 * Synchronous: runs in a worker. Owns nothing beyond the call.
 */
import type { RankedFile, SearchRequest } from '../contract/search-messages.ts';
import { Disk } from './disk.ts';
import { FzfRanking } from './fzf-ranking.ts';
import { PathRanking } from './path-ranking.ts';
import type { Ranking } from './ranking.ts';
import { TextTools } from './text-tools.ts';
import { walkRoots } from './walk.ts';

/** Result of a search. */
export interface SearchOutcome {
  /** Best first. */
  readonly files: readonly RankedFile[];
  /** Whether the search was cancelled before it had seen everything. */
  readonly cancelled: boolean;
  /** Indexes of roots that ran out of time. */
  readonly overdue?: readonly number[];
  /** Indexes of roots that could not be read completely for lack of descriptors. */
  readonly unread?: readonly number[];
}

/** Runs a search to its end, or until `isCancelled` returns true. An empty query finds nothing. */
export function runSearch(
  request: SearchRequest,
  isCancelled: () => boolean,
  disk: Disk = new Disk(),
  tools: TextTools = new TextTools(),
): SearchOutcome {
  const { query, roots, limit } = request;
  if (query === '' || roots.length === 0) return { files: [], cancelled: false };
  const ranking: Ranking =
    request.ranking === 'fzf' ? new FzfRanking(query, limit, tools) : new PathRanking(query, limit, tools);
  const overdue: number[] = [];
  const unread = new Set<number>();
  const finished = walkRoots({
    maxMs: request.maxMs,
    disk,
    onOverdue: (rootIndex) => overdue.push(rootIndex),
    onNoRoom: (rootIndex) => unread.add(rootIndex),
    roots: roots.map(({ absolute }) => absolute),
    userFolders: request.userFolders,
    isCancelled,
    onFile: (rootIndex, folder, name) => ranking.offer(rootIndex, folder, name),
  });
  return {
    files: ranking.finish(),
    cancelled: !finished,
    ...(overdue.length === 0 ? {} : { overdue }),
    ...(unread.size === 0 ? {} : { unread: [...unread] }),
  };
}
