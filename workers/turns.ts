/**
 * A turn shard's thread: the shard, its commands over comlink, its events over the port that came with the start. Encoded
 * bytes change hands instead of being copied: a copy would be made by the main thread.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { expose, transfer } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { printWarnings } from '../src/base/warnings.ts';
import type { ShardEventBatch, ShardWorkerData, TurnShard } from '../src/contract/turn-shard.ts';
import { Shard } from '../src/engine/shard.ts';

printWarnings();

const { events }: ShardWorkerData<MessagePort> = workerData;
if (parentPort === null) throw new Error('this file runs as a worker');

const shard = new Shard((batch) => events.postMessage(batch, threadsIn(batch)));
events.on('message', (acknowledged: number) => shard.events.acknowledge(acknowledged));

const commands: TurnShard = {
  configure: (settings) => shard.configure(settings),
  setAuth: (state) => shard.setAuth(state),
  open: async (request) => handedOver(await shard.open(request)),
  submit: (command) => shard.submit(command),
  answer: (threadId, requestKey, answer) => shard.answer(threadId, requestKey, answer),
  readStored: async (request) => handedOver(await shard.readStored(request)),
  readMessages: async (path) => handedOver(await shard.readMessages(path)),
  listTurns: async (request) => handedOver(await shard.listTurns(request)),
  fetchModels: (provider) => shard.fetchModels(provider),
  showRawItems: (threadId) => shard.showRawItems(threadId),
  close: (threadId) => shard.close(threadId),
  closeAll: () => shard.closeAll(),
};
expose(commands, nodeEndpoint(parentPort));

const handedOver = <T extends object>(outcome: T): T => transfer(outcome, [...new Set(buffersIn(outcome))]);

/** All bytes in plain data; each piece is the whole of its buffer. */
function buffersIn(value: unknown): ArrayBuffer[] {
  if (value instanceof Uint8Array) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersIn) : [];
}

/** What rollbacks are answered with. */
function threadsIn({ events: batch }: ShardEventBatch): ArrayBuffer[] {
  return batch.flatMap((event) =>
    event.kind === 'reply' && event.reply.kind === 'thread' ? buffersIn(event.reply.thread) : [],
  );
}
