/**
 * The texts of the rules that apply in a folder: its own, and those above it.
 *
 * In: paths. Out: texts, and the combined rules. Synchronous; keeps nothing after it returns. Unreadable files
 * contribute nothing.
 */

import { realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { UserFolders } from '../contract/search-messages.ts';
import type { Disk } from './disk.ts';
import { findRepositoryRoot, readGlobalExcludes, readInfoExclude, readRuleText, type TextStart } from './git-files.ts';
import { FolderRules } from './ignore.ts';
import { RuleFile } from './rule-file.ts';

/** The text of a rule file. */
export interface RuleText extends TextStart {
  readonly name: RuleName;
}

/** Files and folders with ignore rules. */
export const RULE_NAMES = ['.git', '.gitignore', '.ignore'] as const;
export type RuleName = (typeof RULE_NAMES)[number];

export const isRuleName = (name: string): name is RuleName =>
  name === '.gitignore' || name === '.ignore' || name === '.git';

/** Reads the rules of a folder; names without rules are left out. */
export function readRules(disk: Disk, folder: string, names: readonly RuleName[] = RULE_NAMES): readonly RuleText[] {
  return names.flatMap((name) => {
    const start = name === '.git' ? readInfoExclude(disk, folder) : readRuleText(disk, join(folder, name));
    return start === undefined || start.text === '' ? [] : [{ name, ...start }];
  });
}

/** Adds the rules of a folder to those that apply in it. */
export const withRules = (inherited: FolderRules, texts: readonly RuleText[]): FolderRules =>
  texts.reduce((rules, { name, text }) => rules.with(SOURCES[name], text), inherited);

export const SOURCES = { '.git': 'infoExclude', '.gitignore': 'gitIgnore', '.ignore': 'dotIgnore' } as const;

/** Texts of the rules that apply in a root before its own files are read. */
export interface RulesAbove {
  readonly globalExcludes: TextStart | undefined;
  /** From the repository's root down, if there is one: the rules of a folder, and the name of the next folder. */
  readonly folders: readonly { readonly own: readonly RuleText[]; readonly next: string }[];
}

/** Reads the rules above a root; a root that does not exist has only the global ones of the user. */
export function readRulesAbove(disk: Disk, root: string, userFolders: UserFolders): RulesAbove {
  const globalExcludes = readGlobalExcludes(disk, userFolders);
  const real = realPathIfAny(disk, root);
  const top = real === undefined ? undefined : findRepositoryRoot(disk, real);
  if (real === undefined || top === undefined) return { globalExcludes, folders: [] };
  const names = relative(top, real).split(sep).filter(Boolean);
  const folders = names.map((next, depth) => {
    return { own: readRules(disk, join(top, ...names.slice(0, depth))), next };
  });
  return { globalExcludes, folders };
}

/** Combines rules that have been read. */
export function rulesFromAbove({ globalExcludes, folders }: RulesAbove): FolderRules {
  const user =
    globalExcludes === undefined ? FolderRules.none : FolderRules.none.with('globalExcludes', globalExcludes.text);
  return folders.reduce((rules, { own, next }) => withRules(rules, own).enter(next), user);
}

/** Whether some rules were left out because they are too long or too many. */
export const areTruncated = (texts: readonly TextStart[]): boolean =>
  texts.some(({ text, isTruncated }) => isTruncated || new RuleFile(text).skippedCount > 0);

function realPathIfAny(disk: Disk, path: string): string | undefined {
  try {
    return disk.ask(path, () => realpathSync.native(path));
  } catch {
    return undefined;
  }
}
