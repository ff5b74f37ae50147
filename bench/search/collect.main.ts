/**
 * Loaded into a measured Node program and its threads by `--import`, together with `--expose-gc`: on SIGUSR2 all of them collect
 * their garbage, so that the resident set holds what is in use. Keeps no thread alive.
 */
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const CHANNEL = 'shardex-bench-collect';
const channel = new BroadcastChannel(CHANNEL);

const collect = (): void => void globalThis.gc?.();

if (isMainThread) {
  process.on('SIGUSR2', () => {
    channel.postMessage(null);
    collect();
  });
} else {
  channel.onmessage = collect;
}
channel.unref();
