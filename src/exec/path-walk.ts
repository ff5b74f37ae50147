import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** Kind of an entry, links not followed; `closed` if its parent cannot be searched. */
export type EntryKind = 'folder' | 'file' | 'link' | 'absent' | 'closed';

/** One entry along a path; only the last name of `path` may be a link. */
export type PathStep =
  | { readonly kind: 'folder' | 'file'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** The first name that does not exist; the walk continues by name alone. */
  | { readonly kind: 'missing'; readonly path: string }
  /** A folder that cannot be searched; the walk continues by name alone. */
  | { readonly kind: 'closed'; readonly path: string };

export interface PathWalk {
  readonly steps: readonly PathStep[];
  /** Where the path ends after following every link, even if nothing is there. */
  readonly end: string;
}

/** The limit of Linux. */
const LONGEST_CHAIN = 40;

/** Follows an absolute path name by name through its links, including dangling ones; an endless chain is cut off. */
export function walkPath(path: string): PathWalk {
  const steps: PathStep[] = [];
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

/** null if the link has gone since it was seen. */
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
    // Nothing exists below a file or under a name that is too long; any other error hides what is there.
    return code === 'ENOTDIR' || code === 'ENAMETOOLONG' ? 'absent' : 'closed';
  }
}
