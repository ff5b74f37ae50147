/**
 * Lists the files below some folders.
 *
 * In: roots, the user's git settings, a cancel flag and a time limit. Out: every file that no rule ignores, one call
 * each, in no particular order. Synchronous, because it runs in a worker of its own; keeps nothing after it returns.
 * Unreadable folders contribute nothing. A folder that links lead to is listed under the same path as in
 * `FolderOwners`.
 */

import type { Stats } from 'node:fs';
import { sep } from 'node:path';
import type { UserFolders } from '../contract/search-messages.ts';
import { boundOf } from './bounds.ts';
import { type Disk, OutOfDescriptors } from './disk.ts';
import { isPseudo } from './file-systems.ts';
import { type FolderListing, type FolderToRead, listFolder } from './folder-listing.ts';
import { statFolder } from './folder-node.ts';
import { exactFile } from './folder-owners.ts';
import { readRulesAbove, rulesFromAbove } from './folder-rules.ts';
import { FolderRules } from './ignore.ts';

/** A walk over several roots. */
export interface WalkRequest {
  /** Absolute and normalised. */
  readonly roots: readonly string[];
  readonly userFolders: UserFolders;
  readonly disk: Disk;
  /** Called every hundred steps or so; the walk ends early if it returns true. */
  readonly isCancelled: () => boolean;
  /** Time limit; each root gets its share of what is left. */
  readonly maxMs: number;
  /** The root with that index ran out of time. */
  readonly onOverdue: (rootIndex: number) => void;
  /** Some of that root cannot be read for lack of descriptors. */
  readonly onNoRoom: (rootIndex: number) => void;
  /** `folder` is relative to the root with that index: empty or ending in a slash. */
  readonly onFile: (rootIndex: number, folder: string, name: string) => void;
}

/** Steps between two checks of the flag: one per reported file, several per folder. */
const STEPS_PER_CHECK = 128;
const STEPS_PER_FOLDER = 8;

interface Folder {
  /** Absolute, with a trailing separator. */
  readonly path: string;
  readonly rootIndex: number;
  readonly relative: string;
  readonly rules: FolderRules;
  /** Its parent; undefined for a root. */
  readonly parent: Visited | undefined;
}

/** A folder that has been entered. */
interface Visited {
  readonly device: number;
  /** Its identity. */
  readonly key: string;
  readonly parent: Visited | undefined;
}

/**
 * Walks the roots one after the other and returns whether it reached the end. A file below two roots is reported for
 * the deeper one, by each walk that reaches it, as in codex app-server 0.94.0.
 */
export function walkRoots(walk: WalkRequest): boolean {
  return new Walker(walk).run();
}

class Walker {
  readonly #walk: WalkRequest;
  readonly #rootIndexes = new Map<string, number>();
  /** Folders found below the current root, and the number of links on their path. */
  #met = new Map<string, number>();
  /** Number of links on the paths of the folders that are being visited. */
  #linkCount = 0;
  /** Links to folders found below the current root, followed after all folders with fewer links on their path. */
  #linked: Folder[] = [];
  #steps = 0;
  #cancelled = false;
  readonly #endMs: number;
  #rootEndMs = 0;
  #isOverdue = false;

