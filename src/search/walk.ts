/**
 * Lists the files below some folders.
 *
 * In: roots, the user's git settings, a flag to stop and the time it may take. Out: every file that no rule ignores, one call each, in
 * no particular order. Works synchronously, since it runs in a worker of its own; holds nothing once it returns. What cannot be read
 * contributes nothing. Of a folder that links lead to, `FolderOwners` says by which path it is shown: so does the order here.
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
export interface Walk {
  /** Absolute and normalised. */
  readonly roots: readonly string[];
  readonly userFolders: UserFolders;
  readonly disk: Disk;
  /** Asked every hundred steps or so; the walk ends early when it says yes. */
  readonly isCancelled: () => boolean;
  /** How long it may take; each root gets its share of what is left. */
  readonly maxMs: number;
  /** The time for the root with that index is over before all of it was seen. */
  readonly onOverdue: (rootIndex: number) => void;
  /** Some of that root cannot be read, because there is no room for another descriptor. */
  readonly onNoRoom: (rootIndex: number) => void;
  /** `folder` is relative to the root with that index: empty or with a slash at its end. */
  readonly onFile: (rootIndex: number, folder: string, name: string) => void;
}

/** Steps between two looks at the flag: a file that is reported is one, a folder some. */
const STEPS_PER_CHECK = 128;
const STEPS_PER_FOLDER = 8;

interface Folder {
  /** Absolute, with a separator at its end. */
  readonly path: string;
  readonly rootIndex: number;
  readonly relative: string;
  readonly rules: FolderRules;
  /** The folder that it lies in; undefined for a root. */
  readonly around: Visited | undefined;
}

/** A folder that has been entered. */
interface Visited {
  readonly device: number;
  /** What identifies it. */
  readonly key: string;
  readonly around: Visited | undefined;
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
  /** Folders met below the current root, and how many links were on the path. */
  #met = new Map<string, number>();
  /** Links that are on the paths of folders that are visited now. */
  #linkCount = 0;
  /** Links to folders met below the current root, to be followed when all is seen that has fewer links on its path. */
  #linked: Folder[] = [];
  #steps = 0;
  #cancelled = false;
  readonly #endMs: number;
  #rootEndMs = 0;
  #isOverdue = false;

  constructor(walk: Walk) {
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
      this.#visitAll(path, [{ path, rootIndex, relative: '', rules, around: undefined }]);
      while (this.#linked.length > 0 && !this.#isEnded) {
        this.#linkCount += 1;
        this.#visitAll(path, this.#linked.splice(0));
      }
      if (this.#isOverdue) onOverdue(index);
    }
    return !this.#cancelled;
  }

  /** Visits folders and all that is below them without following a link. */
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
    if (stats === undefined || (stats.dev !== folder.around?.device && isPseudo(disk, folder.path))) return [];
    const visited = { device: stats.dev, key: keyOf(disk, folder.path, stats), around: folder.around };
    if (!this.#isShown(visited)) return [];
    const listing = this.#list({ path: folder.path, sizeBytes: stats.size, inherited: folder.rules }, folder.rootIndex);
    if (listing === undefined) return [];
    const { rules, files, folders, linkedFolders } = listing;
    for (const name of files) {
      this.#walk.onFile(folder.rootIndex, folder.relative, name);
      if (this.#step(1)) return [];
    }
    const parent = { ...folder, rules, around: visited };
    for (const name of linkedFolders) this.#linked.push(this.#child(parent, name));
    return folders.map((name) => this.#child(parent, name));
  }

  /** What a folder holds, as far as there is time for it. */
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

  /** Whether the path is one that shows the folder. */
  #isShown({ key, around }: Visited): boolean {
    const links = this.#met.get(key);
    if (links === undefined) {
      this.#met.set(key, this.#linkCount);
      return true;
    }
    if (links > 0 || this.#linkCount !== 1) return false;
    for (let at = around; at !== undefined; at = at.around) if (at.key === key) return false;
    return true;
  }

  #child(parent: Folder, name: string): Folder {
    const path = parent.path + name;
    const ownRoot = this.#rootIndexes.get(path);
    return {
      path: path + sep,
      rootIndex: ownRoot ?? parent.rootIndex,
      relative: ownRoot === undefined ? `${parent.relative}${name}/` : '',
      rules: parent.rules.enter(name),
      around: parent.around,
    };
  }

  /** Counts steps; true when the walk of this root is to end. */
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
