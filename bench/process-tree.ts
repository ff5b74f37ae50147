/** Memory of a process and all its descendants, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { setInterval } from 'node:timers/promises';

interface Process {
  readonly pid: number;
  readonly parent: number;
}

/** Sum of the resident sets in MB (of 2^20 bytes); null where there is no /proc. */
export function residentMb(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const all = processes();
  const tree = new Set([pid]);
  for (let grown = true; grown; ) {
    const before = tree.size;
    for (const each of all) if (tree.has(each.parent)) tree.add(each.pid);
    grown = tree.size > before;
  }
  return [...tree].reduce((sum, each) => sum + residentKb(each), 0) / 1024;
}

/** The most seen while `work` ran, looking every `everyMs`; null where nothing can be seen. */
export async function peakMb<T>(
  pid: number,
  everyMs: number,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly peakMb: number | null }> {
  const done = new AbortController();
  const watching = watch(pid, everyMs, done.signal);
  try {
    const value = await work();
    done.abort();
    return { value, peakMb: await watching };
  } finally {
    done.abort();
  }
}

async function watch(pid: number, everyMs: number, signal: AbortSignal): Promise<number | null> {
  let peak = residentMb(pid);
  try {
    for await (const _ of setInterval(everyMs, undefined, { signal })) {
      peak = peak === null ? null : Math.max(peak, residentMb(pid) ?? 0);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return peak;
}

function processes(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    // The program's name is in parentheses and may hold anything; the parent is the second field behind it.
    const fields = read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ');
    return [{ pid, parent: Number(fields[1]) }];
  });
}

const residentKb = (pid: number): number => Number(/^VmRSS:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it ended in the meantime
  }
}
