/**
 * Lists the files below some folders.
 *
 * In: roots, the user's git settings and a flag to stop. Out: every file that no rule ignores, one call each, in no
 * particular order. Works synchronously, since it runs in a worker of its own; holds nothing once it returns. What
 * cannot be read contributes nothing.
 */
import { sep } from 'node:path';
import { leadsToOneOf, listFolder, readRulesAbove, rulesFromAbove, statIfAny } from './folder-listing.ts';
import type { UserFolders } from './git-files.ts';
import type { FolderRules } from './ignore.ts';

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
  #steps = 0;
  #cancelled = false;

  constructor(walk: Walk) {
    this.#walk = walk;
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
        rules: rulesFromAbove(readRulesAbove(root, this.#walk.userFolders)),
        parent: undefined,
      });
    }
    return !this.#cancelled;
  }

  #visit(folder: Folder): void {
    const { rules, files, folders } = listFolder({
      path: folder.path,
      inherited: folder.rules,
      isLoop: (link) => leadsToOneOf(ancestorsOf(folder), link),
      isStopped: () => this.#step(),
    });
    for (const name of files) this.#walk.onFile(folder.rootIndex, folder.relative, name);
    for (const name of folders) {
      if (this.#cancelled) return;
      this.#visit(this.#child({ ...folder, rules }, name));
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

function* ancestorsOf(folder: Folder): Iterable<string> {
  for (let at: Folder | undefined = folder; at !== undefined; at = at.parent) yield at.path;
}
