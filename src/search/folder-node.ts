/** A folder of an index: what was read of it, and when it was last changed as far as is known. */
import { type Stats, statSync } from 'node:fs';
import { sep } from 'node:path';
import type { Place } from './arena.ts';
import { kindOf, type PathKind, type RuleText, readRules } from './folder-listing.ts';
import type { HintKind, Watch, Watched } from './folder-watcher.ts';

/** Times of folders advance in steps of some milliseconds: a folder read so soon after a change may change unseen. */
const COARSEST_TICK_MS = 20;

/** Which folder was read, and when it had last been changed then. */
export interface FolderStamp {
  readonly device: number;
  readonly file: number;
  readonly bornMs: number;
  /** Not a number when it was changed just before, so that the next change may not be seen. */
  readonly changedMs: number;
}

/** What a folder was right before it is read. */
export function stampOf({ dev, ino, birthtimeMs, ctimeMs }: Stats, nowMs: number): FolderStamp {
  const changedMs = Math.abs(nowMs - ctimeMs) < COARSEST_TICK_MS ? Number.NaN : ctimeMs;
  return { device: dev, file: ino, bornMs: birthtimeMs, changedMs };
}

/** Takes a hint that a folder has changed; see `Watched`. */
export type OnFolderHint = (node: FolderNode, kind: HintKind, name: string | undefined) => void;

export class FolderNode implements Watched {
  /** Absolute, with a separator at its end. */
  readonly path: string;
  readonly parent: FolderNode | undefined;
  children: Map<string, FolderNode> | undefined;
  place: Place | undefined;
  fileCount = 0;
  /** Links that led to no folder when the folder was read, and what they led to. */
  links: ReadonlyMap<string, PathKind> | undefined;
  /** Whether it holds a `.git`, whose rules change without a hint. */
  isRepository = false;
  ownRules: readonly RuleText[] = [];
  watch: Watch | undefined;
  /** Whether another thread is to read it. */
  isHanded = false;
  /** No longer part of the index. */
  removed = false;
  readonly #onHint: OnFolderHint;
  #stamp: FolderStamp | undefined;

  constructor(path: string, parent: FolderNode | undefined, onHint: OnFolderHint) {
    this.path = path;
    this.parent = parent;
    this.#onHint = onHint;
  }

  hear(kind: HintKind, name: string | undefined): void {
    this.#onHint(this, kind, name);
  }

  get name(): string {
    const path = this.path.slice(0, -1);
    return path.slice(path.lastIndexOf(sep) + 1);
  }

  /** Whether it has ever been read. */
  get wasRead(): boolean {
    return this.#stamp !== undefined;
  }

  /** Notes what the folder was when it was read. */
  stamp(stamp: FolderStamp): void {
    this.#stamp = stamp;
  }

  /** Whether this is the folder that was read, changed or not. */
  isSame(stats: Stats): boolean {
    const stamp = this.#stamp;
    return stats.dev === stamp?.device && stats.ino === stamp.file && stats.birthtimeMs === stamp.bornMs;
  }

  /** Whether the folder may have changed since it was read. */
  isStale(stats: Stats | undefined): boolean {
    return stats === undefined || stats.ctimeMs !== this.#stamp?.changedMs || !this.isSame(stats);
  }

  /** Whether its rules are others than those that were read. */
  hasOtherRules(): boolean {
    const texts = readRules(this.path);
    if (texts.length !== this.ownRules.length) return true;
    return texts.some(({ name, text }, index) => {
      const known = this.ownRules[index];
      return known?.name !== name || known.text !== text;
    });
  }

  /** Whether a link leads to something else than it did. */
  hasOtherLinks(): boolean {
    for (const [name, kind] of this.links ?? []) if (kindOf(this.path + name) !== kind) return true;
    return false;
  }

  /** This folder and all below it. */
  *withDescendants(): Iterable<FolderNode> {
    const stack: FolderNode[] = [this];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      yield node;
      if (node.children !== undefined) stack.push(...node.children.values());
    }
  }

  /** The paths of this folder and of all above it, up to the root. */
  *pathsUpwards(): Iterable<string> {
    for (let node: FolderNode | undefined = this; node !== undefined; node = node.parent) yield node.path;
  }
}

/** A folder's times and identity, links followed; undefined when there is no folder. */
export function statFolder(path: string): Stats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isDirectory() === true ? stats : undefined;
  } catch {
    return undefined;
  }
}
