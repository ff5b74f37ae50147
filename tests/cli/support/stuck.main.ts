// Loaded into every thread of a server by NODE_OPTIONS: what a test names by a file in the folder STUCK is held up for good,
// which a file NAME.held says just before.
import { existsSync, openSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainThread, workerData } from 'node:worker_threads';

const folder = process.env.STUCK ?? '';
const fifo = join(folder, 'fifo');
const isShard = workerData?.events !== undefined;

/** More than there are threads for blocking calls. */
const CALLS = 5;

function blockPool(): void {
  for (let count = 0; count < CALLS; count += 1) void open(fifo, 'r');
}

const WAYS: Readonly<Record<string, () => void>> = {
  ...(isMainThread ? { 'main-pool': blockPool } : {}),
  ...(isShard
    ? {
        'shard-pool': blockPool,
        'shard-call': () => openSync(fifo, 'r'),
        'shard-loop': () => {
          for (;;);
        },
      }
    : {}),
  ...(isMainThread || isShard ? {} : { 'search-call': () => openSync(fifo, 'r') }),
};

const timer = setInterval(() => {
  for (const [name, hold] of Object.entries(WAYS)) {
    if (!existsSync(join(folder, name))) continue;
    clearInterval(timer);
    writeFileSync(join(folder, `${name}.held`), '');
    hold();
  }
}, 5);
timer.unref();