  constructor(walk: WalkRequest) {
    this.#walk = walk;
    this.#endMs = performance.now() + walk.maxMs;
    walk.roots.forEach((root, index) => {
      if (!this.#rootIndexes.has(root)) this.#rootIndexes.set(root, index);
    });
  }

  run(): boolean {
    const { roots, onOverdue } = this.#walk;
    for (const [index, root] of roots.entries()) {
      const nowMs = performance.now();
      this.#rootEndMs = nowMs + (this.#endMs - nowMs) / (roots.length - index);
      this.#isOverdue = false;
      if (this.#isStopped()) return false;
      this.#met = new Map();
      this.#linkCount = 0;
      this.#linked = [];
      const path = root.endsWith(sep) ? root : root + sep;
      const rules = this.#rulesAbove(root, index);
      const rootIndex = this.#rootIndexes.get(root) ?? index;
      this.#visitAll(path, [{ path, rootIndex, relative: '', rules, parent: undefined }]);
      while (this.#linked.length > 0 && !this.#isEnded) {
        this.#linkCount += 1;
        this.#visitAll(path, this.#linked.splice(0));
      }
      if (this.#isOverdue) onOverdue(index);
    }
    return !this.#cancelled;
  }

  /** Visits folders and all that is below them without following links. */
  #visitAll(root: string, folders: readonly Folder[]): void {
    const waiting = folders.toSorted(latestFirst);
    for (let next = waiting.pop(); next !== undefined && !this.#isEnded; next = waiting.pop()) {
      if (boundOf(root, next.path, '') !== undefined) continue;
      for (const folder of this.#visit(next).sort(latestFirst)) waiting.push(folder);
    }
  }

  /** Reports the files of a folder and returns the folders in it. */
  #visit(folder: Folder): Folder[] {
    if (this.#step(STEPS_PER_FOLDER)) return [];
    const { disk } = this.#walk;
    const stats = statFolder(disk, folder.path);
    if (stats === undefined || (stats.dev !== folder.parent?.device && isPseudo(disk, folder.path))) return [];
    const visited = { device: stats.dev, key: keyOf(disk, folder.path, stats), parent: folder.parent };
    if (!this.#isVisible(visited)) return [];
    const listing = this.#list({ path: folder.path, sizeBytes: stats.size, inherited: folder.rules }, folder.rootIndex);
    if (listing === undefined) return [];
    const { rules, files, folders, linkedFolders } = listing;
    for (const name of files) {
      this.#walk.onFile(folder.rootIndex, folder.relative, name);
      if (this.#step(1)) return [];
    }
    const base = { ...folder, rules, parent: visited };
    for (const name of linkedFolders) this.#linked.push(this.#child(base, name));
    return folders.map((name) => this.#child(base, name));
  }

  /** The contents of a folder, as far as time permits. */
  #list(folder: FolderToRead, rootIndex: number): FolderListing | undefined {
    try {
      const listed = listFolder(this.#walk.disk, folder);
      if (!('next' in listed)) return listed;
      for (;;) {
        const { done, value } = listed.next();
        if (done === true) return value;
        if (this.#step(STEPS_PER_CHECK)) return listed.return(value).value;
      }
    } catch (error) {
      if (!(error instanceof OutOfDescriptors)) throw error;
      this.#walk.onNoRoom(rootIndex);
      return undefined;
    }
  }

  #rulesAbove(root: string, index: number): FolderRules {
    try {
      return rulesFromAbove(readRulesAbove(this.#walk.disk, root, this.#walk.userFolders));
    } catch (error) {
      if (!(error instanceof OutOfDescriptors)) throw error;
      this.#walk.onNoRoom(index);
      return FolderRules.none;
    }
  }

  /** Whether the contents of the folder are visible on this path. */
  #isVisible({ key, parent }: Visited): boolean {
    const links = this.#met.get(key);
    if (links === undefined) {
      this.#met.set(key, this.#linkCount);
      return true;
    }
    if (links > 0 || this.#linkCount !== 1) return false;
    for (let at = parent; at !== undefined; at = at.parent) if (at.key === key) return false;
    return true;
  }

  #child(base: Folder, name: string): Folder {
    const path = base.path + name;
    const ownRoot = this.#rootIndexes.get(path);
    return {
      path: path + sep,
      rootIndex: ownRoot ?? base.rootIndex,
      relative: ownRoot === undefined ? `${base.relative}${name}/` : '',
      rules: base.rules.enter(name),
      parent: base.parent,
    };
  }

  /** Counts steps; returns true if the walk of this root must end. */
  #step(count: number): boolean {
    this.#steps += count;
    if (this.#steps < STEPS_PER_CHECK) return this.#isEnded;
    this.#steps = 0;
    this.#isOverdue ||= performance.now() > this.#rootEndMs;
    return this.#isStopped() || this.#isOverdue;
  }

  get #isEnded(): boolean {
    return this.#cancelled || this.#isOverdue;
  }

  #isStopped(): boolean {
    this.#cancelled ||= this.#walk.isCancelled();
    return this.#cancelled;
  }
}

const keyOf = (disk: Disk, path: string, { dev, ino }: Stats): string =>
  `${dev}:${Number.isSafeInteger(ino) ? ino : exactFile(disk, path)}`;

const latestFirst = (a: Folder, b: Folder): number => (a.path < b.path ? 1 : -1);
