/** Finds programs. In: names, a PATH, folders. Out: paths, from the disk at the time of the call. No state. */
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { isExecutableFile } from './executable.ts';
import { isWithin } from './paths.ts';

/** The system's program folders; a program of the same name elsewhere could be anything. */
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

/** Compares the path as written, without resolving links. */
export const isInSystemFolder = (path: string): boolean => SYSTEM_FOLDERS.has(path.slice(0, path.lastIndexOf('/')));

/** `unclear`: the result depends on the current folder, because a relative or empty entry comes first. */
export type OnPath =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'unclear' }
  | { readonly kind: 'none' };

/** The program that the system starts for this name. Without PATH the system's default applies, which is unknown here. */
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
   * Folders that others may write to. The root folder is ignored, because it would exclude every program.
   * `writable`: every folder that this user may write to, for a search that does not know the writable roots.
   */
  readonly avoid: readonly string[] | 'writable';
}

/**
 * A program of the server, by its name: from an absolute entry of PATH, first from the system's folders, then from those that are
 * not below a folder to avoid. undefined if there is none.
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

/** The path of a program of Windows; undefined if `SystemRoot` is not absolute. The variable's name is case-insensitive. */
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

/** Whether neither a file nor its folder lies below one of the folders, links followed. */
export function isOutOf(folders: readonly string[]): (path: string) => boolean {
  const borders = folders.flatMap((folder) => [folder, ...real(folder)]).filter((folder) => folder !== '/');
  const isBelow = (path: string): boolean => borders.some((border) => isWithin(path, border));
  return (path) => ![path, ...real(path), ...real(dirname(path))].some(isBelow);
}

/** Folders that everybody may write to: commands under most policies, and other users. */
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
