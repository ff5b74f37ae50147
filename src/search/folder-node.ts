/** A folder of an index: what was read of it, and when it was last changed as far as is known. */
import type { Stats } from 'node:fs';
import { sep } from 'node:path';
import type { Place } from './arena.ts';
import type { Disk } from './disk.ts';
import { kindOf, type PathKind, statIfAny } from './folder-listing.ts';
import { type RuleText, readRules } from './folder-rules.ts';
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

/** What is known of few folders. */
export interface FolderExtras {
  /** The texts of its own rules. */
  readonly ownRules: readonly RuleText[];
  /** Whether it holds a `.git`, whose rules change without a hint. */
  readonly isRepository: boolean;
  /** Links that led to no folder when the folder was read, and what they led to. */
  readonly links: readonly (readonly [string, PathKind])[];
}

const NO_EXTRAS: FolderExtras = { ownRules: [], isRepository: false, links: [] };

/** There is one for each folder, so it holds as little as it can: no path, and no objects that most folders can share. */
export class FolderNode implements Watched {
  readonly name: string;
  children: Map<string, FolderNode> | undefined;
  place: Place | undefined;
  watch: Watch | undefined;
  /** Whether another thread is to read it. */
  isHanded = false;
  /** No longer part of the index. */
  removed = false;
  /** Shows nothing, because another path shows it or because nobody wants to see it. */
  isHidden = false;
  /** Whether its name is that of a link. */
  readonly isLink: boolean;
  /** The folder it lies in; of the root only the path of that, which is empty or has a separator at its end. */
  readonly #around: FolderNode | string;
  readonly #onHint: OnFolderHint;
  #extras = NO_EXTRAS;
  #device = 0;
  #file = 0;
  #bornMs = 0;
  #changedMs: number | undefined;

  private constructor(name: string, around: FolderNode | string, onHint: OnFolderHint, isLink = false) {
    this.name = name;
    this.isLink = isLink;
    this.#around = around;
    this.#onHint = onHint;
  }

  /** The root of an index; its path has a separator at its end. */
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

  /** How many links are on its path, the root's own not counted. */
  get linkCount(): number {
    const above = this.parent?.linkCount ?? 0;
    return this.isLink ? above + 1 : above;
  }

  /** What was read, as far as it identifies the folder. */
  get identity(): { readonly device: number; readonly file: number } {
    return { device: this.#device, file: this.#file };
  }

  get parent(): FolderNode | undefined {
    return typeof this.#around === 'string' ? undefined : this.#around;
  }

  /** Absolute, with a separator at its end. */
  get path(): string {
    const around = this.#around;
    return (typeof around === 'string' ? around : around.path) + this.name + sep;
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

  /** Whether it holds things that change without a hint. */
  get hasOutside(): boolean {
    return this.#extras.isRepository || this.#extras.links.length > 0;
  }

  hear(kind: HintKind, name: string | undefined): void {
    this.#onHint(this, kind, name);
  }

  /** Notes what the folder was when it was read. */
  stamp({ device, file, bornMs, changedMs }: FolderStamp): void {
    this.#device = device;
    this.#file = file;
    this.#bornMs = bornMs;
    this.#changedMs = changedMs;
  }

  /** Notes what else was read. */
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

  /** Whether its rules are others than those that were read. Throws `OutOfDescriptors`. */
  hasOtherRules(disk: Disk): boolean {
    const texts = readRules(disk, this.path);
    if (texts.length !== this.ownRules.length) return true;
    return texts.some(({ name, text }, index) => {
      const known = this.ownRules[index];
      return known?.name !== name || known.text !== text;
    });
  }

  /** Whether a link leads to something else than it did. */
  hasOtherLinks(disk: Disk): boolean {
    return this.#extras.links.some(([name, kind]) => kindOf(disk, this.path + name) !== kind);
  }

  /** The deepest folder on the way along these names, the last of which is that of an entry. */
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

/** A folder's times and identity, links followed; undefined when there is no folder. */
export function statFolder(disk: Disk, path: string): Stats | undefined {
  const stats = statIfAny(disk, path);
  return stats?.isDirectory() === true ? stats : undefined;
}
