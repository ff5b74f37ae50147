/**
 * Reads one folder of a tree: which of its entries are files to be found, and which are folders to be entered.
 *
 * In: a folder's path and the rules that hold in it. Out: names. Synchronous; holds nothing once it returns. What cannot
 * be read contributes nothing.
 */
import { isUtf8 } from 'node:buffer';
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { findRepositoryRoot, readInfoExclude, readTextIfAny } from './git-files.ts';
import { FolderRules } from './ignore.ts';

const DOT = 0x2e;
const UNDECODABLE = '\ufffd';

/** A folder to read. */
export interface FolderToRead {
  /** Absolute, with a separator at its end. */
  readonly path: string;
  /** Rules that hold in the folder, those of its own files not included. */
  readonly inherited: FolderRules;
  /** Whether a link to a folder leads back to one that is being walked, which would never end. */
  readonly isLoop: (link: string) => boolean;
  /** Asked once for each entry; the reading ends early when it says yes. */
  readonly isStopped: () => boolean;
}

/** What a folder holds, ignored entries left out. */
export interface FolderListing {
  /** Rules for the folder's entries. */
  readonly rules: FolderRules;
  readonly files: string[];
  readonly folders: string[];
  /** Links that lead to no folder; whether they lead anywhere is not to be seen from this folder. */
  readonly links: string[];
  /** Names in the folder that hold rules, or lead to some. */
  readonly ruleNames: readonly string[];
}

/** Reads a folder; an unreadable one is empty. */
export function listFolder({ path, inherited, isLoop, isStopped }: FolderToRead): FolderListing {
  const entries = readFolder(path);
  const ruleNames = entries.map(({ name }) => name).filter(isRuleName);
  const rules = rulesFromFiles(inherited, path, ruleNames);
  const listing: FolderListing = { rules, files: [], folders: [], links: [], ruleNames };
  for (const entry of entries) {
    if (isStopped()) break;
    const { name } = entry;
    const isLink = entry.isSymbolicLink();
    const kind = isLink ? kindOf(path + name) : entry.isDirectory() ? 'folder' : 'file';
    if (isLink && kind !== 'folder') listing.links.push(name);
    if (kind === 'folder') {
      if (name === '.git' || rules.ignores(`${name}/`)) continue;
      if (!isLink || !isLoop(path + name)) listing.folders.push(name);
    } else if (kind === 'file' && (rules.isEmpty || !rules.ignores(name))) {
      listing.files.push(name);
    }
  }
  return listing;
}

/** What a path leads to, links followed. */
export type PathKind = 'file' | 'folder' | 'nothing';

export function kindOf(path: string): PathKind {
  const stats = statIfAny(path);
  if (stats === undefined) return 'nothing';
  return stats.isDirectory() ? 'folder' : 'file';
}

/** Whether a file or folder of this name says what is ignored. */
export const isRuleName = (name: string): boolean =>
  name.charCodeAt(0) === DOT && (name === '.gitignore' || name === '.ignore' || name === '.git');

/** Rules that hold in a root before its own files are read: from the repository root down, if there is one. */
export function rulesAbove(root: string, globalExcludes: string | undefined): FolderRules {
  const real = realpathSync(root);
  const top = findRepositoryRoot(real) ?? real;
  let rules = globalExcludes === undefined ? FolderRules.none : FolderRules.none.with('globalExcludes', globalExcludes);
  let folder = top;
  for (const name of relative(top, real).split(sep).filter(Boolean)) {
    rules = rulesFromFiles(rules, folder, ['.git', '.gitignore', '.ignore']).enter(name);
    folder = join(folder, name);
  }
  return rules;
}

/** Adds the rules of those files in the folder that hold any; `names` may name others. */
export function rulesFromFiles(inherited: FolderRules, folder: string, names: readonly string[]): FolderRules {
  let rules = inherited;
  for (const name of names) {
    const source = name === '.ignore' ? 'dotIgnore' : name === '.gitignore' ? 'gitIgnore' : 'infoExclude';
    if (source === 'infoExclude' && name !== '.git') continue;
    const text = source === 'infoExclude' ? readInfoExclude(folder) : readTextIfAny(join(folder, name));
    if (text !== undefined && text !== '') rules = rules.with(source, text);
  }
  return rules;
}

/** Entries of a folder whose names are valid UTF-8; none if it cannot be read. */
function readFolder(path: string): readonly Dirent[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    if (!entries.some(({ name }) => name.includes(UNDECODABLE))) return entries;
    const valid = new Set(
      readdirSync(path, { encoding: 'buffer' })
        .filter((name) => isUtf8(name))
        .map((name) => name.toString()),
    );
    return entries.filter(({ name }) => valid.has(name));
  } catch {
    return []; // gone meanwhile, or not for us to read
  }
}

/** What a path leads to, links followed; undefined when that is nothing, a loop, or out of reach. */
export function statIfAny(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
