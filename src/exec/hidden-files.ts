/**
 * What a confined command sees of the folders that hold logins: everything but those files. In: the state folders and the writable roots.
 * Out: mounts. Read from the disk for each command; nothing is kept.
 *
 * A mount on a file goes away when the file is replaced, which is how logins are written. So the folder is made anew in memory,
 * with what it holds mounted back name by name; only a folder that is a writable root itself keeps its own entries.
 */
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf, isSecretName, SecretFiles } from '../base/secret-files.ts';
import { otherPathsOf } from './mount-table.ts';

export interface HiddenFiles {
  /** By the path that is mounted on. */
  readonly mounts: ReadonlyMap<string, readonly string[]>;
  /** What is made read-only when all mounts are there. */
  readonly sealed: readonly string[];
}

/** More names than any state folder has; the others, files before folders, are not seen by commands. */
const MOST_ENTRIES = 256;

/** Opening a device through a mount that allows none is refused. */
const CLOSED = '/dev/null';

/** `folders` and `roots` are without links. */
export function hiddenFiles(folders: readonly string[], roots: readonly string[]): HiddenFiles {
  const mounts = new Map<string, readonly string[]>();
  const secrets = new SecretFiles(folders);
  const sealed: string[] = [];
  for (const folder of folders) {
    for (const path of [folder, ...otherPathsOf(folder)]) {
      // Devices and processes are mounted below the root of the file system, which cannot be made anew.
      if (path === '/' || roots.includes(path)) closeFiles(path, secrets, mounts);
      else {
        remake(path, secrets, mounts);
        sealed.push(path);
      }
    }
  }
  return { mounts, sealed };
}

function closeFiles(folder: string, secrets: SecretFiles, mounts: Map<string, readonly string[]>): void {
  for (const { name } of entriesOf(folder)) {
    const path = join(folder, name);
    if (isHidden(path, name, secrets)) close(path, mounts);
  }
}

function remake(folder: string, secrets: SecretFiles, mounts: Map<string, readonly string[]>): void {
  mounts.set(folder, ['--perms', '0700', '--tmpfs', folder]);
  const foldersFirst = entriesOf(folder).toSorted((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()));
  for (const entry of foldersFirst.slice(0, MOST_ENTRIES)) {
    const path = join(folder, entry.name);
    if (isHidden(path, entry.name, secrets)) close(path, mounts);
    else if (!entry.isSymbolicLink()) mounts.set(path, ['--ro-bind-try', path, path]);
    if (entry.isSymbolicLink()) mounts.set(path, ['--symlink', linkTarget(path), path]);
  }
}

/** Where it leads, if it is a link. */
function close(path: string, mounts: Map<string, readonly string[]>): void {
  const place = placeOf(path);
  if (place !== null) mounts.set(place, ['--ro-bind', CLOSED, place]);
}

function isHidden(path: string, name: string, secrets: SecretFiles): boolean {
  if (isSecretName(name)) return true;
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.nlink > 1 && secrets.has(found);
}

/** null when there is no file to be closed: it leads nowhere, to a folder, or to a device that others need. */
function placeOf(path: string): string | null {
  try {
    const place = realpathSync(path);
    return statSync(place).isFile() ? place : null;
  } catch {
    return null;
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return CLOSED; // it has gone meanwhile
  }
}
