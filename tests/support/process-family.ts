/**
 * A process and all that it has started, to be ended together. Commands under test have process groups of their own and may outlive who
 * started them, so on Linux they are found as descendants, and by a variable in their environment.
 *
 * In: a process that leads a group and has been started with `FAMILY_VARIABLE`. No state.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export const FAMILY_VARIABLE = 'SHARDEX_TEST_FAMILY';

/** Between looking and killing a process may start another one. */
const MOST_ROUNDS = 10;

/** Kills the process, when it still runs, and all of its family. Blocks for some milliseconds. */
export function endFamily(pid: number, family: string): void {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/T', '/F', '/PID', String(pid)], { stdio: 'ignore' });
    return;
  }
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const members = process.platform === 'linux' ? membersOf(pid, family) : [];
    kill(-pid);
    for (const member of members) kill(member);
    if (members.length === 0) return;
  }
}

function membersOf(pid: number, family: string): number[] {
  const mark = `${FAMILY_VARIABLE}=${family}\0`;
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      parent: parentOf(name),
      marked: read(`/proc/${name}/environ`).includes(mark),
    }));
  const members = new Set(all.filter((each) => each.marked || each.pid === pid).map((each) => each.pid));
  for (let size = -1; size < members.size; ) {
    size = members.size;
    for (const each of all) if (members.has(each.parent ?? 0)) members.add(each.pid);
  }
  return all.filter((each) => members.has(each.pid) && each.parent !== null).map((each) => each.pid);
}

/** Null of a process that has ended, also when nobody has taken its exit code. */
function parentOf(pid: string): number | null {
  const stat = read(`/proc/${pid}/stat`);
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === undefined || state === '' || state === 'Z' || state === 'X' ? null : Number(parent);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended, or belongs to somebody else
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
