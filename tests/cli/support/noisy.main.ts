// Loaded into every thread of a server by NODE_OPTIONS: when the folder NOISY has a file `go`, the thread warns and prints, and
// then says so with a file named after its number.
import { Console } from 'node:console';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';

const folder = process.env.NOISY ?? '';

const timer = setInterval(() => {
  if (!existsSync(join(folder, 'go'))) return;
  clearInterval(timer);
  process.emitWarning('PEAR', 'ExperimentalWarning');
  process.emitWarning('PEAR', 'DeprecationWarning', 'DEP9999');
  process.stderr.write('PLUM\n');
  new Console(process.stderr).error('PLUM');
  setImmediate(() => writeFileSync(join(folder, isMainThread ? 'main' : `thread-${threadId}`), ''));
}, 5);
timer.unref();
