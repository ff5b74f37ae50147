/** Writes a file as a whole or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readlink, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

const OWNER_ONLY = 0o600;
const MOST_LINKS = 40;

/**
 * Replaces or makes a file, readable by its owner only: written beside its place, then renamed. A symbolic link stays one;
 * what it leads to is replaced. Folders are made. Throws the file system's error, and leaves the old content then.
 */
export async function writeFileWhole(path: string, text: string): Promise<void> {
  const target = await targetOf(path);
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Where a chain of links ends, even when nothing is there yet. */
async function targetOf(path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const next = await readlink(at).catch(() => null);
    if (next === null) break;
    at = resolve(await realpath(dirname(at)), next);
  }
  return at;
}
