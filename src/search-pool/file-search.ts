/** A file search, its results, and the flag that cancels it. */

import type { SearchAnswer, WalkJob } from '../contract/search-messages.ts';
/** A client's request. */
export interface FileSearch {
  readonly query: string;
  readonly roots: WalkJob['roots'];
  /** A later search with the same token stops this one. */
  readonly cancellationToken: string | null;
  readonly ranking: WalkJob['ranking'];
  /** Time of the request, by `sharedSteadyMs`: later changes may be missing in the results. Defaults to now. */
  readonly askedMs?: number;
}

/** A file that matched. */
export interface FileSearchResult {
  /** The root as the client wrote it. */
  root: string;
  /** Relative to the root. */
  path: string;
  /** The last component of the path. */
  file_name: string;
  score: number;
  /** Matched positions, counted in grapheme clusters of the path, ascending. */
  indices: number[];
}

/** A search that has not been answered yet. */
export class RunningSearch {
  readonly cancel = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #stop = new AbortController();

  /** Aborted by `stop`. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    Atomics.store(new Int32Array(this.cancel), 0, 1);
    this.#stop.abort();
  }
}

/** A file in the result's form. */
export function toResult(
  { rootIndex, path, score, indices }: SearchAnswer['files'][number],
  roots: FileSearch['roots'],
): FileSearchResult {
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  return { root: roots[rootIndex]?.given ?? '', path, file_name: fileName, score, indices: [...indices] };
}
