// Process groups: how they are ended, and who remembers them.
import { readdirSync } from 'node:fs';
import { statFields } from '../base/process-start.ts';

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
    const [state, , group] = statFields(name) ?? [];
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

/** Told of groups as long as anything of them lives. */
export interface GroupWatch {
  started(groupId: number, pipe: string | null): void;
  ended(groupId: number): void;
}

/** Remembers the groups that were started, so that none outlives the server. */
export class ProcessGroups {
  readonly #ids = new Set<number>();
  readonly #watch: GroupWatch | null;

  constructor(watch: GroupWatch | null = null) {
    this.#watch = watch;
  }

  started(groupId: number, pipe: string | null = null): void {
    this.#watch?.started(groupId, pipe); // first: this process may be killed at any moment
    this.#forgetEmpty();
    this.#ids.add(groupId);
  }

  /** The group's leader has ended; the group is forgotten unless something in the background lives on. */
  ended(groupId: number): void {
    if (!isGroupAlive(groupId)) this.#forget(groupId);
  }

  /** Ends every process of every group at once; harmless when there are none. */
  killAll(): void {
    for (const id of this.#ids) {
      signalGroup(id, 'SIGKILL');
      this.#forget(id);
    }
  }

  get size(): number {
    this.#forgetEmpty();
    return this.#ids.size;
  }

  // The system gives the number of an empty group to someone else sooner or later.
  #forgetEmpty(): void {
    for (const id of this.#ids) if (!isGroupAlive(id)) this.#forget(id);
  }

  #forget(id: number): void {
    this.#ids.delete(id);
    this.#watch?.ended(id);
  }
}
