/** Mounts of this machine. In: a folder. Out: the other paths of the same folder. Linux only. */
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isWithin } from '../base/paths.ts';
import { listMounts, mountOf } from './mounts.ts';

const TABLE_LIMIT_BYTES = 4 * 1024 * 1024;
const MAX_PATHS = 16;

/** `folder` is a real path. Empty if the table cannot be read. */
export function otherPathsOf(folder: string): readonly string[] {
  const mounts = listMounts(TABLE_LIMIT_BYTES);
  const own = mountOf(folder, mounts);
  if (own === null) return [];
  const inside = join(own.root, relative(own.at, folder));
  const paths = mounts
    .filter(({ device, root }) => device === own.device && isWithin(inside, root))
    .map(({ root, at }) => join(at, relative(root, inside)));
  return [...new Set(paths)].filter((path) => path !== folder && isSameFolder(path, folder)).slice(0, MAX_PATHS);
}

function isSameFolder(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(one), statSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false; // covered by another mount, or not accessible
  }
}
