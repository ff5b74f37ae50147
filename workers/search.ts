/** A search worker's thread: one job per call, stopped by the flag that came with it. */
import type { JobAnswer, SearchJob } from '../src/pool/contract/search-job.ts';
import { Arena } from '../src/search/arena.ts';
import { runSearch } from '../src/search/job.ts';
import { scanSlices } from '../src/search/scan.ts';
import { readSubtrees } from '../src/search/subtrees.ts';
import { TextTools } from '../src/search/text-tools.ts';

const tools = new TextTools();
const scratch = new Arena();

/** Called by piscina. */
export default function search(job: SearchJob): JobAnswer {
  switch (job.kind) {
    case 'ready':
      return { files: [], cancelled: false };
    case 'read':
      return readSubtrees(job, () => Date.now(), scratch);
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
