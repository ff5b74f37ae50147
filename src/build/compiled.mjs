// Has V8 keep what it makes of the programs: one session of the server, in which those of its functions that every session needs are
// compiled. Each version of V8 has a folder of its own in the build, so that servers on several versions of Node can use one build.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runSession } from './session.mjs';
import { isWhole, moveToPlace, seal } from './whole-folder.mjs';

/** The same place as in `src/start.ts`. */
const placeIn = (build) => join(build, 'compiled', `${process.versions.v8}-${process.arch}`);

export const isCompiled = (build) => isWhole(placeIn(build));

/** Without it programs run all the same, only later: a session that fails is told and ends nothing. Rejects when it cannot write. */
export async function compileFor(build) {
  mkdirSync(join(build, 'compiled'), { recursive: true });
  const scratch = mkdtempSync(join(build, 'compiled', 'unfinished-'));
  const [out, home] = ['out', 'home'].map((name) => join(scratch, name));
  try {
    for (const folder of [out, home]) mkdirSync(folder);
    const failure = await runSession({ program: join(build, 'main.js'), home, keptIn: out });
    if (failure !== null) process.stderr.write(`programs are compiled when they start: ${failure}\n`);
    else {
      seal(out);
      moveToPlace(out, placeIn(build));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}
