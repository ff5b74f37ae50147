/**
 * Ends the processes that a command has started: on POSIX the process group, on Windows, which has no groups, the process tree.
 * In: the id of the first process. State: none.
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
   * Sends SIGTERM to a group; with `exceptLeader` not to the first process, unless it is the only one. Windows has no equivalent for
   * console programs: the whole tree is killed at once, because its members are found only while the first process lives.
   */
  terminate(groupId: number, options: { readonly exceptLeader: boolean }): void;
  /** Kills every process of the group; no error if none is left. */
  kill(groupId: number): void;
}

/** `env` is the server's environment; on Windows it locates `taskkill`. */
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

/** Windows ends a child that is not detached together with the server. */
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

/** Whether the target exists; a process that may not be signalled counts. */
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
