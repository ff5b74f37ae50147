/**
 * The folders of one index, and the memory of their files' names.
 *
 * In: folders to read. Out: what is to be read below them, and snapshots. Owns the folders and the memory; is told
 * when to read what.
 */
import { sep } from 'node:path';
import { Arena, blockIn, type Place } from './arena.ts';
import { kindOf, leadsToOneOf, listFolder, type PathKind } from './folder-listing.ts';
import { type FolderExtras, FolderNode, type OnFolderHint, stampOf, statFolder } from './folder-node.ts';
import { makeSnapshot } from './publish.ts';
import type { RulesOfFolders } from './rules-of-folders.ts';
import type { Snapshot } from './snapshot.ts';
import { listingsOf, relativeOf, type Subtrees } from './subtrees.ts';

export interface FolderTreeOptions {
  /** Absolute and normalised. */
  readonly root: string;
  readonly nowMs: () => number;
  readonly nextVersion: () => number;
  readonly onAdded: (node: FolderNode) => void;
  readonly onRead: (node: FolderNode) => void;
  readonly onRemoved: (node: FolderNode) => void;
  /** The folder's path leads to another folder than when it was read. */
  readonly onReplaced: (node: FolderNode) => void;
  readonly onHint: OnFolderHint;
}

/** A folder to read. */
export interface Visit {
  readonly node: FolderNode;
  /** Whether everything below is to be read anew as well. */
  readonly deep: boolean;
}

/** Memory that may lie idle before blocks are moved together, in integers. */
const IDLE_MEMORY = 1 << 16;

export class FolderTree {
  readonly nodes = new Set<FolderNode>();
  /** Folders that hold things which change without a hint: links, and repositories with rules of their own. */
  readonly withOutside = new Set<FolderNode>();
  readonly #options: FolderTreeOptions;
  #arena = new Arena();
  #liveSize = 0;
  #fileCount = 0;
  #root: FolderNode | undefined;
  #changed = true;
  #snapshot: Snapshot | undefined;

  constructor(options: FolderTreeOptions) {
    this.#options = options;
  }

  /** Files in the tree as far as known. */
  get fileCount(): number {
    return this.#fileCount;
  }

  /** The root's folder; none as long as there is none on the disk. */
  get root(): FolderNode | undefined {
    return this.#root;
  }

  /** The latest version. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** With a separator at its end, as all paths of folders here. */
  get rootPath(): string {
    const { root } = this.#options;
    return root.endsWith(sep) ? root : root + sep;
  }

  addRoot(): FolderNode {
    this.#root = this.#add(FolderNode.root(this.rootPath, this.#options.onHint));
    return this.#root;
  }

  /** Reads a folder and returns what is to be read below it. */
  read({ node, deep }: Visit, rules: RulesOfFolders): readonly Visit[] {
    const { path } = node;
    const stats = statFolder(path);
    if (stats === undefined) {
      this.remove(node);
      // Its name may lead somewhere else by now.
      return node.parent === undefined ? [] : [{ node: node.parent, deep: false }];
    }
    if (!node.isSame(stats)) this.#options.onReplaced(node);
    node.stamp(stampOf(stats, this.#options.nowMs()));
    const { files, folders, ownRules, isRepository, ...listing } = listFolder({
      path,
      inherited: rules.inheritedBy(node),
      isLoop: (link) => leadsToOneOf(node.pathsUpwards(), link),
      isStopped: () => false,
    });
    const newRules = JSON.stringify(ownRules) !== JSON.stringify(node.ownRules);
    const links = listing.links.map((name): [string, PathKind] => [name, kindOf(path + name)]);
    this.#note(node, { ownRules, isRepository, links });
    rules.set(node, listing.rules);
    const folder = relativeOf(this.rootPath, path);
    this.#put(node, files.length === 0 ? undefined : this.#arena.write(folder, files, node.place));
    this.#options.onRead(node);
    return this.#readBelow(node, folders, deep || newRules);
  }

  /** Takes what another thread has read of folders, and returns what is left to be read of them and below them. */
  take(nodes: readonly FolderNode[], subtrees: Subtrees): readonly Visit[] {
    const wanted = new Map(nodes.filter(({ removed }) => !removed).map((node) => [node.path, node]));
    for (const listing of listingsOf(subtrees)) {
      const node = wanted.get(listing.path);
      // It may have been read here meanwhile, and then for a reason.
      if (node === undefined || node.wasRead) continue;
      node.stamp(listing.stamp);
      this.#note(node, listing);
      const { place } = listing;
      this.#put(node, place === undefined ? undefined : this.#arena.copy(blockIn(subtrees.chunks, place)));
      this.#options.onRead(node);
      for (const { node: child } of this.#readBelow(node, listing.folders, false)) wanted.set(child.path, child);
    }
    return [...wanted.values()].filter(({ wasRead }) => !wasRead).map((node) => ({ node, deep: false }));
  }

  #note(node: FolderNode, extras: FolderExtras): void {
    node.note(extras);
    if (node.hasOutside) this.withOutside.add(node);
    else this.withOutside.delete(node);
  }

  #readBelow(node: FolderNode, names: readonly string[], deep: boolean): readonly Visit[] {
    const visits: Visit[] = [];
    const before = node.children;
    const children = new Map<string, FolderNode>();
    for (const name of names) {
      const known = before?.get(name);
      const child = known ?? this.#add(node.inner(name));
      children.set(name, child);
      if (known === undefined || deep || known.isStale(statFolder(known.path))) {
        // What another thread reads by now may have been asked for with other rules.
        visits.push({ node: child, deep: deep && (child.wasRead || child.isHanded) });
      }
    }
    for (const [name, child] of before ?? []) if (!children.has(name)) this.remove(child);
    node.children = children.size === 0 ? undefined : children;
    return visits;
  }

  #put(node: FolderNode, place: Place | undefined): void {
    if (place === node.place) return;
    this.#count(node.place, -1);
    this.#count(place, 1);
    node.place = place;
    this.#changed = true;
  }

  #count(place: Place | undefined, sign: 1 | -1): void {
    if (place === undefined) return;
    this.#liveSize += sign * this.#arena.block(place).length;
    this.#fileCount += sign * this.#arena.fileCount(place);
  }

  #add(node: FolderNode): FolderNode {
    this.nodes.add(node);
    this.#options.onAdded(node);
    return node;
  }

  /** Takes a folder and all below it out. */
  remove(top: FolderNode): void {
    if (top.parent?.children?.get(top.name) === top) top.parent.children.delete(top.name);
    for (const node of top.withDescendants()) {
      node.removed = true;
      this.#put(node, undefined);
      this.nodes.delete(node);
      this.withOutside.delete(node);
      this.#options.onRemoved(node);
    }
    if (top === this.#root) this.#root = undefined;
  }

  /** The latest version; a new one if there were changes. */
  publish(complete: boolean): Snapshot {
    const known = this.#snapshot;
    if (known !== undefined && !this.#changed && known.complete === complete) return known;
    this.#changed = false;
    if (this.#arena.size - this.#liveSize > IDLE_MEMORY + this.#liveSize / 2) this.#moveTogether();
    const { root, nextVersion } = this.#options;
    this.#snapshot = makeSnapshot({ root, version: nextVersion(), complete, arena: this.#arena, folders: this.nodes });
    return this.#snapshot;
  }

  /** Copies what is in use to new memory; the old one stays with the snapshots that use it. */
  #moveTogether(): void {
    const arena = new Arena();
    for (const node of this.nodes) {
      if (node.place !== undefined) node.place = arena.copy(this.#arena.block(node.place));
    }
    this.#arena = arena;
  }
}
