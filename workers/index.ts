/** The indexer's thread: requests come in, replies go out. */

import { parentPort, workerData } from 'node:worker_threads';
import { printWarnings } from '../src/base/warnings.ts';
import type { IndexerRequest, IndexWorkerData } from '../src/contract/search-messages.ts';
import { Disk } from '../src/search/disk.ts';
import { SystemWatcher, systemWatchLimits } from '../src/search/folder-watcher.ts';
import { Indexer } from '../src/search/indexer.ts';

printWarnings();

if (parentPort === null) throw new Error('this file runs as a worker');
const port = parentPort;
const { userFolders, maxWatches, calls }: IndexWorkerData = workerData;
const limits = systemWatchLimits();

const indexer = new Indexer({
  userFolders,
  disk: new Disk(calls),
  watcher: new SystemWatcher({ ...limits, maxWatches: Math.min(limits.maxWatches, maxWatches ?? limits.maxWatches) }),
  nowMs: () => Date.now(),
  send: (reply) => port.postMessage(reply),
});
port.on('message', (request: IndexerRequest) => indexer.handle(request));
