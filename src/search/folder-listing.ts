/**
 * Reads one folder of a tree: which of its entries are files to be found, and which are folders to be entered.
 *
 * In: a folder's path and the rules that hold in it. Out: names. Works in steps, so that whoever reads can do something else between
 * them, or end it. What cannot be read contributes nothing.
 */
import { type Dirent, type Stats, statSync } from 'node:fs';
import type { Disk } from './disk.ts';
import { allEntries, isLarge, slicesOf } from './folder-entries.ts';
import { RULE_NAMES, type RuleName, type RuleText, readRules, SOURCES } from './folder-rules.ts';
import type { FolderRules } from './ignore.ts';
import { RuleFile } from './rule-file.ts';

/** A folder to read. */
export interface FolderToRead {
  /** Absolute, with a separator at its end. */
  readonly path: string;
  /** What the system says it takes. */
  readonly sizeBytes: number;
  /** Rules that hold in the folder, those of its own files not included. */
  readonly inherited: FolderRules;
}

/** What a folder holds, ignored entries left out. */
export interface FolderListing {
  /** Rules for the folder's entries. */
  readonly rules: FolderRules;
  readonly files: string[];
  readonly folders: string[];
  /** Links that lead to a folder. */
  readonly linkedFolders: string[];
  /** Links that lead to no folder; whether they lead anywhere is not to be seen from this folder. */
  readonly links: string[];
  /** Whether it holds a `.git`, which may have rules that change without a word from this folder. */
  readonly isRepository: boolean;
  /** The folder's own rules as they were read. */
  readonly ownRules: readonly RuleText[];
  /** Whether some of them are too long or too many to count. */
  readonly areRulesCut: boolean;
}

/** What has been found so far, and in the end all of it. Throws `OutOfDescriptors`. */
export type ListingSteps = Generator<FolderListing, FolderListing>;

/** Entries that are looked at between two steps, unless the rules are such that a single one takes a while. */
const ENTRIES_PER_STEP = 64;
/** So many are looked at in no time worth mentioning. */
const ENTRIES_AT_ONCE = 512;

/**
 * What a folder holds, or steps that lead to it when it holds much. An unreadable folder is empty. Whoever does not take all steps has
 * to end them. Throws `OutOfDescriptors`.
 */
export function listFolder(disk: Disk, folder: FolderToRead): FolderListing | ListingSteps {
  const { path, sizeBytes, inherited } = folder;
  if (isLarge(sizeBytes)) return listSlices(disk, folder);
  const entries = allEntries(disk, path);
  const listing = emptyListing(disk, path, inherited, ruleNamesIn(entries));
  if (entries.length > ENTRIES_AT_ONCE || listing.rules.areSlow) return takeInSteps(disk, path, entries, listing);
  for (const entry of entries) take(disk, path, entry, listing);
  return listing;
}

/** All steps at once. Throws `OutOfDescriptors`. */
export function listWhole(disk: Disk, folder: FolderToRead): FolderListing {
  const listed = listFolder(disk, folder);
  if (!('next' in listed)) return listed;
  for (;;) {
    const { done, value } = listed.next();
    if (done === true) return value;
  }
}

function* takeInSteps(disk: Disk, path: string, entries: readonly Dirent[], listing: FolderListing): ListingSteps {
  const perStep = listing.rules.areSlow ? 1 : ENTRIES_PER_STEP;
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at];
    if (entry !== undefined) take(disk, path, entry, listing);
    if (at % perStep === perStep - 1) yield listing;
  }
  return listing;
}

/** Which rules a large folder has is not known before it has been read to its end: all names are tried. */
function* listSlices(disk: Disk, { path, inherited }: FolderToRead): ListingSteps {
  const listing = emptyListing(disk, path, inherited, RULE_NAMES);
  for (const entries of slicesOf(disk, path)) yield* takeInSteps(disk, path, entries, listing);
  return listing;
}

const ruleNamesIn = (entries: readonly Dirent[]): readonly RuleName[] =>
  RULE_NAMES.filter((name) => entries.some((entry) => entry.name === name));

function emptyListing(disk: Disk, path: string, inherited: FolderRules, names: readonly RuleName[]): FolderListing {
  const ownRules = readRules(disk, path, names);
  const ruleFiles = ownRules.map(({ name, text }) => ({ source: SOURCES[name], file: new RuleFile(text) }));
  return {
    rules: ruleFiles.reduce((all, { source, file }) => all.withFile(source, file), inherited),
    files: [],
    folders: [],
    linkedFolders: [],
    links: [],
    isRepository: names.includes('.git'),
    ownRules,
    areRulesCut: ruleFiles.some(({ file }) => file.leftOut > 0) || ownRules.some(({ isCut }) => isCut),
  };
}

function take(disk: Disk, path: string, entry: Dirent, listing: FolderListing): void {
  const { name } = entry;
  const { rules } = listing;
  const isLink = entry.isSymbolicLink();
  const kind = isLink ? kindOf(disk, path + name) : entry.isDirectory() ? 'folder' : 'file';
  if (isLink && kind !== 'folder') listing.links.push(name);
  if (kind === 'folder') {
    if (name === '.git' || (!rules.isEmpty && rules.ignoresFolder(name))) return;
    if (isLink) listing.linkedFolders.push(name);
    else listing.folders.push(name);
  } else if (kind === 'file' && (rules.isEmpty || !rules.ignoresFile(name))) {
    listing.files.push(name);
  }
}

/** What a path leads to, links followed. */
export type PathKind = 'file' | 'folder' | 'nothing';

export function kindOf(disk: Disk, path: string): PathKind {
  const stats = statIfAny(disk, path);
  if (stats === undefined) return 'nothing';
  return stats.isDirectory() ? 'folder' : 'file';
}

/** What a path leads to, links followed; undefined when that is nothing, a loop, or out of reach. */
export function statIfAny(disk: Disk, path: string): Stats | undefined {
  try {
    return disk.ask(path, () => statSync(path, { throwIfNoEntry: false }));
  } catch {
    return undefined;
  }
}
