/** Queries the file system before a patch changes it. Read-only. No state. */
import { lstat, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readRegular } from '../base/regular-file.ts';
import { SecretFile, SecretFiles } from '../base/secret-files.ts';
import { LARGEST_FILE_BYTES } from './text-file.ts';

/** What verification needs of a file system. Everything but `readFile` answers for paths that do not exist, too. */
export interface PatchReader {
  /** All of a regular file, links followed. Rejects with the file system's error, `NotRegularFile` or `FileTooLarge`. */
  readFile(path: string): Promise<Uint8Array>;
  /** Where a symbolic link points, as it says so itself; null for anything else. */
  readLink(path: string): Promise<string | null>;
  /** The place that a name stands for: the links of its folders followed. */
  place(path: string): Promise<string>;
  /** Whether two places are one file with a single name, as `a` and `A` are where case does not count. */
  isSameName(a: string, b: string): Promise<boolean>;
}

/** The limit of Linux. */
const MOST_LINKS = 40;

/** The real disk. */
export const patchDisk: PatchReader = {
  readFile: (path) => readRegular(path, LARGEST_FILE_BYTES),
  async readLink(path) {
    try {
      return (await lstat(path)).isSymbolicLink() ? await readlink(path) : null;
    } catch {
      // A missing or inaccessible path is not a link; opening it reports the reason.
      return null;
    }
  },
  place: async (path) => join(await realFolder(dirname(path)), basename(path)),
  async isSameName(a, b) {
    try {
      const [one, other] = await Promise.all([lstat(a), lstat(b)]);
      return one.ino === other.ino && one.dev === other.dev && one.nlink === 1;
    } catch {
      // A missing or inaccessible path has no other name.
      return false;
    }
  },
};

/** The same without files that hold logins: they can be neither read nor written. */
export function diskWithoutLogins(stateFolders: readonly string[]): PatchReader {
  const secrets = new SecretFiles(stateFolders);
  return {
    ...patchDisk,
    async place(path) {
      const place = await patchDisk.place(path);
      if (secrets.hasPlace(place)) throw new SecretFile();
      return place;
    },
  };
}

/** The folder with its links followed as far as it exists. */
async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch {
    const parent = dirname(folder);
    return parent === folder ? folder : join(await realFolder(parent), basename(folder));
  }
}

/** The file that is written when `path` is: links followed, also to what does not exist yet. */
export async function writtenPlace(path: string, disk: PatchReader): Promise<string> {
  let place = await disk.place(path);
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const target = await disk.readLink(place);
    if (target === null) return place;
    place = await disk.place(resolve(dirname(place), target));
  }
  return place;
}
