/**
 * Reads one folder of a tree: which of its entries are files to find, and which are folders to enter.
 *
 * In: a folder's path and the rules that apply in it. Out: names. Works in steps, so that the reader can do something
 * else in between, or stop. Unreadable entries contribute nothing.
 */
import { type Dirent, type Stats, statSync } from 'node:fs';
import type { Disk } from './disk.ts';
import { allEntries, isLarge, slicesOf } from './folder-entries.ts';
import { RULE_NAMES, type RuleName, type RuleText, readRules, SOURCES } from './folder-rules.ts';
import type { FolderRules } from './ignore.ts';
import { RuleFile } from './rule-file.ts';

/** A folder to read. */
export interface FolderToRead {
  /** Absolute, with a trailing separator. */
  readonly path: string;
  /** Size of the folder as the system reports it. */
  readonly sizeBytes: number;
  /** Rules that apply in the folder, without those of its own files. */
  readonly inherited: FolderRules;
}

/** Contents of a folder without ignored entries. */
export interface FolderListing {
  /** Rules for the folder's entries. */
  readonly rules: FolderRules;
  readonly files: string[];
  readonly folders: string[];
  /** Links to a folder. */
  readonly linkedFolders: string[];
  /** Links that do not lead to a folder. Changes of their targets give no hint in this folder. */
  readonly links: string[];
  /** Whether it has a `.git`, whose rules may change without a hint in this folder. */
  readonly isRepository: boolean;
  /** The folder's own rules as they were read. */
  readonly ownRules: readonly RuleText[];
  /** Whether some of them were left out because they are too long or too many. */
  readonly areRulesTruncated: boolean;
}

/** The listing so far; the complete one at the end. Throws `OutOfDescriptors`. */
export type ListingSteps = Generator<FolderListing, FolderListing>;

/** Entries per step, unless the rules are so slow that a single entry takes a while. */
const ENTRIES_PER_STEP = 64;
/** Up to this many entries take a negligible time. */
const ENTRIES_AT_ONCE = 512;

/**
 * Lists a folder; in steps if it is large. An unreadable folder is empty. A caller that does not take all steps must
 * end the iteration. Throws `OutOfDescriptors`.
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

/** Takes all steps at once. Throws `OutOfDescriptors`. */
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

/** The rule files of a large folder are only known after reading all of it, so all names are tried. */
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
    areRulesTruncated:
      ruleFiles.some(({ file }) => file.skippedCount > 0) || ownRules.some(({ isTruncated }) => isTruncated),
  };
}

function take(disk: Disk, path: string, entry: Dirent, listing: FolderListing): void {
  const { name } = entry;
  const { rules } = listing;
  const isLink = entry.isSymbolicLink();
  const kind = isLink ? pathKindOf(disk, path + name) : entry.isDirectory() ? 'folder' : 'file';
  if (isLink && kind !== 'folder') listing.links.push(name);
  if (kind === 'folder') {
    if (name === '.git' || (!rules.isEmpty && rules.ignoresFolder(name))) return;
    if (isLink) listing.linkedFolders.push(name);
    else listing.folders.push(name);
  } else if (kind === 'file' && (rules.isEmpty || !rules.ignoresFile(name))) {
    listing.files.push(name);
  }
}

/** What a path leads to; links are followed. */
export type PathKind = 'file' | 'folder' | 'nothing';

export function pathKindOf(disk: Disk, path: string): PathKind {
  const stats = statIfAny(disk, path);
  if (stats === undefined) return 'nothing';
  return stats.isDirectory() ? 'folder' : 'file';
}

/** Stats of a path with links followed; undefined if there is nothing, a loop, or no access. */
export function statIfAny(disk: Disk, path: string): Stats | undefined {
  try {
    return disk.ask(path, () => statSync(path, { throwIfNoEntry: false }));
  } catch {
    return undefined;
  }
}
