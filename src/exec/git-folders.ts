/**
 * Finds the other work trees of a repository from its own files, without running git. In: a repository's folder and
 * its work tree. Out: folders. Everything is bounded, because strangers may have written all of it. No state.
 */
import { opendirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readRegularSync } from '../base/regular-file.ts';
import { entryKind } from './path-walk.ts';

/** The git files that are read here have one line or a few dozen. */
const FILE_LIMIT_BYTES = 256 * 1024;

const ENTRY_LIMIT = 1024;
const MODULE_DEPTH = 6;

/** The folder that a `.git` file names; undefined if it names none. */
export function namedGitFolder(gitFile: string): string | undefined {
  const line = linesOf(gitFile).find((text) => text.startsWith('gitdir:'));
  const target = line?.slice('gitdir:'.length).trim();
  return target === undefined || target === '' ? undefined : resolve(dirname(gitFile), target);
}

/** The folder that a linked work tree shares with the main one; otherwise the folder itself. */
export function commonFolder(gitFolder: string): string {
  const line = linesOf(join(gitFolder, 'commondir'))[0]?.trim();
  return line === undefined || line === '' ? gitFolder : resolve(gitFolder, line);
}

/** Whether git would treat this folder as a repository. */
export const isRepository = (folder: string): boolean => entryKind(join(folder, 'HEAD')) !== 'absent';

/** Linked work trees and submodules, at most `limit`; some may no longer exist. */
export function relatedWorkTrees(common: string, workTree: string, limit: number): string[] {
  const trees = [...linkedWorkTrees(common), ...listedSubmodules(workTree), ...submodules(join(common, 'modules'), 0)];
  return [...new Set(trees)].slice(0, limit);
}

function linkedWorkTrees(common: string): string[] {
  const folder = join(common, 'worktrees');
  return foldersIn(folder).flatMap((name) => {
    const gitFile = linesOf(join(folder, name, 'gitdir'))[0]?.trim();
    return gitFile === undefined || gitFile === '' ? [] : [dirname(resolve(folder, name, gitFile))];
  });
}

/** Names of submodules contain slashes, so their folders are at any depth; each names its work tree. */
function submodules(folder: string, depth: number): string[] {
  if (depth > MODULE_DEPTH) return [];
  return foldersIn(folder).flatMap((name) => {
    const module = join(folder, name);
    if (!isRepository(module)) return submodules(module, depth + 1);
    const workTree = settingIn(join(module, 'config'), 'worktree')[0];
    const own = workTree === undefined ? [] : [resolve(module, workTree)];
    return [...own, ...submodules(join(module, 'modules'), depth + 1)];
  });
}

/** Old-style submodules have their repository inside; only this list names them. */
const listedSubmodules = (workTree: string): string[] =>
  settingIn(join(workTree, '.gitmodules'), 'path').map((path) => resolve(workTree, path));

function settingIn(file: string, key: string): string[] {
  return linesOf(file).flatMap((line) => {
    const at = line.indexOf('=');
    if (at < 0 || line.slice(0, at).trim().toLowerCase() !== key) return [];
    const value = line.slice(at + 1).trim();
    return [value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value];
  });
}

function linesOf(file: string): string[] {
  try {
    return readRegularSync(file, FILE_LIMIT_BYTES).toString('utf8').split('\n');
  } catch {
    // Missing, unreadable, or not a file of git's: it names nothing.
    return [];
  }
}

/** The names of folders in a folder, in the order of the disk; none if it cannot be read. */
export function foldersIn(folder: string): string[] {
  try {
    using entries = closing(opendirSync(folder));
    const names: string[] = [];
    for (let seen = 0; seen < ENTRY_LIMIT; seen += 1) {
      const entry = entries.folder.readSync();
      if (entry === null) break;
      if (entry.isDirectory()) names.push(entry.name);
    }
    return names;
  } catch {
    return [];
  }
}

const closing = (folder: ReturnType<typeof opendirSync>) => ({ folder, [Symbol.dispose]: () => folder.closeSync() });
