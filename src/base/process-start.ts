/** Telling processes with the same number apart. In: a process id. Out: when it was started. No state. */
import { readRegularSync } from './regular-file.ts';

/** One line with a name of at most 64 bytes and some fifty numbers. */
const STAT_LIMIT_BYTES = 8_192;

/** The fields of `/proc/PID/stat` behind the name, which may hold anything: state, parent, group, …; undefined without such a file. */
export function statFields(processId: number | string): readonly string[] | undefined {
  try {
    const stat = readRegularSync(`/proc/${processId}/stat`, STAT_LIMIT_BYTES).toString('latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** In ticks since the start of the machine; undefined where nothing tells, or for a process that has ended. */
export const startOf = (processId: number): string | undefined => statFields(processId)?.[19];
