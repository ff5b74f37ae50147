/** A search worker's thread: one job per call, stopped by the flag that came with it. */

import { type MessagePort, threadId } from 'node:worker_threads';
import { printWarnings } from '../src/base/warnings.ts';
import type { SearchAnswer, SearchJob } from '../src/contract/search-messages.ts';
import { Arena } from '../src/search/arena.ts';
import { Disk } from '../src/search/disk.ts';
import { serveAsHelper } from '../src/search/helpers.ts';
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
      if (job.port !== undefined) help(job.port, new Disk(job.calls, [], threadId));
      return { files: [], cancelled: false };
    case 'scan':
      return scanSlices(job, stopped(job.cancel), tools);
    case 'walk':
      return runSearch(job, stopped(job.cancel), new Disk(job.calls, job.unreadable, threadId), tools);
  }
}

function help(port: MessagePort, disk: Disk): void {
  serveAsHelper(port, (request) => readSubtrees(request, { disk, nowMs: () => Date.now(), arena: scratch }));
}

function stopped(cancel: SharedArrayBuffer): () => boolean {
  const flag = new Int32Array(cancel);
  return () => Atomics.load(flag, 0) !== 0;
}
