// A build. It stands in a folder of its own, named by what it is made of, and never changes: servers go on loading from the one they
// were started from. The files that people name, `dist/main.js` and others, are launchers of the newest one.
//
//   dist/main.js                     the launcher of builds/NAME/main.js
//   dist/builds/NAME/                one build: programs, tests, benches
//   dist/builds/NAME/compiled/KEY/   what one version of V8 has made of its programs
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compileFor, isCompiled } from './compiled.mjs';
import { nameOfInputs } from './inputs.mjs';
import { writeLaunchers } from './launchers.mjs';
import { removeLeftovers, removeSuperseded, SCRATCH_PREFIX } from './old-builds.mjs';
import { isWhole, moveToPlace, seal } from './whole-folder.mjs';

/** Somebody who saves files all the time is told, not waited for. */
const MOST_ATTEMPTS = 3;

/** Builds what is not built yet. Resolves with an exit code; the reason of a failure has been written to stderr. */
export async function build(outdir) {
  try {
    const builds = join(outdir, 'builds');
    const name = await buildNewest(builds);
    const folder = join(builds, name);
    if (!isCompiled(folder)) await compileFor(folder).catch(tolerateReadOnly);
    writeLaunchers(outdir, name);
    removeSuperseded(builds, name);
    return 0;
  } catch (error) {
    // esbuild has told its own errors.
    if (!Array.isArray(error.errors)) process.stderr.write(`The build failed: ${error.message}\n`);
    return 1;
  }
}

async function buildNewest(builds) {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const name = nameOfInputs();
    const place = join(builds, name);
    if (isWhole(place)) return name;
    if (await buildAside(builds, place, () => nameOfInputs() === name)) return name;
  }
  throw new Error('the sources change while they are built');
}

/** Resolves with whether the build was good. */
async function buildAside(builds, place, isStillSo) {
  mkdirSync(builds, { recursive: true });
  removeLeftovers(builds);
  const scratch = mkdtempSync(join(builds, `${SCRATCH_PREFIX}${process.pid}-`));
  chmodSync(scratch, 0o777 & ~process.umask()); // else nobody but its owner could run what is built
  const removeScratch = () => rmSync(scratch, { recursive: true, force: true });
  const interrupted = (signal) => {
    removeScratch();
    process.kill(process.pid, signal); // there is no handler any more: this ends the process as the signal does
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, interrupted);
  try {
    const { bundlePrograms } = await import('./programs.mjs');
    await bundlePrograms(scratch);
    if (!isStillSo()) return false;
    seal(scratch);
    await compileFor(scratch);
    moveToPlace(scratch, place);
    return true;
  } finally {
    if (existsSync(scratch)) removeScratch();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(signal, interrupted);
  }
}

/** Programs run without what V8 made of them, too: only slower. */
function tolerateReadOnly(error) {
  if (!['EROFS', 'EACCES', 'EPERM'].includes(error.code)) throw error;
}
