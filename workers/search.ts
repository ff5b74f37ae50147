/** A search worker's thread: one job per call, stopped by the flag that came with it. */
import type { SearchAnswer, SearchJob } from '../src/pool/contract/search-job.ts';
import { runSearch } from '../src/search/job.ts';
import { scanSlices } from '../src/search/scan.ts';
import { TextTools } from '../src/search/text-tools.ts';

const tools = new TextTools();

/** Called by piscina. */
export default function search(job: SearchJob): SearchAnswer {
  if (job.kind === 'ready') return { files: [], cancelled: false };
  const { cancel, kind, ...request } = job;
  const flag = new Int32Array(cancel);
  const isCancelled = (): boolean => Atomics.load(flag, 0) !== 0;
  return 'parts' in request ? scanSlices(request, isCancelled, tools) : runSearch(request, isCancelled, tools);
}
