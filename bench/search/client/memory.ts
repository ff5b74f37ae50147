/** What an engine's process holds and watches, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { residentMb } from '../../process-tree.ts';

/** Resident set in MB after the engine collected its garbage, if it can, and was left alone for a while. Null without /proc. */
export async function settledMb(pid: number, collectable: boolean, settlingMs: number): Promise<number | null> {
  await delay(settlingMs / 2);
  if (collectable) process.kill(pid, 'SIGUSR2');
  await delay(settlingMs / 2);
  return residentMb(pid);
}

/** Watches of the process; 0 where they cannot be seen. */
export function watchesOf(pid: number): number {
  const folder = `/proc/${pid}/fdinfo`;
  return namesIn(folder).reduce((sum, name) => sum + textOf(`${folder}/${name}`).split(/^inotify /m).length - 1, 0);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // another system
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // closed in the meantime
  }
}
