import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** What a name stands for, links not followed; `closed` when the folder that it is in may not be looked into. */
export type EntryKind = 'folder' | 'file' | 'link' | 'absent' | 'closed';

/** One entry on the way along a path; no `path` has links in front of its last name. */
export type Step =
  | { readonly kind: 'folder' | 'file'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** The first name that does not exist; the walk goes on by name alone. */
  | { readonly kind: 'missing'; readonly path: string }
  /** A folder that may not be looked into; the walk goes on by name alone. */
  | { readonly kind: 'closed'; readonly path: string };

export interface Walk {
  readonly steps: readonly Step[];
  /** Where the path ends when every link is followed, also when nothing is there yet. */
  readonly end: string;
}

/** As many as Linux follows. */
const LONGEST_CHAIN = 40;

/** Follows an absolute path name by name through its links, dangling ones too; of a chain without end, the beginning. */
export function walkPath(path: string): Walk {
  const steps: Step[] = [];
  const names = namesOf(path).reverse();
  let at = '/';
  let isKnown = true;
  let linkCount = 0;
  for (let name = names.pop(); name !== undefined && linkCount <= LONGEST_CHAIN; name = names.pop()) {
    if (name === '..') at = dirname(at);
    if (name === '..' || name === '.') continue;
    const entry = join(at, name);
    const found: EntryKind | null = isKnown ? entryKind(entry) : null;
    const target: string | null = found === 'link' ? linkTarget(entry) : null;
    const kind: Exclude<EntryKind, 'link'> | null = found === 'link' ? 'absent' : found;
    if (target !== null) {
      linkCount += 1;
      steps.push({ kind: 'link', path: entry, target });
      names.push(...namesOf(target).reverse());
      if (isAbsolute(target)) at = '/';
      continue;
    }
    if (kind === 'absent') steps.push({ kind: 'missing', path: entry });
    else if (kind === 'closed') steps.push({ kind, path: at });
    else if (kind !== null) steps.push({ kind, path: entry });
    isKnown = kind === 'folder' || kind === 'file';
    at = entry;
  }
  return { steps, end: at };
}

/** null when the link has gone since it was seen. */
function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '');

export function entryKind(path: string): EntryKind {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return 'absent';
    if (found.isSymbolicLink()) return 'link';
    return found.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Below a file there is nothing, and a name that is too long is nobody's; any other error hides what is there.
    return code === 'ENOTDIR' || code === 'ENAMETOOLONG' ? 'absent' : 'closed';
  }
}

export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
