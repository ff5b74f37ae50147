// Process groups: how they are ended, and who remembers them.
import { readdirSync } from 'node:fs';
import { readRegularSync } from '../base/regular-file.ts';

/** One line with a name of at most 64 bytes and some fifty numbers. */
const STAT_LIMIT_BYTES = 8_192;

/** Whether any process of the group is left. */
export function isGroupAlive(groupId: number): boolean {
  return signalGroup(groupId, 0);
}

/** Sends a signal to a whole group; false when nobody was there to get it. */
export function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch (error) {
    // EPERM means that someone is there but may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Asks a group to end. The sandbox's own process leads a confined group and would take the rest down with it at once,
 * so there only the others are asked.
 */
export function askGroupToEnd(groupId: number, options: { readonly sparesLeader: boolean }): void {
  const others = options.sparesLeader ? groupMembers(groupId).filter((id) => id !== groupId) : [];
  if (others.length === 0) signalGroup(groupId, 'SIGTERM');
  for (const id of others) {
    try {
      process.kill(id, 'SIGTERM');
    } catch {
      // Gone in the meantime.
    }
  }
}

/** The ids of a group's processes that still run; empty where the system has no /proc. */
export function groupMembers(groupId: number): number[] {
  const members: number[] = [];
  for (const name of processEntries()) {
    const stat = statOf(name);
    // The name in brackets may hold anything, so fields are counted from its end: state, parent, group.
    const [state, , group] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
    if (state !== 'Z' && Number(group) === groupId) members.push(Number(name));
  }
  return members;
}

function processEntries(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function statOf(processName: string): string | undefined {
  try {
    return readRegularSync(`/proc/${processName}/stat`, STAT_LIMIT_BYTES).toString('latin1');
  } catch {
    return undefined;
  }
}

/** Remembers the groups that were started, so that none outlives the server. */
export class ProcessGroups {
  readonly #ids = new Set<number>();

  started(groupId: number): void {
    this.#forgetEmpty();
    this.#ids.add(groupId);
  }

  /** The group's leader has ended; the group is forgotten unless something in the background lives on. */
  ended(groupId: number): void {
    if (!isGroupAlive(groupId)) this.#ids.delete(groupId);
  }

  /** Ends every process of every group at once; harmless when there are none. */
  killAll(): void {
    for (const id of this.#ids) signalGroup(id, 'SIGKILL');
    this.#ids.clear();
  }

  get size(): number {
    this.#forgetEmpty();
    return this.#ids.size;
  }

  // The system gives the number of an empty group to someone else sooner or later.
  #forgetEmpty(): void {
    for (const id of this.#ids) if (!isGroupAlive(id)) this.#ids.delete(id);
  }
}
