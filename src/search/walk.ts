/**
 * Lists the files below some folders.
 *
 * In: roots, the user's git settings and a flag to stop. Out: every file that no rule ignores, one call each, in no
 * particular order. Works synchronously, since it runs in a worker of its own; holds nothing once it returns. What
 * cannot be read contributes nothing.
 */
import { isUtf8 } from 'node:buffer';
import { type BigIntStats, type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import {
  findRepositoryRoot,
  readGlobalExcludes,
  readInfoExclude,
  readTextIfAny,
  type UserFolders,
} from './git-files.ts';
import { FolderRules } from './ignore.ts';

/** A walk over several roots. */
export interface Walk {
  /** Absolute and normalised. */
  readonly roots: readonly string[];
  readonly userFolders: UserFolders;
  /** Asked every hundred steps or so; the walk ends early when it says yes. */
  readonly isCancelled: () => boolean;
  /** `folder` is relative to the root with that index: empty or with a slash at its end. */
  readonly onFile: (rootIndex: number, folder: string, name: string) => void;
}

/** Steps, that is entries or folders, between two looks at the flag. */
const STEPS_PER_CHECK = 128;
const DOT = 0x2e;
const UNDECODABLE = '\ufffd';

interface Folder {
  /** Absolute, with a separator at its end. */
  readonly path: string;
  readonly rootIndex: number;
  readonly relative: string;
  readonly rules: FolderRules;
  readonly parent: Folder | undefined;
}

/**
 * Walks the roots one after the other and returns whether it got to the end. A file below two roots is reported for
 * the deeper one, by each walk that meets it: so does codex app-server 0.94.0.
 */
export function walkRoots(walk: Walk): boolean {
  return new Walker(walk).run();
}

class Walker {
  readonly #walk: Walk;
  readonly #rootIndexes = new Map<string, number>();
  readonly #globalExcludes: string | undefined;
  #steps = 0;
  #cancelled = false;

  constructor(walk: Walk) {
    this.#walk = walk;
    this.#globalExcludes = readGlobalExcludes(walk.userFolders);
    walk.roots.forEach((root, index) => {
      if (!this.#rootIndexes.has(root)) this.#rootIndexes.set(root, index);
    });
  }

  run(): boolean {
    for (const [index, root] of this.#walk.roots.entries()) {
      if (this.#isStopped()) return false;
      if (statIfAny(root)?.isDirectory() !== true) continue;
      this.#visit({
        path: root.endsWith(sep) ? root : root + sep,
        rootIndex: this.#rootIndexes.get(root) ?? index,
        relative: '',
        rules: rulesAbove(root, this.#globalExcludes),
        parent: undefined,
      });
    }
    return !this.#cancelled;
  }

  #visit(folder: Folder): void {
    const entries = readFolder(folder.path);
    const rules = rulesOf(folder, entries);
    for (const entry of entries) {
      if (this.#step()) return;
      const { name } = entry;
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && leadsToFolder(folder.path + name));
      if (isFolder) {
        if (name === '.git' || rules.ignores(`${name}/`)) continue;
        if (entry.isSymbolicLink() && leadsToAncestor(folder, folder.path + name)) continue;
        this.#visit(this.#child({ ...folder, rules }, name));
      } else {
        if (!rules.isEmpty && rules.ignores(name)) continue;
        if (entry.isSymbolicLink() && statIfAny(folder.path + name) === undefined) continue;
        this.#walk.onFile(folder.rootIndex, folder.relative, name);
      }
    }
  }

  #child(parent: Folder, name: string): Folder {
    const path = parent.path + name;
    const ownRoot = this.#rootIndexes.get(path);
    return {
      path: path + sep,
      rootIndex: ownRoot ?? parent.rootIndex,
      relative: ownRoot === undefined ? `${parent.relative}${name}/` : '',
      rules: parent.rules.enter(name),
      parent,
    };
  }

  /** Counts a step; true when the walk is to end. */
  #step(): boolean {
    this.#steps += 1;
    return this.#steps % STEPS_PER_CHECK === 0 ? this.#isStopped() : this.#cancelled;
  }

  #isStopped(): boolean {
    this.#cancelled ||= this.#walk.isCancelled();
    return this.#cancelled;
  }
}

/** Rules that hold in a root before its own files are read: from the repository root down, if there is one. */
function rulesAbove(root: string, globalExcludes: string | undefined): FolderRules {
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

function rulesOf(folder: Folder, entries: readonly Dirent[]): FolderRules {
  const hidden = entries.filter(({ name }) => name.charCodeAt(0) === DOT).map(({ name }) => name);
  return rulesFromFiles(folder.rules, folder.path, hidden);
}

/** Adds the rules of those files in the folder that hold any; `names` may name others. */
function rulesFromFiles(inherited: FolderRules, folder: string, names: readonly string[]): FolderRules {
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
function statIfAny(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const leadsToFolder = (link: string): boolean => statIfAny(link)?.isDirectory() === true;

/** Whether a link leads back to a folder that is being walked, which would never end. */
function leadsToAncestor(folder: Folder, link: string): boolean {
  const target = identityOf(link);
  for (let at: Folder | undefined = folder; at !== undefined; at = at.parent) {
    const ancestor = identityOf(at.path);
    if (ancestor?.ino === target?.ino && ancestor?.dev === target?.dev) return true;
  }
  return false;
}

/** Device and file number, exact beyond 2^53. */
function identityOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
