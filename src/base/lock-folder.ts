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
export async function standInFor(lock: string): Promise<string | null> {
  try {
    const { uid } = userInfo();
    const folder = join(process.platform === 'linux' ? NOT_FOR_COMMANDS : tmpdir(), `shardex-locks-${uid}`);
    await mkdir(folder, { mode: 0o700 }).catch(() => undefined); // there already, or the look below fails
    const found = await lstat(folder);
    const isOurs = found.isDirectory() && (process.platform === 'win32' || found.uid === uid);
    if (!isOurs || (found.mode & NOT_OTHERS) !== 0) return null;
    const place = join(await realpath(dirname(lock)), basename(lock));
    return join(folder, `${createHash('sha256').update(place).digest('hex').slice(0, 32)}.lock`);
  } catch {
    return null;
  }
}
