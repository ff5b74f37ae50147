/** Distinguishes processes that reuse an id. In: a process id. Out: the process's start time. No state. */
import { readRegularSync } from './regular-file.ts';

/** One line with a name of at most 64 bytes and some fifty numbers. */
const STAT_LIMIT_BYTES = 8_192;

/** The fields of `/proc/PID/stat` after the name (which may contain any character): state, parent, group, …; undefined without such a file. */
export function statFields(processId: number | string): readonly string[] | undefined {
  try {
    const stat = readRegularSync(`/proc/${processId}/stat`, STAT_LIMIT_BYTES).toString('latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** In clock ticks since boot; undefined if unknown or if the process has ended. */
export const startOf = (processId: number): string | undefined => statFields(processId)?.[19];
