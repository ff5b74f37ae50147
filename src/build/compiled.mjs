// Has V8 keep what it makes of the programs: one run of the server, in which those of its functions that every run needs are compiled.
// Each version of V8 has a folder of its own in the build, so that servers on several versions of Node can use one build.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isWhole, moveToPlace, seal } from './whole-folder.mjs';

const requests = (folder) => [
  { id: 1, method: 'initialize', params: { clientInfo: { name: 'build', title: null, version: '0' } } },
  { method: 'initialized' },
  { id: 2, method: 'model/list', params: {} },
  { id: 3, method: 'thread/list', params: {} },
  { id: 4, method: 'thread/start', params: { cwd: folder } },
  { id: 5, method: 'fuzzyFileSearch', params: { query: 'a', roots: [folder] } },
];

/** Nobody listens there: a build says nothing to a model service, and uses no key and no settings of whoever builds. */
const NOWHERE = 'http://127.0.0.1:9/v1';
const RUN_LIMIT_MS = 300_000;

/** The same place as in `src/start.ts`. */
const placeIn = (build) => join(build, 'compiled', `${process.versions.v8}-${process.arch}`);

export const isCompiled = (build) => isWhole(placeIn(build));

/** Without it programs run all the same, only later: a run that fails is told and ends nothing. Throws when it cannot write. */
export function compileFor(build) {
  mkdirSync(join(build, 'compiled'), { recursive: true });
  const scratch = mkdtempSync(join(build, 'compiled', 'unfinished-'));
  const [out, home] = ['out', 'home'].map((name) => join(scratch, name));
  try {
    for (const folder of [out, home]) mkdirSync(folder);
    const { status, stderr, error } = serverRun(join(build, 'main.js'), home, out);
    if (status !== 0) process.stderr.write(`programs are compiled when they start: ${error?.message ?? stderr}\n`);
    else {
      seal(out);
      moveToPlace(out, placeIn(build));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

function serverRun(program, folder, out) {
  const preload = new URL('keep-compiled.mjs', import.meta.url).href;
  return spawnSync(process.execPath, ['--import', preload, program], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, CODEX_HOME: folder, OPENAI_BASE_URL: NOWHERE, KEEP_COMPILED_IN: out },
    input: requests(folder)
      .map((request) => `${JSON.stringify(request)}\n`)
      .join(''),
    encoding: 'utf8',
    timeout: RUN_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
}
