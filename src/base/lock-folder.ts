/**
 * Where locks are kept for folders that may not be written to. In: the path that a lock should have. Out: another one, the same
 * for every process of this user on this machine. No state.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';

const NOT_OTHERS = 0o022;

/** Confined commands may write to the folders for temporary files, but see another folder in the place of this one. */
const NOT_FOR_COMMANDS = '/dev/shm';

/** null where there is no safe place: the folder must be this user's alone, or another user could keep everybody waiting. */
export async function standInFor(lock: string, platform = process.platform): Promise<string | null> {
  try {
    const { uid } = userInfo();
    const folder = join(platform === 'linux' ? NOT_FOR_COMMANDS : tmpdir(), `shardex-locks-${uid}`);
    await mkdir(folder, { mode: 0o700 }).catch(() => undefined); // there already, or the look below fails
    const found = await lstat(folder);
    // Windows has neither owners nor modes here, and a folder for temporary files for each user.
    const isOurs = platform === 'win32' || (found.uid === uid && (found.mode & NOT_OTHERS) === 0);
    if (!found.isDirectory() || !isOurs) return null;
    const place = join(await realpath(dirname(lock)), basename(lock));
    return join(folder, `${createHash('sha256').update(place).digest('hex').slice(0, 32)}.lock`);
  } catch {
    return null;
  }
}
