/** What crosses the border between the main thread and a search worker: plain data, shared flags and shared indexes. */
import type { SearchRequest } from '../../search/job.ts';
import type { RankedFile } from '../../search/ranking.ts';
import type { ScanRequest } from '../../search/scan.ts';
import type { Subtrees, SubtreesRequest } from '../../search/subtrees.ts';

/** One 32-bit integer: 0 while the search is wanted, anything else once it is to stop. */
export interface Cancellable {
  readonly cancel: SharedArrayBuffer;
}

/** A search without an index: the worker walks the roots. */
export interface WalkJob extends SearchRequest, Cancellable {
  readonly kind: 'walk';
}

/** A share of a search in indexes. */
export interface ScanJob extends ScanRequest, Cancellable {
  readonly kind: 'scan';
}

/** Folders to read for an index. */
export interface ReadJob extends SubtreesRequest {
  readonly kind: 'read';
}

/** Nothing to do but to be there when the next job comes. */
export interface ReadyJob {
  readonly kind: 'ready';
}

export type SearchJob = WalkJob | ScanJob | ReadJob | ReadyJob;

/** What a thread answers, by the kind of job. */
export type JobAnswer = SearchAnswer | Subtrees;

/** What the worker answers; the roots are known by their place. */
export interface SearchAnswer {
  readonly files: readonly RankedFile[];
  /** Whether the search was stopped before it had seen everything. */
  readonly cancelled: boolean;
}
