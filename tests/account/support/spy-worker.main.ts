/** Loaded before the server (`--import`): notes down what every worker is started with, in the file `SPY_FILE`. */
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { inspect } from 'node:util';
import threads, { type WorkerOptions } from 'node:worker_threads';

const file = process.env.SPY_FILE;
const Original = threads.Worker;

class SpiedWorker extends Original {
  constructor(script: string | URL, options: WorkerOptions = {}) {
    const seen = { script: String(script), options: inspect(options, { depth: 10, maxStringLength: null }) };
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(seen)}\n`);
    super(script, options);
  }
}

if (threads.isMainThread) {
  Reflect.set(threads, 'Worker', SpiedWorker);
  syncBuiltinESMExports();
}
