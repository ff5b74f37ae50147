/**
 * Ends the processes that a command has started: on POSIX the process group of the first one, on Windows, which has no groups,
 * the first process with all below it. In: the id of the first process. State: none.
 */
import { readdirSync } from 'node:fs';
import { startProgram } from './own-programs.ts';
import type { Env } from './paths.ts';
import { statFields } from './process-start.ts';
import { windowsProgram } from './program-places.ts';

export interface GroupControl {
  /** Whether a child must be started detached to lead a group of its own. */
  readonly startsDetached: boolean;
  /** Whether any process of the group is left. Windows: whether the first one is. */
  isAlive(groupId: number): boolean;
  /**
   * Asks a group to end; `exceptLeader` spares the first process, unless it is the only one. Windows has no such request for
   * programs without windows: the group is killed, and all of it, since its members are found only while the first one lives.
   */
  terminate(groupId: number, options: { readonly exceptLeader: boolean }): void;
  /** Ends every process of the group at once; a group that is gone is fine. */
  kill(groupId: number): void;
}

/** `env` is the server's; Windows needs it to find its own programs. */
export const groupControl = (env: Env, platform: NodeJS.Platform = process.platform): GroupControl =>
  platform === 'win32' ? windowsGroups(env) : posixGroups;

export const posixGroups: GroupControl = {
  startsDetached: true,
  isAlive: (groupId) => send(-groupId, 0),
  terminate(groupId, { exceptLeader }) {
    const others = exceptLeader ? groupMembers(groupId).filter((id) => id !== groupId) : [];
    if (others.length === 0) send(-groupId, 'SIGTERM');
    for (const id of others) send(id, 'SIGTERM');
  },
  kill: (groupId) => void send(-groupId, 'SIGKILL'),
};

/** A child that is not detached is ended by Windows together with the server. */
function windowsGroups(env: Env): GroupControl {
  const kill = (groupId: number): void => killTree(groupId, env);
  return { startsDetached: false, isAlive: (groupId) => send(groupId, 0), terminate: kill, kill };
}

/** Without `taskkill` only the first process is killed. */
function killTree(processId: number, env: Env): void {
  const killFirst = (): void => void send(processId, 'SIGKILL');
  const taskkill = windowsProgram('taskkill', env);
  if (taskkill === undefined) {
    killFirst();
    return;
  }
  const args = ['/PID', String(processId), '/T', '/F'];
  const child = startProgram(taskkill, args, { env, stdio: 'ignore' });
  child.on('error', killFirst);
  child.unref();
}

/** Whether there was a process to get the signal; one that may not be signalled counts. */
function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The ids of a group's running processes; empty where the system has no `/proc`. */
export function groupMembers(groupId: number): number[] {
  return processIds().filter((id) => {
    const [state, , group] = statFields(id) ?? [];
    return state !== 'Z' && Number(group) === groupId;
  });
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
