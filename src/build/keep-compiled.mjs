// Loaded before the server in the session that `compiled.mjs` runs: what V8 has made of the programs is written into the folder that
// KEEP_COMPILED_IN names. The main thread does so when it ends; the others, which are ended from outside, do so again and again.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import { isMainThread, threadId } from 'node:worker_threads';

const INTERVAL_MS = 100;

const { Script } = vm;
const kept = new Map();

class KeptScript extends Script {
  constructor(code, options) {
    super(code, options);
    kept.set(options.filename, this);
  }
}

const placeOf = (filename) => join(process.env.KEEP_COMPILED_IN, `${basename(filename)}.cache`);

function writeKept() {
  for (const [filename, script] of kept) {
    const aside = `${placeOf(filename)}.${threadId}`;
    writeFileSync(aside, script.createCachedData());
    renameSync(aside, placeOf(filename));
  }
}

/** Of what was never loaded: as far as V8 compiles what has not run. */
function compileRest(folder) {
  const programs = readdirSync(folder).filter((name) => name.endsWith('.js') && name !== 'start.js');
  for (const filename of programs.map((name) => join(folder, name)).filter((path) => !existsSync(placeOf(path)))) {
    kept.set(filename, new Script(readFileSync(filename, 'latin1'), { filename }));
  }
}

vm.Script = KeptScript;
if (isMainThread) {
  v8.setFlagsFromString = () => undefined; // what is kept is refused where flags differ, and programs start with none
  process.on('exit', () => {
    const [main] = kept.keys();
    compileRest(dirname(main));
    writeKept();
  });
} else setInterval(writeKept, INTERVAL_MS).unref();
