/** What crosses the border between the main thread and a search worker: plain data, and one shared flag. */
import type { FoundFile, SearchRequest } from '../../search/job.ts';

/** A search as the worker gets it. */
export interface SearchJob extends SearchRequest {
  /** One 32-bit integer: 0 while the search is wanted, anything else once it is to stop. */
  readonly cancel: SharedArrayBuffer;
}

/** What the worker answers. */
export interface SearchAnswer {
  readonly files: readonly FoundFile[];
  /** Whether the search was stopped before it had seen everything. */
  readonly cancelled: boolean;
}
