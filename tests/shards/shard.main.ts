/** A turn shard that does as it is told by the commands it gets: the far side for tests of the near one. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { ShardEvent, ShardWorkerData, ThreadCommand, TurnShard } from '../../src/contract/turn-shard.ts';

const { events }: ShardWorkerData<MessagePort> = workerData;
if (parentPort === null) throw new Error('this file runs as a worker');

let next = 0;
let acknowledged = -1;
const post = (...batch: ShardEvent[]): void => {
  events.postMessage({ first: next, events: batch });
  next += batch.length;
};
const log = (message: string, fields: object): ShardEvent => ({
  kind: 'log',
  level: 'info',
  area: 'fixture',
  message,
  fields,
});
events.on('message', (number: number) => {
  acknowledged = number;
});

/** What a command's text asks for. */
function act({ callId, threadId, ...command }: ThreadCommand): void {
  const [part] = command.kind === 'startTurn' ? command.input : [];
  const [order = '', value = ''] = part?.type === 'text' ? part.text.split(' ') : [];
  if (order === 'die') throw new Error('told to die');
  if (order === 'exit') process.exit(3);
  if (order === 'group') post({ kind: 'process', groupId: Number(value), alive: true });
  if (order === 'print') process.stdout.write('printed by a worker\n');
  if (order === 'acknowledged') post(log('acknowledged', { acknowledged }));
  if (order === 'forget') return;
  post({ kind: 'reply', threadId, callId, reply: { kind: 'ok' } });
}

const shard: Partial<TurnShard> = {
  configure: (settings) => post(log('configured', { codexHome: settings.codexHome })),
  setAuth: (state) => post(log('auth', { state })),
  open: async () => ({ kind: 'failed', code: 'io-failed', message: 'nothing is opened' }),
  // Outside of the call: what it throws ends the worker.
  submit: (command) => void setImmediate(() => act(command)),
  answer: () => undefined,
  readStored: async () => ({ kind: 'failed', code: 'io-failed', message: 'nothing is stored' }),
  close: async () => undefined,
  closeAll: async () => post(log('closed', {})),
};
expose(shard, nodeEndpoint(parentPort));
