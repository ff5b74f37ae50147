/** What can be asked of the list of stored threads, and what is answered. Plain data: it crosses between threads. */
import type { ThreadSourceKind } from '../../protocol/threads.ts';
import type { Place } from '../cursor.ts';
import type { ThreadSummary } from '../head.ts';

export type Direction = 'asc' | 'desc';

export interface ListFilters {
  /** null: the server's own provider; empty: all. */
  readonly modelProviders: readonly string[] | null;
  /** null or empty: those that people open. */
  readonly sourceKinds: readonly ThreadSourceKind[] | null;
  /** Words that must all be found in the name or the preview; null or blank: no matter. */
  readonly searchTerm: string | null;
  /** The folder that threads were started in; null: any. */
  readonly cwd: string | null;
}

export interface IndexQuery extends ListFilters {
  /** Only what comes behind this place. */
  readonly after: Place | null;
  /** At least 1. */
  readonly limit: number;
  /** `created_at`: by the time in a file's name, which is local. `updated_at`: by that of its last change, UTC, whole seconds. */
  readonly sortKey: 'created_at' | 'updated_at';
  readonly direction: Direction;
  readonly archived: boolean;
}

export interface ListedThreads {
  /** Heads without base instructions and tools. */
  readonly threads: readonly ThreadSummary[];
  /** null when no file follows. What follows need not match. */
  readonly nextCursor: string | null;
}
