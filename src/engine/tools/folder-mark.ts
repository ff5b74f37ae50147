/** What a folder's name stands for, so that a yes to a command counts for that folder only. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';

/** Equal as long as the name leads to the same folder by the same way. */
export type FolderMark = string;

export async function markOfFolder(folder: string): Promise<FolderMark> {
  try {
    const real = await realpath(folder);
    const { dev, ino } = await stat(real);
    return JSON.stringify([real, dev, ino]);
  } catch {
    return JSON.stringify([folder]); // nothing runs in a folder that cannot be reached
  }
}

/** The folder by its real path where a link below `base`, or on the way from elsewhere, hides it; else as it was named. */
export async function shownFolder(folder: string, base: string): Promise<string> {
  try {
    const [real, realBase] = await Promise.all([realpath(folder), realpath(base)]);
    const below = relative(base, folder);
    const isBelow = !isAbsolute(below) && below.split('/')[0] !== '..';
    return real === (isBelow ? join(realBase, below) : folder) ? folder : real;
  } catch {
    return folder;
  }
}
