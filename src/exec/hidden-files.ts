/**
 * The view of a confined command on the folders that hold logins: everything but the login files. In: the state
 * folders and the writable roots. Out: mounts. Reads the disk for each command; keeps nothing.
 *
 * A mount on a file disappears when the file is replaced, which is how logins are written. So the folder is rebuilt
 * in memory and its entries are mounted back by name. Only a folder that is itself a writable root keeps its own
 * entries.
 */
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf, isSecretName, SecretFiles } from '../base/secret-files.ts';
import { otherPathsOf } from './mount-table.ts';

export interface HiddenFiles {
  /** By mount point. */
  readonly mounts: ReadonlyMap<string, readonly string[]>;
  /** Paths to remount read-only after all mounts. */
  readonly sealed: readonly string[];
}

/** More entries than any state folder has; commands do not see the rest. Folders come first. */
const MAX_ENTRIES = 256;

/** A device on a nodev mount cannot be opened. */
const CLOSED = '/dev/null';

/** `folders` and `roots` are real paths. */
export function hiddenFiles(folders: readonly string[], roots: readonly string[]): HiddenFiles {
  const mounts = new Map<string, readonly string[]>();
  const secrets = new SecretFiles(folders);
  const sealed: string[] = [];
  for (const folder of folders) {
    for (const path of [folder, ...otherPathsOf(folder)]) {
      // The root of the file system cannot be rebuilt, because devices and processes are mounted below it.
      if (path === '/' || roots.includes(path)) closeSecretFiles(path, secrets, mounts);
      else {
        rebuild(path, secrets, mounts);
        sealed.push(path);
      }
    }
  }
  return { mounts, sealed };
}

function closeSecretFiles(folder: string, secrets: SecretFiles, mounts: Map<string, readonly string[]>): void {
  for (const { name } of entriesOf(folder)) {
    const path = join(folder, name);
    if (isHidden(path, name, secrets)) closeTarget(path, mounts);
  }
}

function rebuild(folder: string, secrets: SecretFiles, mounts: Map<string, readonly string[]>): void {
  mounts.set(folder, ['--perms', '0700', '--tmpfs', folder]);
  const foldersFirst = entriesOf(folder).toSorted((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()));
  for (const entry of foldersFirst.slice(0, MAX_ENTRIES)) {
    const path = join(folder, entry.name);
    if (isHidden(path, entry.name, secrets)) closeTarget(path, mounts);
    else if (!entry.isSymbolicLink()) mounts.set(path, ['--ro-bind-try', path, path]);
    if (entry.isSymbolicLink()) mounts.set(path, ['--symlink', linkTarget(path), path]);
  }
}

/** Closes the target if the path is a link. */
function closeTarget(path: string, mounts: Map<string, readonly string[]>): void {
  const target = fileBehind(path);
  if (target !== null) mounts.set(target, ['--ro-bind', CLOSED, target]);
}

function isHidden(path: string, name: string, secrets: SecretFiles): boolean {
  if (isSecretName(name)) return true;
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.nlink > 1 && secrets.has(found);
}

/** null if there is no file to close: it leads nowhere, to a folder, or to a device that others need. */
function fileBehind(path: string): string | null {
  try {
    const target = realpathSync(path);
    return statSync(target).isFile() ? target : null;
  } catch {
    return null;
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return CLOSED; // gone in the meantime
  }
}
