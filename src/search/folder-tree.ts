/**
 * The folders of one index.
 *
 * In: folders to read. Out: what is to be read below them, and snapshots. Owns the folders; is told when to
 * read what.
 */
import { sep } from 'node:path';
import { blockIn } from './arena.ts';
import { boundOf, type SearchBound } from './bounds.ts';
import type { Disk } from './disk.ts';
import { isPseudo } from './file-systems.ts';
import { FolderFiles } from './folder-files.ts';
import { type FolderListing, kindOf, listFolder, type PathKind } from './folder-listing.ts';
import { type FolderExtras, FolderNode, type OnFolderHint, stampOf, statFolder } from './folder-node.ts';
import { FolderOwners, type Identity } from './folder-owners.ts';
import type { RulesOfFolders } from './rules-of-folders.ts';
import type { Snapshot } from './snapshot.ts';
import { listingsOf, relativeOf, type Subtrees } from './subtrees.ts';

export interface FolderTreeOptions {
  /** Absolute and normalised. */
  readonly root: string;
  readonly disk: Disk;
  readonly nowMs: () => number;
  readonly nextVersion: () => number;
  readonly onAdded: (node: FolderNode) => void;
  readonly onRead: (node: FolderNode) => void;
  readonly onRemoved: (node: FolderNode) => void;
  /** The folder's path leads to another folder than when it was read. */
  readonly onReplaced: (node: FolderNode) => void;
  readonly onHint: OnFolderHint;
  /** Something is left out. */
  readonly onBound: (bound: SearchBound) => void;
}

/** A folder to read. */
export interface Visit {
  readonly node: FolderNode;
  /** Whether everything below is to be read anew as well. */
  readonly deep: boolean;
}

/** What is to be entered from a folder. */
interface NamesBelow {
  readonly folders: readonly string[];
  readonly linkedFolders: readonly string[];
}

/** What is read in steps, and what is to be read because of it. */
export type Reading = Generator<void, readonly Visit[]>;

/** Folders that are found between two steps. */
const FOLDERS_PER_STEP = 1_024;

function wholeOf(reading: Reading): readonly Visit[] {
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
  }
}

const isUnread = ({ wasRead }: FolderNode): boolean => !wasRead;

export class FolderTree {
  readonly nodes = new Set<FolderNode>();
  /** Folders that hold things which change without a hint: links, and repositories with rules of their own. */
  readonly withOutside = new Set<FolderNode>();
  readonly #options: FolderTreeOptions;
  readonly #owners: FolderOwners;
  readonly #files = new FolderFiles();
  /** Files of the folder that is being read. */
  #listedCount = 0;
  #root: FolderNode | undefined;

  constructor(options: FolderTreeOptions) {
    this.#options = options;
    this.#owners = new FolderOwners(options.disk);
  }

  /** Files in the tree as far as known. */
  get fileCount(): number {
    return this.#files.count + this.#listedCount;
  }

  /** The root's folder; none as long as there is none on the disk. */
  get root(): FolderNode | undefined {
    return this.#root;
  }

  /** The latest version. */
  get snapshot(): Snapshot | undefined {
    return this.#files.snapshot;
  }

