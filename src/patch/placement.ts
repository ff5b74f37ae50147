/**
 * The text of one file on its way to the disk, in two steps: all of it is written beside its place, then it takes the
 * place at once. A process that is killed, or a full disk, leaves the old file or the new one and never half of either.
 *
 * Mode and owner stay. A file with several names (hard links), or in a folder where nothing can be put beside it, is
 * written in place; when that fails, its old bytes are put back.
 */
import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, chmod, chown, link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMissing } from '../base/os-error.ts';
import { openRegular } from '../base/regular-file.ts';

export interface FilePlacement {
  /** Puts the text where it belongs. A new file never takes the place of another that has appeared since. */
  commit(): Promise<void>;
  /** Removes what was prepared and not committed. Does not reject. */
  discard(): Promise<void>;
}

const NEW_FILE_MODE = 0o666;
const PERMISSIONS = 0o7777;

const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);

/** Nothing can be put into the folder; the file itself may still be open to us. */
const NO_ROOM_BESIDE = ['EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG'];
/** The name cannot be given to another file: it is a mount of its own, or the system does not allow it. */
const FIXED_NAME = ['EBUSY', 'EXDEV', 'EPERM', 'EACCES'];
/** The file system has no hard links. */
const NO_LINKS = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EINVAL'];

/** Mode and owner of a file that is no link; undefined when there is none. */
export async function attributesOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Prepares a file that does not exist yet; `like` gives its mode and owner. Rejects with the file system's error. */
export async function prepareNew(path: string, content: Uint8Array, like: Stats | undefined): Promise<FilePlacement> {
  const beside = await writeBeside(path, content, like === undefined ? NEW_FILE_MODE : 0o600);
  try {
    if (like !== undefined) await takeAttributes(beside, like);
  } catch (error) {
    // Who may not give a file away keeps it; its mode is taken all the same.
    if (like === undefined || !hasCode(error, ['EPERM'])) throw await removed(beside, error);
    await chmod(beside, like.mode & PERMISSIONS);
  }
  return { commit: () => giveName(beside, path), discard: () => rm(beside, { force: true }) };
}

/** Prepares a regular file that takes the name of a symbolic link. */
export async function prepareOver(path: string, content: Uint8Array): Promise<FilePlacement> {
  const beside = await writeBeside(path, content, NEW_FILE_MODE);
  return { commit: () => rename(beside, path), discard: () => rm(beside, { force: true }) };
}

/** Prepares new content for a regular file. `old` is what it has now. Rejects with the file system's error. */
export async function prepareReplacement(path: string, content: Uint8Array, old: Uint8Array): Promise<FilePlacement> {
  await access(path, constants.W_OK);
  const inPlace = { commit: () => overwrite(path, content, old), discard: async () => {} };
  const attributes = await stat(path);
  if (attributes.nlink > 1) return inPlace;
  let beside: string;
  try {
    beside = await writeBeside(path, content, 0o600);
  } catch (error) {
    if (hasCode(error, NO_ROOM_BESIDE)) return inPlace;
    throw error;
  }
  try {
    await takeAttributes(beside, attributes);
  } catch {
    // The owner of the file is somebody else, and has to stay its owner.
    await rm(beside, { force: true });
    return inPlace;
  }
  const commit = async (): Promise<void> => {
    try {
      await rename(beside, path);
    } catch (error) {
      if (!hasCode(error, FIXED_NAME)) throw error;
      await inPlace.commit();
      await rm(beside, { force: true });
    }
  };
  return { commit, discard: () => rm(beside, { force: true }) };
}

/** Prepares the removal of a file or a symbolic link. Rejects when its folder does not let it go. */
export async function prepareRemoval(path: string): Promise<FilePlacement> {
  await access(dirname(path), constants.W_OK);
  return { commit: () => rm(path, { force: true }), discard: async () => {} };
}

async function writeBeside(path: string, content: Uint8Array, mode: number): Promise<string> {
  const beside = join(dirname(path), `.patch-${randomBytes(9).toString('base64url')}`);
  const file = await open(beside, 'wx', mode);
  try {
    await file.writeFile(content);
  } catch (error) {
    await file.close();
    throw await removed(beside, error);
  }
  await file.close();
  return beside;
}

async function removed(path: string, error: unknown): Promise<unknown> {
  await rm(path, { force: true });
  return error;
}

/** Owner first: changing it takes away the bits that run a file as its owner. */
async function takeAttributes(path: string, like: Stats): Promise<void> {
  const own = await stat(path);
  if (own.uid !== like.uid || own.gid !== like.gid) await chown(path, like.uid, like.gid);
  await chmod(path, like.mode & PERMISSIONS);
}

/** Hard links tell when the name is taken; renaming would take it from a file that has just appeared. */
async function giveName(beside: string, path: string): Promise<void> {
  try {
    await link(beside, path);
  } catch (error) {
    if (!hasCode(error, NO_LINKS)) throw error;
    const isTaken = await lstat(path).then(
      () => true,
      () => false,
    );
    if (isTaken) throw Object.assign(new Error('File exists (os error 17)'), { cause: error });
    return rename(beside, path);
  }
  await rm(beside, { force: true });
}

/** Writes over the old bytes and cuts off the rest, so that a full disk can still take the old ones back. */
async function overwrite(path: string, content: Uint8Array, old: Uint8Array): Promise<void> {
  await using file = await openRegular(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, done)).bytesWritten;
    }
    await file.truncate(bytes.length);
  };
  try {
    await put(content);
  } catch (error) {
    await put(old);
    throw error;
  }
}
