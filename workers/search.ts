/** A search worker's thread: one job per call, stopped by the flag that came with it. */
import { printWarnings } from '../src/base/warnings.ts';
import type { SearchAnswer, SearchJob } from '../src/pool/contract/search-job.ts';
import { Arena } from '../src/search/arena.ts';
import { helpAt } from '../src/search/helpers.ts';
import { runSearch } from '../src/search/job.ts';
import { scanSlices } from '../src/search/scan.ts';
import { readSubtrees } from '../src/search/subtrees.ts';
import { TextTools } from '../src/search/text-tools.ts';

printWarnings();

const tools = new TextTools();
const scratch = new Arena();

/** Called by piscina. */
export default function search(job: SearchJob): SearchAnswer {
  switch (job.kind) {
    case 'ready':
      if (job.port !== undefined) helpAt(job.port, (request) => readSubtrees(request, () => Date.now(), scratch));
      return { files: [], cancelled: false };
    case 'scan':
      return scanSlices(job, stopped(job.cancel), tools);
    default:
      return runSearch(job, stopped(job.cancel), tools);
  }
}

function stopped(cancel: SharedArrayBuffer): () => boolean {
  const flag = new Int32Array(cancel);
  return () => Atomics.load(flag, 0) !== 0;
}
