/** What can be asked of the list of stored threads, and what is answered. Plain data: it crosses between threads. */
import type { ThreadSourceKind } from '../protocol/threads.ts';

/** Orders files: by time, then by id. Both sort as text. */
export interface Place {
  /** `YYYY-MM-DDThh-mm-ss` */
  readonly timestamp: string;
  readonly id: string;
}

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

export interface ListedThreads<Summary> {
  /** Heads without base instructions and tools. */
  readonly threads: readonly Summary[];
  /** null when no file follows. What follows need not match. */
  readonly nextCursor: string | null;
}

export interface ListerOptions {
  /** Absolute, without links. */
  readonly codexHome: string;
  readonly processCwd: string;
  readonly defaultProvider: string;
}

export type ListerRequest =
  | {
      readonly kind: 'page';
      readonly id: number;
      readonly query: IndexQuery;
      /** As JSON of the wire, or as what it is made from. */
      readonly form: 'threads' | 'summaries';
      readonly busyPaths: readonly string[];
      /** One 32-bit integer: 0 while the page is wanted. */
      readonly cancel: SharedArrayBuffer;
    }
  | { readonly kind: 'close' };

/** `Summary` is what the stored head of a thread is read as. */
export type ListerReply<Summary> =
  | {
      readonly kind: 'threads';
      readonly id: number;
      readonly threads: Uint8Array<ArrayBuffer>;
      readonly nextCursor: string | null;
    }
  | {
      readonly kind: 'summaries';
      readonly id: number;
      readonly threads: readonly Summary[];
      readonly nextCursor: string | null;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
