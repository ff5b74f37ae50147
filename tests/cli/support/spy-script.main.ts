/** Loaded before the server (`--import`): says of every program whether V8 took what it was given for it. */
import { writeSync } from 'node:fs';
import { basename } from 'node:path';
import vm, { type ScriptOptions } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

const Original = vm.Script;
const STDERR = 2;

class SpiedScript extends Original {
  constructor(code: string, options: ScriptOptions = {}) {
    super(code, options);
    const verdict = { true: 'refused', false: 'taken', undefined: 'absent' }[`${this.cachedDataRejected}`];
    writeSync(STDERR, `${basename(options.filename ?? '')} ${verdict}\n`);
  }
}

if (isMainThread) Reflect.set(vm, 'Script', SpiedScript);
