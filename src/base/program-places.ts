/** Where programs come from. In: names, a PATH, folders. Out: places, as the disk is at the time of the call. Holds nothing. */
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, sep } from 'node:path';
import { isExecutableFile } from './executable.ts';

/** Where the system keeps its programs; a program of the same name elsewhere could be anything. */
const SYSTEM_FOLDERS = new Set([
  '/bin',
  '/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/opt/homebrew/bin',
  '/run/current-system/sw/bin',
]);

/** Whether a program is named by a path; a name alone is looked for in PATH. */
export const isPath = (program: string, platform = process.platform): boolean =>
  (platform === 'win32' ? /[/\\]/ : /\//).test(program);

/** By the path as it is written. */
export const isInSystemFolder = (path: string): boolean => SYSTEM_FOLDERS.has(path.slice(0, path.lastIndexOf('/')));

/** `unclear`: what is found depends on the folder that is asked in, because a relative or empty entry comes first. */
export type OnPath =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'unclear' }
  | { readonly kind: 'none' };

/** What the system starts by this name. A system without PATH has one of its own, which is not known here. */
export function lookUp(name: string, path: string | undefined): OnPath {
  if (path === undefined) return { kind: 'unclear' };
  for (const entry of path.split(delimiter)) {
    if (!isAbsolute(entry)) return { kind: 'unclear' };
    const found = join(entry, fileName(name));
    if (isExecutableFile(found)) return { kind: 'found', path: found };
  }
  return { kind: 'none' };
}

export interface OwnSearch {
  readonly path: string | undefined;
  /**
   * Folders whose content others may have a say in. The root folder as one of them would leave nothing, and does not count.
   * `writable`: every folder that this user may write to, for a search that does not know what commands may.
   */
  readonly avoid: readonly string[] | 'writable';
}

/**
 * A program for ourselves, by its name: in an absolute entry of PATH, first in those that are the system's, then in those
 * that are not below a folder to avoid. undefined when there is none.
 */
export function findProgram(name: string, { path = '', avoid }: OwnSearch): string | undefined {
  const candidates = path
    .split(delimiter)
    .filter(isAbsolute)
    .map((entry) => join(entry, fileName(name)));
  const isFit = avoid === 'writable' ? isInUnwritable : isOutOf(avoid);
  return (
    candidates.find((candidate) => isInSystemFolder(candidate) && isExecutableFile(candidate)) ??
    candidates.find((candidate) => isExecutableFile(candidate) && isFit(candidate))
  );
}

/** A program that comes with Windows; undefined where `SystemRoot` names no folder. The case of a variable's name does not count. */
export function windowsProgram(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const root = Object.entries(env).find(([variable]) => variable.toUpperCase() === 'SYSTEMROOT')?.[1];
  return root !== undefined && isAbsolute(root) ? join(root, 'System32', `${name}.exe`) : undefined;
}

/** Whether the folder of a program is one that this user may not write to. */
export function isInUnwritable(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

/** Whether neither a file nor the folder that it stands in lies below one of the folders, links followed. */
export function isOutOf(folders: readonly string[]): (path: string) => boolean {
  const borders = folders.flatMap((folder) => [folder, ...real(folder)]).filter((folder) => folder !== '/');
  const isBelow = (path: string): boolean => borders.some((border) => path === border || path.startsWith(border + sep));
  return (path) => ![path, ...real(path), ...real(dirname(path))].some(isBelow);
}

/** Where everybody may write: commands under most policies, and other users. */
export const temporaryFolders = ({ TMPDIR }: Readonly<Record<string, string | undefined>>): string[] =>
  process.platform === 'win32' ? [] : ['/tmp', ...(TMPDIR !== undefined && isAbsolute(TMPDIR) ? [TMPDIR] : [])];

const fileName = (name: string): string =>
  process.platform === 'win32' && !/\.exe$/i.test(name) ? `${name}.exe` : name;

function real(path: string): string[] {
  try {
    return [realpathSync(path)];
  } catch {
    return [];
  }
}
