// Takes away builds that nothing runs from any more, and what killed builds left.
import { existsSync, readdirSync, readlinkSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

export const SCRATCH_PREFIX = 'unfinished-';

/** Between a launcher's start and the moment in which it shows what it uses, and for whoever has just gone back to older sources. */
const GRACE_MS = 10 * 60_000;
/** Where the system does not say which files a process has open. */
const GRACE_UNSEEN_MS = 14 * 24 * 60 * 60_000;
/** The process that made it may be one of another container, so a living number alone says little. */
const LONGEST_BUILD_MS = 60 * 60_000;

/** Its time says since when a build is not the newest any more. */
const SUPERSEDED = 'superseded';

/** Removes builds that are superseded for long enough and not in use. Never throws: they do no harm. */
export function removeSuperseded(builds, newest) {
  try {
    rmSync(join(builds, newest, SUPERSEDED), { force: true });
    const graceMs = process.platform === 'linux' ? GRACE_MS : GRACE_UNSEEN_MS;
    const old = readdirSync(builds).filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== newest);
    const due = old.filter((name) => supersededForMs(join(builds, name, SUPERSEDED)) > graceMs);
    const inUse = due.length === 0 ? new Set() : buildsInUse(builds);
    for (const name of due) if (!inUse.has(name)) rmSync(join(builds, name), { recursive: true, force: true });
  } catch {
    // Read only, or somebody else removes them.
  }
}

function supersededForMs(marker) {
  if (!existsSync(marker)) writeFileSync(marker, '');
  return Date.now() - statSync(marker).mtimeMs;
}

/** Names of builds of which a process has a file open; every launcher opens one. */
function buildsInUse(builds) {
  const opened = entriesOf('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => entriesOf(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`)));
  const prefix = realpathSync(builds) + sep;
  const names = opened.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split(sep)[0]);
  return new Set(names);
}

/** What cannot be read belongs to somebody else, or has just ended. */
function entriesOf(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Removes what builds that were killed have left. Never throws either. */
export function removeLeftovers(builds) {
  try {
    for (const name of readdirSync(builds).filter((each) => each.startsWith(SCRATCH_PREFIX))) {
      const path = join(builds, name);
      const maker = Number.parseInt(name.slice(SCRATCH_PREFIX.length), 10);
      const startedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (!isAlive(maker) || Date.now() - startedMs > LONGEST_BUILD_MS) rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // Somebody else's, or removed by somebody else.
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