  /** The deepest folder that is known and that a path lies in. */
  nearest(path: string): FolderNode | undefined {
    if (!path.startsWith(this.rootPath)) return undefined;
    let node = this.#root;
    for (const name of path.slice(this.rootPath.length).split(sep).slice(0, -1)) {
      const inner = node?.children?.get(name);
      if (inner === undefined) break;
      node = inner;
    }
    return node;
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

  /**
   * Reads a folder in steps and returns what is to be read because of it: most of it below. Throws `OutOfDescriptors`; the folder then
   * stays as it was.
   */
  *read({ node, deep }: Visit, rules: RulesOfFolders): Reading {
    const { disk } = this.#options;
    const stats = statFolder(disk, node.path);
    if (stats === undefined) return this.#lose(node);
    if (!node.isSame(stats)) this.#replace(node);
    node.stamp(stampOf(stats, this.#options.nowMs()));
    const isElsewhere = stats.dev !== node.parent?.identity.device;
    if ((isElsewhere && isPseudo(disk, node.path)) || !this.#show(node, node.identity)) return this.#hide(node);
    return this.#withFreed(yield* this.#readShown({ node, deep }, stats.size, rules));
  }

  *#readShown({ node, deep }: Visit, sizeBytes: number, rules: RulesOfFolders): Reading {
    const { path } = node;
    const { disk } = this.#options;
    const listed = yield* this.#list(listFolder(disk, { path, sizeBytes, inherited: rules.inheritedBy(node) }));
    if (node.removed || node.isHidden) return []; // meanwhile
    const { files, ownRules, isRepository, areRulesCut, ...listing } = listed;
    if (areRulesCut) this.#options.onBound('rules');
    const newRules = JSON.stringify(ownRules) !== JSON.stringify(node.ownRules);
    const links = listing.links.map((name): [string, PathKind] => [name, kindOf(disk, path + name)]);
    this.#note(node, { ownRules, isRepository, links });
    rules.set(node, listing.rules);
    const folder = relativeOf(this.rootPath, path);
    this.#files.write(node, folder, files);
    this.#options.onRead(node);
    return yield* this.#readBelow(node, listing, deep || newRules);
  }

  *#list(steps: Generator<FolderListing, FolderListing>): Generator<void, FolderListing> {
    try {
      for (;;) {
        const { done, value } = steps.next();
        if (done === true) return value;
        this.#listedCount = value.files.length;
        yield;
      }
    } finally {
      this.#listedCount = 0;
    }
  }

  /** Takes what another thread has read of folders, and returns what is left to be read of them and because of them. */
  take(nodes: readonly FolderNode[], subtrees: Subtrees): readonly Visit[] {
    const wanted = new Map(nodes.filter(({ removed }) => !removed).map((node) => [node.path, node]));
    for (const listing of listingsOf(subtrees)) {
      const node = wanted.get(listing.path);
      // It may have been read here meanwhile, and then for a reason.
      if (node === undefined || node.wasRead) continue;
      node.stamp(listing.stamp);
      if (!this.#show(node, listing.stamp)) {
        this.#hide(node);
        continue;
      }
      if (listing.areRulesCut) this.#options.onBound('rules');
      this.#note(node, listing);
      const { place } = listing;
      this.#files.copy(node, place === undefined ? undefined : blockIn(subtrees.chunks, place));
      this.#options.onRead(node);
      for (const { node: child } of wholeOf(this.#readBelow(node, listing, false))) wanted.set(child.path, child);
    }
    return this.#withFreed([...wanted.values()].filter(isUnread).map((node) => ({ node, deep: false })));
  }

  /** Takes out a folder that is not there, and returns the one in which its name may lead somewhere else by now. */
  #lose(node: FolderNode): readonly Visit[] {
    const { parent, isLink } = node;
    this.remove(node);
    // A folder that is still there, but out of reach, would be found again and again.
    const isWorthALook =
      parent !== undefined && (isLink || parent.isStale(statFolder(this.#options.disk, parent.path)));
    return this.#withFreed(isWorthALook ? [{ node: parent, deep: false }] : []);
  }

  /** Notes that a folder's path leads to another folder than when it was read. */
  #replace(node: FolderNode): void {
    if (node.wasRead) this.#owners.release(node, node.identity);
    this.#options.onReplaced(node);
  }

  /** Whether the folder shows what is in it: of all paths to it, one does. */
  #show(node: FolderNode, identity: Identity): boolean {
    const claim = this.#owners.claim(node, identity);
    if (typeof claim === 'object') this.#hide(claim.insteadOf);
    node.isHidden = claim === 'alias';
    return !node.isHidden;
  }

  /** Shows nothing of a folder any more; returns what is to be read because of that. */
  #hide(node: FolderNode): readonly Visit[] {
    node.isHidden = true;
    this.#options.onReplaced(node);
    this.#note(node, { ownRules: [], isRepository: false, links: [] });
    this.#files.clear(node);
    for (const child of [...(node.children?.values() ?? [])]) this.remove(child);
    node.children = undefined;
    return this.#withFreed([]);
  }

  #withFreed(visits: readonly Visit[]): readonly Visit[] {
    const freed = this.#owners.takeFreed();
    return freed.length === 0 ? visits : [...visits, ...freed.map((node) => ({ node, deep: false }))];
  }

  #note(node: FolderNode, extras: FolderExtras): void {
    node.note(extras);
    if (node.hasOutside) this.withOutside.add(node);
    else this.withOutside.delete(node);
  }

  *#readBelow(node: FolderNode, { folders, linkedFolders }: NamesBelow, deep: boolean): Reading {
    const visits: Visit[] = [];
    const { path } = node;
    const { disk, onBound } = this.#options;
    const children = node.children ?? new Map<string, FolderNode>();
    const left = children.size === 0 ? undefined : new Set(children.keys());
    node.children = children;
    const add = (name: string, isLink: boolean): void => {
      const bound = boundOf(this.rootPath, `${path}${name}${sep}`);
      if (bound !== undefined) {
        onBound(bound);
        return;
      }
      left?.delete(name);
      const found = children.get(name);
      const known = found?.isLink === isLink ? found : undefined;
      if (found !== known && found !== undefined) this.remove(found);
      const child = known ?? this.#add(isLink ? node.innerLink(name) : node.inner(name));
      children.set(name, child);
      if (known === undefined || deep || known.isStale(statFolder(disk, known.path))) {
        // What another thread reads by now may have been asked for with other rules.
        visits.push({ node: child, deep: deep && (child.wasRead || child.isHanded) });
      }
    };
    for (let at = 0; at < folders.length && !node.removed; at++) {
      add(folders[at] ?? '', false);
      if (at % FOLDERS_PER_STEP === FOLDERS_PER_STEP - 1) yield;
    }
    if (node.removed) return []; // meanwhile
    for (const name of linkedFolders) add(name, true);
    for (const name of left ?? []) {
      const child = children.get(name);
      if (child !== undefined) this.remove(child);
    }
    if (children.size === 0) node.children = undefined;
    return visits;
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
      if (node.wasRead) this.#owners.release(node, node.identity);
      this.#files.clear(node);
      this.nodes.delete(node);
      this.withOutside.delete(node);
      this.#options.onRemoved(node);
    }
    if (top === this.#root) this.#root = undefined;
  }

  /** The latest version; a new one if there were changes. */
  publish(complete: boolean): Snapshot {
    const { root, nextVersion } = this.#options;
    return this.#files.publish({ root, complete, nextVersion, folders: this.nodes });
  }
}
