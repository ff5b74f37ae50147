/** What crosses the border between the main thread and a search worker: plain data, shared flags and shared indexes. */
import type { MessagePort } from 'node:worker_threads';
import type { CallMemory } from '../../search/current-call.ts';
import type { SearchRequest } from '../../search/job.ts';
import type { RankedFile } from '../../search/ranking.ts';
import type { ScanRequest } from '../../search/scan.ts';

/** One 32-bit integer: 0 while the search is wanted, anything else once it is to stop. */
export interface Cancellable {
  readonly cancel: SharedArrayBuffer;
}

/** A search without an index: the worker walks the roots. */
export interface WalkJob extends SearchRequest, Cancellable {
  readonly kind: 'walk';
  readonly calls: CallMemory;
  /** Paths that are not to be touched. */
  readonly unreadable: readonly string[];
}

/** A share of a search in indexes. */
export interface ScanJob extends ScanRequest, Cancellable {
  readonly kind: 'scan';
}

/** To be there when the next job comes; with a port, to read folders for whoever is at its other end. */
export interface ReadyJob {
  readonly kind: 'ready';
  readonly port: MessagePort | undefined;
  readonly calls: CallMemory;
}

export type SearchJob = WalkJob | ScanJob | ReadyJob;

/** What the worker answers; the roots are known by their place. */
export interface SearchAnswer {
  readonly files: readonly RankedFile[];
  /** Whether the search was stopped before it had seen everything. */
  readonly cancelled: boolean;
  /** Roots, by their place, that there was not enough time for. */
  readonly overdue?: readonly number[];
  /** Roots, by their place, of which some could not be read for want of descriptors. */
  readonly unread?: readonly number[];
}
