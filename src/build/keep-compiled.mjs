// Loaded before the server in the run that `compiled.mjs` makes: when it ends, what V8 has made of the programs is
// written into the folder that KEEP_COMPILED_IN names.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import { isMainThread } from 'node:worker_threads';

const { Script } = vm;
const kept = new Map();

class KeptScript extends Script {
  constructor(code, options) {
    super(code, options);
    kept.set(options.filename, this);
  }
}

/** Programs that did not run in this thread are compiled as far as V8 compiles what has not run. */
function compileRest(folder) {
  const programs = readdirSync(folder).filter((name) => name.endsWith('.js'));
  for (const filename of programs.map((name) => join(folder, name))) {
    if (!kept.has(filename)) kept.set(filename, new Script(readFileSync(filename, 'latin1'), { filename }));
  }
}

/** A server in a hurry to end leaves out what has not run yet: on a busy machine that would be most of it. */
const UNHURRIED = 20;

if (isMainThread) {
  const { setTimeout: start } = globalThis;
  globalThis.setTimeout = Object.assign((run, ms, ...args) => start(run, ms * UNHURRIED, ...args), start);
  vm.Script = KeptScript;
  v8.setFlagsFromString = () => undefined; // what is kept is refused where flags differ, and programs start with none
  process.on('exit', () => {
    const [main] = kept.keys();
    compileRest(dirname(main));
    for (const [filename, script] of kept) {
      writeFileSync(join(process.env.KEEP_COMPILED_IN, `${basename(filename)}.cache`), script.createCachedData());
    }
  });
}
