/** The list's thread: queries for pages of stored threads come in, pages go out. */
import { parentPort, workerData } from 'node:worker_threads';
import { printWarnings } from '../src/base/warnings.ts';
import type { ListerOptions, ListerRequest } from '../src/contract/thread-query.ts';
import { Lister } from '../src/rollout/list-index/lister.ts';

printWarnings();

if (parentPort === null) throw new Error('this file runs as a worker');
const port = parentPort;
const options: ListerOptions = workerData;

const lister = new Lister(options, (reply) =>
  port.postMessage(reply, reply.kind === 'threads' ? [reply.threads.buffer] : []),
);
port.on('message', (request: ListerRequest) => {
  if (request.kind === 'page') void lister.page(request);
  else void lister.close().then(() => port.close());
});
