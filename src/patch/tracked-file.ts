import { createHash } from 'node:crypto';
import { lstat, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMissing } from '../base/os-error.ts';
import { NOT_A_LINK, readRegular } from '../base/regular-file.ts';
import { patchDisk, writtenPlace } from './disk.ts';
import { LARGEST_FILE_BYTES } from './text-file.ts';

/** A file as git stores it: for a symbolic link the content is its target. */
export interface FileState {
  readonly mode: '100644' | '100755' | '120000';
  readonly content: Buffer;
  readonly blobId: string;
}

/** `absent` is a fact, `unknown` is not: a folder, something that is too large or may not be read. */
export type FileSnapshot = FileState | 'absent' | 'unknown';

/** What the turn diff needs of a file system. */
export interface TrackedFiles {
  snapshot(path: string): Promise<FileSnapshot>;
  exists(path: string): Promise<boolean>;
  /** The file that changes when that name is written to: where a symbolic link leads, else the name itself. */
  target(path: string): Promise<string>;
}

const EXECUTE_BITS = 0o111;

/** The object id that git gives a blob: SHA-1 over its length and content, without any filter. */
export const blobId = (content: Uint8Array): string =>
  createHash('sha1').update(`blob ${content.byteLength}\0`).update(content).digest('hex');

/** The real disk. */
export const trackedDisk: TrackedFiles = {
  async snapshot(path) {
    try {
      const stats = await lstat(path);
      if (stats.isSymbolicLink()) return state('120000', await readlink(path, { encoding: 'buffer' }));
      if (!stats.isFile()) return 'unknown';
      return state(
        (stats.mode & EXECUTE_BITS) === 0 ? '100644' : '100755',
        await readRegular(path, LARGEST_FILE_BYTES, undefined, NOT_A_LINK),
      );
    } catch (error) {
      return isMissing(error) ? 'absent' : 'unknown';
    }
  },
  async exists(path) {
    try {
      await lstat(path);
      return true;
    } catch {
      // Whatever cannot be reached is not there for a diff.
      return false;
    }
  },
  target: async (path) => ((await patchDisk.readLink(path)) === null ? path : writtenPlace(path, patchDisk)),
};

const state = (mode: FileState['mode'], content: Buffer): FileState => ({ mode, content, blobId: blobId(content) });

/** The nearest folder at or above `folder` that has a `.git`, folder or file; undefined outside of work trees. */
export async function findWorkTree(folder: string, files: TrackedFiles): Promise<string | undefined> {
  for (let current = folder; ; current = dirname(current)) {
    if (await files.exists(join(current, '.git'))) return current;
    if (dirname(current) === current) return undefined;
  }
}
