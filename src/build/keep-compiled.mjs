// Loaded before the server in the run that `warm-up.mjs` makes: when it ends, what V8 has compiled is put beside the code.
import { writeFileSync } from 'node:fs';
import v8 from 'node:v8';
import vm from 'node:vm';
import { isMainThread } from 'node:worker_threads';

const { Script } = vm;
const kept = [];

class KeptScript extends Script {
  constructor(code, options) {
    super(code, options);
    kept.push({ script: this, path: `${options.filename}.cache` });
  }
}

if (isMainThread) {
  vm.Script = KeptScript;
  v8.setFlagsFromString = () => undefined; // what is kept is refused where flags differ, and programs start with none
  process.on('exit', () => {
    for (const { script, path } of kept) writeFileSync(path, script.createCachedData());
  });
}
