/** A folder of an index: what was read of it, and its last known change time. */
import type { Stats } from 'node:fs';
import { sep } from 'node:path';
import type { BlockPosition } from './arena.ts';
import type { Disk } from './disk.ts';
import { type PathKind, pathKindOf, statIfAny } from './folder-listing.ts';
import { type RuleText, readRules } from './folder-rules.ts';
import type { HintKind, Watch, Watched } from './folder-watcher.ts';

/**
 * Folder times advance in steps of some milliseconds: a folder read this soon after a change may change unnoticed.
 */
const COARSEST_TICK_MS = 20;

/** Identity and change time of a folder when it was read. */
export interface FolderStamp {
  readonly device: number;
  readonly file: number;
  readonly bornMs: number;
  /** NaN if it changed just before, because the next change may go unnoticed. */
  readonly changedMs: number;
}

/** The stamp of a folder right before it is read. */
export function stampOf({ dev, ino, birthtimeMs, ctimeMs }: Stats, nowMs: number): FolderStamp {
  const changedMs = Math.abs(nowMs - ctimeMs) < COARSEST_TICK_MS ? Number.NaN : ctimeMs;
  return { device: dev, file: ino, bornMs: birthtimeMs, changedMs };
}

/** Receives a hint that a folder has changed; see `Watched`. */
export type OnFolderHint = (node: FolderNode, kind: HintKind, name: string | undefined) => void;

/** Data that only few folders have. */
export interface FolderExtras {
  /** The texts of its own rules. */
  readonly ownRules: readonly RuleText[];
  /** Whether it has a `.git`, whose rules change without a hint. */
  readonly isRepository: boolean;
  /** Links that did not lead to a folder when it was read, and what they led to. */
  readonly links: readonly (readonly [string, PathKind])[];
}

const NO_EXTRAS: FolderExtras = { ownRules: [], isRepository: false, links: [] };

/**
 * There is one per folder, so it stores as little as possible: no path, and no objects that most folders can share.
 */
export class FolderNode implements Watched {
  readonly name: string;
  children: Map<string, FolderNode> | undefined;
  position: BlockPosition | undefined;
  watch: Watch | undefined;
  /** Whether it is delegated to another thread. */
  isDelegated = false;
  /** No longer part of the index. */
  removed = false;
  /** Has no visible contents: another path owns them, or it is in a pseudo file system. */
  isHidden = false;
  /** Whether its name is that of a link. */
  readonly isLink: boolean;
  /** The parent. For the root, the path of the parent: empty or with a trailing separator. */
  readonly #parentOrPath: FolderNode | string;
  readonly #onHint: OnFolderHint;
  #extras = NO_EXTRAS;
  #device = 0;
  #file = 0;
  #bornMs = 0;
  #changedMs: number | undefined;

  private constructor(name: string, parentOrPath: FolderNode | string, onHint: OnFolderHint, isLink = false) {
    this.name = name;
    this.isLink = isLink;
    this.#parentOrPath = parentOrPath;
    this.#onHint = onHint;
  }

  /** The root of an index; the path ends in a separator. */
  static root(path: string, onHint: OnFolderHint): FolderNode {
    const end = path.length - sep.length;
    const start = path.slice(0, end).lastIndexOf(sep) + 1;
    return new FolderNode(path.slice(start, end), path.slice(0, start), onHint);
  }

  /** A new folder in this one. */
  inner(name: string): FolderNode {
    return new FolderNode(name, this, this.#onHint);
  }

  /** As `inner`, for a link to a folder. */
  innerLink(name: string): FolderNode {
    return new FolderNode(name, this, this.#onHint, true);
  }

  /** Number of links on its path below the root. */
  get linkCount(): number {
    const above = this.parent?.linkCount ?? 0;
    return this.isLink ? above + 1 : above;
  }

  /** The identity of the folder when it was read. */
  get identity(): { readonly device: number; readonly file: number } {
    return { device: this.#device, file: this.#file };
  }

  get parent(): FolderNode | undefined {
    return typeof this.#parentOrPath === 'string' ? undefined : this.#parentOrPath;
  }

  /** Absolute, with a trailing separator. */
  get path(): string {
    const parent = this.#parentOrPath;
    return (typeof parent === 'string' ? parent : parent.path) + this.name + sep;
  }

  /** Whether it has ever been read. */
  get wasRead(): boolean {
    return this.#changedMs !== undefined;
  }

  get ownRules(): readonly RuleText[] {
    return this.#extras.ownRules;
  }

  get isRepository(): boolean {
    return this.#extras.isRepository;
  }

  /** Whether it has parts that change without a hint. */
  get hasUnhintedParts(): boolean {
    return this.#extras.isRepository || this.#extras.links.length > 0;
  }

  onHint(kind: HintKind, name: string | undefined): void {
    this.#onHint(this, kind, name);
  }

  /** Records the identity and time of the folder when it was read. */
  stamp({ device, file, bornMs, changedMs }: FolderStamp): void {
    this.#device = device;
    this.#file = file;
    this.#bornMs = bornMs;
    this.#changedMs = changedMs;
  }

  /** Records what else was read. */
  note({ ownRules, isRepository, links }: FolderExtras): void {
    const hasAny = isRepository || ownRules.length > 0 || links.length > 0;
    this.#extras = hasAny ? { ownRules, isRepository, links } : NO_EXTRAS;
  }

  /** Whether this is the folder that was read, changed or not. */
  isSame({ dev, ino, birthtimeMs }: Stats): boolean {
    return this.wasRead && dev === this.#device && ino === this.#file && birthtimeMs === this.#bornMs;
  }

  /** Whether the folder may have changed since it was read. */
  isStale(stats: Stats | undefined): boolean {
    return stats === undefined || stats.ctimeMs !== this.#changedMs || !this.isSame(stats);
  }

  /** Whether its rules differ from those that were read. Throws `OutOfDescriptors`. */
  hasOtherRules(disk: Disk): boolean {
    const texts = readRules(disk, this.path);
    if (texts.length !== this.ownRules.length) return true;
    return texts.some(({ name, text }, index) => {
      const known = this.ownRules[index];
      return known?.name !== name || known.text !== text;
    });
  }

  /** Whether the target of a link has changed its kind. */
  hasOtherLinks(disk: Disk): boolean {
    return this.#extras.links.some(([name, kind]) => pathKindOf(disk, this.path + name) !== kind);
  }

  /** The deepest known folder along these names; the last name is that of an entry. */
  nearest(names: readonly string[]): FolderNode {
    let node: FolderNode = this;
    for (const name of names.slice(0, -1)) {
      const inner = node.children?.get(name);
      if (inner === undefined) break;
      node = inner;
    }
    return node;
  }

  /** This folder and all below it. */
  *withDescendants(): Iterable<FolderNode> {
    const stack: FolderNode[] = [this];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      yield node;
      for (const child of node.children?.values() ?? []) stack.push(child);
    }
  }
}

/** A folder's stats with links followed; undefined if there is no folder. */
export function statFolder(disk: Disk, path: string): Stats | undefined {
  const stats = statIfAny(disk, path);
  return stats?.isDirectory() === true ? stats : undefined;
}
