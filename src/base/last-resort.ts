/**
 * Ends a process whose threads do not end. `process.exit` waits for every thread, so a thread that is blocked in a system call (a
 * folder on a server that does not answer) would block the exit for ever.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isExecutableFile } from './executable.ts';

/** Programs that do nothing and exit with 0, or with 1. */
const NOTHING = { success: ['/bin/true', '/usr/bin/true'], failure: ['/bin/false', '/usr/bin/false'] };

/** No event reports the end of a call. */
const LOOK_AGAIN_MS = 10;

/** Requests of this thread that run on libuv's thread pool. */
const isBlockingCall = (resource: string): boolean => /^(?:FSReq|GetAddrInfoReq|GetNameInfoReq)/.test(resource);

/** Resolves when no blocking call of this thread is running. */
export async function blockingCallsEnded(): Promise<void> {
  while (process.getActiveResourcesInfo().some(isBlockingCall)) await delay(LOOK_AGAIN_MS);
}

/**
 * Ends the process now, without waiting for any thread and without any clean-up. The exit code is 0, or 1 for a failure, from Node 22.15 on: the
 * process becomes one that does nothing. Before that a process can only leave its threads behind by killing itself.
 */
export function endAtOnce(as: keyof typeof NOTHING = 'success'): void {
  // Typed from a later version of Node on.
  const execve: unknown = Reflect.get(process, 'execve');
  const program = NOTHING[as].find(isExecutableFile);
  if (typeof execve === 'function' && program !== undefined) Reflect.apply(execve, process, [program, [program], {}]);
  process.kill(process.pid, 'SIGKILL');
}
