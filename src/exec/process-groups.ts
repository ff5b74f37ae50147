// Process groups: how to end them, and the registry of running ones.
import { readdirSync } from 'node:fs';
import { statFields } from '../base/process-start.ts';

/** Whether any process of the group is left. */
export function isGroupAlive(groupId: number): boolean {
  return signalGroup(groupId, 0);
}

/** Sends a signal to a whole group; returns false if no process was there. */
export function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch (error) {
    // EPERM means that a process exists but may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Sends SIGTERM to a group. The sandbox's own process leads a confined group and would kill the rest at once, so only
 * the others are signalled there.
 */
export function terminateGroup(groupId: number, options: { readonly exceptLeader: boolean }): void {
  const others = options.exceptLeader ? groupMembers(groupId).filter((id) => id !== groupId) : [];
  if (others.length === 0) signalGroup(groupId, 'SIGTERM');
  for (const id of others) {
    try {
      process.kill(id, 'SIGTERM');
    } catch {
      // Gone in the meantime.
    }
  }
}

/** The ids of a group's running processes; empty where the system has no /proc. */
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

/** Notified of groups as long as any of their processes lives. */
export interface GroupWatch {
  started(groupId: number, pipe: string | null): void;
  ended(groupId: number): void;
}

/** Tracks the groups that were started, so that none outlives the server. */
export class ProcessGroups {
  readonly #ids = new Set<number>();
  readonly #watch: GroupWatch | null;

  constructor(watch: GroupWatch | null = null) {
    this.#watch = watch;
  }

  started(groupId: number, pipe: string | null = null): void {
    this.#watch?.started(groupId, pipe); // first, because this process may be killed at any moment
    this.#forgetEmpty();
    this.#ids.add(groupId);
  }

  /** The group's leader has ended; the group is dropped unless a background process is left. */
  ended(groupId: number): void {
    if (!isGroupAlive(groupId)) this.#forget(groupId);
  }

  /** Kills every process of every group; harmless if there are none. */
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

  // The system reuses the number of an empty group sooner or later.
  #forgetEmpty(): void {
    for (const id of this.#ids) if (!isGroupAlive(id)) this.#forget(id);
  }

  #forget(id: number): void {
    this.#ids.delete(id);
    this.#watch?.ended(id);
  }
}
