/**
 * Reads one folder of a tree: which of its entries are files to be found, and which are folders to be entered.
 *
 * In: a folder's path and the rules that hold in it. Out: names. Synchronous; holds nothing once it returns. What cannot
 * be read contributes nothing.
 */
import { isUtf8 } from 'node:buffer';
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import {
  findRepositoryRoot,
  readGlobalExcludes,
  readInfoExclude,
  readRuleText,
  type TextStart,
  type UserFolders,
} from './git-files.ts';
import { FolderRules } from './ignore.ts';
import { RuleFile } from './rule-file.ts';

const UNDECODABLE = '\ufffd';

/** A folder to read. */
export interface FolderToRead {
  /** Absolute, with a separator at its end. */
  readonly path: string;
  /** Rules that hold in the folder, those of its own files not included. */
  readonly inherited: FolderRules;
  /** Asked once for each entry; the reading ends early when it says yes. */
  readonly isStopped: () => boolean;
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

/** The text of a file of rules. */
export interface RuleText extends TextStart {
  readonly name: RuleName;
}

/** Reads a folder; an unreadable one is empty. */
export function listFolder({ path, inherited, isStopped }: FolderToRead): FolderListing {
  const entries = readFolder(path);
  const ruleNames = RULE_NAMES.filter((name) => entries.some((entry) => entry.name === name));
  const ownRules = readRules(path, ruleNames);
  const ruleFiles = ownRules.map(({ name, text }) => ({ source: SOURCES[name], file: new RuleFile(text) }));
  const rules = ruleFiles.reduce((all, { source, file }) => all.withFile(source, file), inherited);
  const listing: FolderListing = {
    rules,
    files: [],
    folders: [],
    linkedFolders: [],
    links: [],
    isRepository: ruleNames.includes('.git'),
    ownRules,
    areRulesCut: ruleFiles.some(({ file }) => file.leftOut > 0) || ownRules.some(({ isCut }) => isCut),
  };
  for (const entry of entries) {
    if (isStopped()) break;
    const { name } = entry;
    const isLink = entry.isSymbolicLink();
    const kind = isLink ? kindOf(path + name) : entry.isDirectory() ? 'folder' : 'file';
    if (isLink && kind !== 'folder') listing.links.push(name);
    if (kind === 'folder') {
      if (name === '.git' || (!rules.isEmpty && rules.ignoresFolder(name))) continue;
      if (isLink) listing.linkedFolders.push(name);
      else listing.folders.push(name);
    } else if (kind === 'file' && (rules.isEmpty || !rules.ignoresFile(name))) {
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

/** Files and folders that say what is ignored. */
const RULE_NAMES = ['.git', '.gitignore', '.ignore'] as const;
export type RuleName = (typeof RULE_NAMES)[number];

export const isRuleName = (name: string): name is RuleName =>
  name === '.gitignore' || name === '.ignore' || name === '.git';

/** Reads the rules that lie in a folder; names that hold none are left out. */
export function readRules(folder: string, names: readonly RuleName[] = RULE_NAMES): readonly RuleText[] {
  return names.flatMap((name) => {
    const start = name === '.git' ? readInfoExclude(folder) : readRuleText(join(folder, name));
    return start === undefined || start.text === '' ? [] : [{ name, ...start }];
  });
}

/** Adds rules of a folder to those that hold in it. */
export const withRules = (inherited: FolderRules, texts: readonly RuleText[]): FolderRules =>
  texts.reduce((rules, { name, text }) => rules.with(SOURCES[name], text), inherited);

const SOURCES = { '.git': 'infoExclude', '.gitignore': 'gitIgnore', '.ignore': 'dotIgnore' } as const;

/** Texts of the rules that hold in a root before its own files are read. */
export interface RulesAbove {
  readonly globalExcludes: TextStart | undefined;
  /** From the repository's root down, if there is one: the rules of a folder, and the name of the next. */
  readonly folders: readonly { readonly own: readonly RuleText[]; readonly next: string }[];
}

/** Reads the rules above a root; a root that does not exist has only those of the user. */
export function readRulesAbove(root: string, userFolders: UserFolders): RulesAbove {
  const globalExcludes = readGlobalExcludes(userFolders);
  const real = realPathIfAny(root);
  const top = real === undefined ? undefined : findRepositoryRoot(real);
  if (real === undefined || top === undefined) return { globalExcludes, folders: [] };
  const names = relative(top, real).split(sep).filter(Boolean);
  const folders = names.map((next, depth) => {
    return { own: readRules(join(top, ...names.slice(0, depth))), next };
  });
  return { globalExcludes, folders };
}

/** Puts rules together that were read before. */
export function rulesFromAbove({ globalExcludes, folders }: RulesAbove): FolderRules {
  const user =
    globalExcludes === undefined ? FolderRules.none : FolderRules.none.with('globalExcludes', globalExcludes.text);
  return folders.reduce((rules, { own, next }) => withRules(rules, own).enter(next), user);
}

/** Whether some of the rules are too long or too many to count. */
export const areCut = (texts: readonly TextStart[]): boolean =>
  texts.some(({ text, isCut }) => isCut || new RuleFile(text).leftOut > 0);

function realPathIfAny(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
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
