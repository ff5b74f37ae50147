/** A turn shard's thread: the shard, its commands over comlink, its events over the port that came with the start. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { Shard } from '../src/engine/shard.ts';
import type { ShardWorkerData } from '../src/pool/contract/turn-shard.ts';

const { events }: ShardWorkerData<MessagePort> = workerData;
if (parentPort === null) throw new Error('this file runs as a worker');

const shard = new Shard((batch) => events.postMessage(batch));
events.on('message', (acknowledged: number) => shard.events.acknowledge(acknowledged));
expose(shard, nodeEndpoint(parentPort));
