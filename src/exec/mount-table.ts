/** Mounts of this machine. In: a folder. Out: the other paths under which the same folder can be reached. Linux only. */
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readRegularSync } from '../base/regular-file.ts';
import { isWithin } from './path-walk.ts';

interface Mount {
  readonly device: string;
  /** The folder of the file system that is mounted. */
  readonly root: string;
  readonly point: string;
}

const TABLE = '/proc/self/mountinfo';
const TABLE_LIMIT_BYTES = 4 * 1024 * 1024;
const MOST_PATHS = 16;

/** `folder` is without links. Empty where the table cannot be read. */
export function otherPathsOf(folder: string): readonly string[] {
  const mounts = readTable();
  // Of mounts on one point the last one is seen.
  const own = mounts.filter(({ point }) => isWithin(folder, point)).reduce<Mount | null>(deeper, null);
  if (own === null) return [];
  const inside = join(own.root, relative(own.point, folder));
  const paths = mounts
    .filter(({ device, root }) => device === own.device && isWithin(inside, root))
    .map(({ root, point }) => join(point, relative(root, inside)));
  return [...new Set(paths)].filter((path) => path !== folder && isSameFolder(path, folder)).slice(0, MOST_PATHS);
}

const deeper = (best: Mount | null, mount: Mount): Mount =>
  best === null || mount.point.length >= best.point.length ? mount : best;

function isSameFolder(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(one), statSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false; // covered by another mount, or closed to us
  }
}

function readTable(): readonly Mount[] {
  let text: string;
  try {
    text = readRegularSync(TABLE, TABLE_LIMIT_BYTES).toString('utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [, , device, root, point] = line.split(' ');
    return device === undefined || root === undefined || point === undefined
      ? []
      : [{ device, root: unescaped(root), point: unescaped(point) }];
  });
}

/** Blanks, tabs, line feeds and backslashes are written as three octal digits. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
