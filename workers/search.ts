/** A search worker's thread: one search per call, stopped by the flag that came with it. */
import type { SearchAnswer, SearchJob } from '../src/pool/contract/search-job.ts';
import { runSearch } from '../src/search/job.ts';

/** Called by piscina. */
export default function search({ cancel, ...request }: SearchJob): SearchAnswer {
  const flag = new Int32Array(cancel);
  return runSearch(request, () => Atomics.load(flag, 0) !== 0);
}
