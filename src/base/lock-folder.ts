/**
 * Locks for folders that are not writable. In: the intended path of a lock. Out: a replacement path that is the same for every
 * process of this user on this machine. No state.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';

const NOT_OTHERS = 0o022;

/** Confined commands can write to folders for temporary files, but not to this one: the sandbox mounts another one over it. */
const NOT_FOR_COMMANDS = '/dev/shm';

/** null if there is no safe place: with a shared folder, another user could block everybody. */
export async function standInFor(lock: string, platform = process.platform): Promise<string | null> {
  try {
    const { uid } = userInfo();
    const folder = join(platform === 'linux' ? NOT_FOR_COMMANDS : tmpdir(), `shardex-locks-${uid}`);
    await mkdir(folder, { mode: 0o700 }).catch(() => undefined); // exists already, or the check below fails
    const found = await lstat(folder);
    // Windows reports neither owner nor mode, and has a temporary folder for each user.
    const isOurs = platform === 'win32' || (found.uid === uid && (found.mode & NOT_OTHERS) === 0);
    if (!found.isDirectory() || !isOurs) return null;
    const place = join(await realpath(dirname(lock)), basename(lock));
    return join(folder, `${createHash('sha256').update(place).digest('hex').slice(0, 32)}.lock`);
  } catch {
    return null;
  }
}
