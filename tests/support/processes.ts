/** Processes as the system knows them, for tests of what is left behind. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';
import { until } from './patience.ts';

export const pidIn = (text: string): number => Number.parseInt(text.trim(), 10);

/** Zombies count as gone: nothing runs in them. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** Processes that were started with this variable in their environment, the dead ones apart. */
export function processesOf(variable: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(variable);
      } catch {
        return false; // it has ended
      }
    })
    .map(Number)
    .filter(isAlive);
}

/** Processes with exactly this command line. */
export function processesWith(argv: readonly string[]): number[] {
  const wanted = `${argv.join('\0')}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8') === wanted;
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The system has no event for the end of a process that is not ours, so this looks again until it is over. */
export const allGone = (pids: readonly number[]): Promise<void> =>
  until(
    () => !pids.some(isAlive),
    () => `the end of ${pids.filter(isAlive).join(', ')}`,
  );

const KB = 1024;

/** The most memory that a process has had so far, in bytes. */
export function peakBytes(pid: number | undefined): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) * KB;
}

const TICKS_PER_SECOND = 100;

/** The processor time that a process and all of its threads have used so far, in milliseconds. */
export const cpuMs = (pid: number | undefined): number => cpuMsIn(`/proc/${pid}/stat`);

/** What the main thread of this process has used. */
export const mainThreadCpuMs = (): number => cpuMsIn(`/proc/self/task/${process.pid}/stat`);

function cpuMsIn(statFile: string): number {
  const stat = readFileSync(statFile, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}
