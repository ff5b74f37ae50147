/**
 * The folders of one index.
 *
 * In: folders to read. Out: folders to read below them, and snapshots. Owns the folders; the caller decides when to
 * read what.
 */

import { sep } from 'node:path';
import type { Snapshot } from '../contract/search-messages.ts';
import { blockIn } from './arena.ts';
import { boundOf } from './bounds.ts';
import { isPseudo } from './file-systems.ts';
import { FolderFiles } from './folder-files.ts';
import { type FolderListing, type ListingSteps, listFolder, type PathKind, pathKindOf } from './folder-listing.ts';
import { type FolderExtras, FolderNode, stampOf, statFolder } from './folder-node.ts';
import { type FolderIdentity, FolderOwners } from './folder-owners.ts';
import type { FolderTreeOptions, ReadSteps, Visit } from './folder-visit.ts';
import type { RulesOfFolders } from './rules-of-folders.ts';
import { listingsOf, relativeOf, type Subtrees } from './subtrees.ts';

/** Folders to enter from a folder. */
interface NamesBelow {
  readonly folders: readonly string[];
  readonly linkedFolders: readonly string[];
}

/** Folders entered per step. */
const FOLDERS_PER_STEP = 1_024;

/** How folders are entered into their parent. */
interface Entering {
  readonly isLink: boolean;
  readonly deep: boolean;
  /** Previously known folders that have not been found again. */
  readonly left: Set<string> | undefined;
  readonly visits: Visit[];
}

const namesOf = ({ children }: FolderNode): Set<string> | undefined =>
  children === undefined ? undefined : new Set(children.keys());

const isUnread = ({ wasRead }: FolderNode): boolean => !wasRead;

export class FolderTree {
  readonly nodes = new Set<FolderNode>();
  /** Folders with parts that change without a hint: links, and repositories with rules of their own. */
  readonly withUnhintedParts = new Set<FolderNode>();
  readonly #options: FolderTreeOptions;
  readonly #owners: FolderOwners;
  readonly #files = new FolderFiles();
  /** Number of files found in the folder that is being read. */
  #listedCount = 0;
  #root: FolderNode | undefined;

  constructor(options: FolderTreeOptions) {
    this.#options = options;
    this.#owners = new FolderOwners(options.disk);
  }

  /** Number of known files in the tree. */
  get fileCount(): number {
    return this.#files.count + this.#listedCount;
  }

  /** The root's folder; undefined while there is none on the disk. */
  get root(): FolderNode | undefined {
    return this.#root;
  }

  /** The latest version. */
  get snapshot(): Snapshot | undefined {
    return this.#files.snapshot;
  }

  /** The deepest known folder that contains a path. */
  nearest(path: string): FolderNode | undefined {
    const { rootPath } = this;
    return path.startsWith(rootPath) ? this.#root?.nearest(path.slice(rootPath.length).split(sep)) : undefined;
  }

  /** With a trailing separator, like all folder paths here. */
  get rootPath(): string {
    const { root } = this.#options;
    return root.endsWith(sep) ? root : root + sep;
  }

  addRoot(): FolderNode {
    this.#root = this.#add(FolderNode.root(this.rootPath, this.#options.onHint));
    return this.#root;
  }

  /**
   * Reads a folder and returns the folders to read because of it, most of them below it; in steps if the folder is
   * large. Throws `OutOfDescriptors`; the folder then stays as it was.
   */
  read({ node, deep }: Visit, rules: RulesOfFolders): readonly Visit[] | ReadSteps {
    const { disk, nowMs } = this.#options;
    const { path } = node;
    const stats = statFolder(disk, path);
    if (stats === undefined) return this.#lose(node);
    if (!node.isSame(stats)) this.#replace(node);
    node.stamp(stampOf(stats, nowMs()));
    const isElsewhere = stats.dev !== node.parent?.identity.device;
    if ((isElsewhere && isPseudo(disk, path)) || !this.#claimContents(node, node.identity))
      return this.#hideContents(node);
    const listed = listFolder(disk, { path, sizeBytes: stats.size, inherited: rules.inheritedBy(node) });
    if ('next' in listed) return this.#readInSteps({ node, deep }, listed, rules);
    return this.#withFreed(this.#readBelow(node, listed, this.#takeListing(node, path, listed, rules) || deep));
  }

  *#readInSteps({ node, deep }: Visit, steps: ListingSteps, rules: RulesOfFolders): ReadSteps {
    const listing = yield* this.#list(steps);
    if (node.removed || node.isHidden) return []; // in the meantime
    const isDeep = this.#takeListing(node, node.path, listing, rules) || deep;
    const { folders, linkedFolders } = listing;
    const left = namesOf(node);
    const visits: Visit[] = [];
    for (let at = 0; at < folders.length && !node.removed; at += FOLDERS_PER_STEP) {
      this.#enter(node, folders.slice(at, at + FOLDERS_PER_STEP), { isLink: false, deep: isDeep, left, visits });
      yield;
    }
    if (node.removed) return [];
    this.#enter(node, linkedFolders, { isLink: true, deep: isDeep, left, visits });
    this.#leave(node, left);
    return this.#withFreed(visits);
  }

  *#list(steps: ListingSteps): Generator<void, FolderListing> {
    let listing: FolderListing | undefined;
    try {
      for (;;) {
        const { done, value } = steps.next();
        if (done === true) return value;
        listing = value;
        this.#listedCount = value.files.length;
        yield;
      }
    } finally {
      this.#listedCount = 0;
      if (listing !== undefined) steps.return(listing);
    }
  }

  /** Stores the contents of a folder, except for its subfolders. Returns whether its rules have changed. */
  #takeListing(node: FolderNode, path: string, listing: FolderListing, rules: RulesOfFolders): boolean {
    const { disk, onBound, onRead } = this.#options;
    const { files, ownRules, isRepository, areRulesTruncated } = listing;
    if (areRulesTruncated) onBound('rules');
    const before = node.ownRules;
    const isOther = (ownRules.length > 0 || before.length > 0) && JSON.stringify(ownRules) !== JSON.stringify(before);
    const links = listing.links.map((name): [string, PathKind] => [name, pathKindOf(disk, path + name)]);
    this.#note(node, { ownRules, isRepository, links });
    rules.set(node, listing.rules);
    this.#files.write(node, relativeOf(this.rootPath, path), files);
    onRead(node);
    return isOther;
  }

  /** Stores what another thread has read of folders, and returns the folders still to be read. */
  take(nodes: readonly FolderNode[], subtrees: Subtrees): readonly Visit[] {
    const wanted = new Map(nodes.filter(({ removed }) => !removed).map((node) => [node.path, node]));
    for (const listing of listingsOf(subtrees)) {
      const node = wanted.get(listing.path);
      // It may have been read here in the meantime, and then for a reason.
      if (node === undefined || node.wasRead) continue;
      node.stamp(listing.stamp);
      if (!this.#claimContents(node, listing.stamp)) {
        this.#hideContents(node);
        continue;
      }
      if (listing.areRulesTruncated) this.#options.onBound('rules');
      this.#note(node, listing);
      const { position } = listing;
      this.#files.copy(node, position === undefined ? undefined : blockIn(subtrees.chunks, position));
      this.#options.onRead(node);
      for (const { node: child } of this.#readBelow(node, listing, false)) wanted.set(child.path, child);
    }
    return this.#withFreed([...wanted.values()].filter(isUnread).map((node) => ({ node, deep: false })));
  }

  /** Removes a folder that does not exist, and returns the parent if it must be read again. */
  #lose(node: FolderNode): readonly Visit[] {
    const { parent, isLink } = node;
    this.remove(node);
    // A folder that exists but is not accessible would be found again and again.
    const isWorthALook =
      parent !== undefined && (isLink || parent.isStale(statFolder(this.#options.disk, parent.path)));
    return this.#withFreed(isWorthALook ? [{ node: parent, deep: false }] : []);
  }

  /** Handles that a folder's path leads to another folder than when it was read. */
  #replace(node: FolderNode): void {
    if (node.wasRead) this.#owners.release(node, node.identity);
    this.#options.onReplaced(node);
  }

  /** Whether the contents of the folder are visible on this path: only one path has them. */
  #claimContents(node: FolderNode, identity: FolderIdentity): boolean {
    const claim = this.#owners.claim(node, identity);
    if (typeof claim === 'object') this.#hideContents(claim.insteadOf);
    node.isHidden = claim === 'alias';
    return !node.isHidden;
  }

  /** Removes the contents of a folder; returns the folders to read because of that. */
  #hideContents(node: FolderNode): readonly Visit[] {
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
    if (node.hasUnhintedParts) this.withUnhintedParts.add(node);
    else this.withUnhintedParts.delete(node);
  }

  #readBelow(node: FolderNode, { folders, linkedFolders }: NamesBelow, deep: boolean): readonly Visit[] {
    const left = namesOf(node);
    const visits: Visit[] = [];
    this.#enter(node, folders, { isLink: false, deep, left, visits });
    this.#enter(node, linkedFolders, { isLink: true, deep, left, visits });
    this.#leave(node, left);
    return visits;
  }

  /** Enters folders into their parent, and collects those that must be read. */
  #enter(node: FolderNode, names: readonly string[], { isLink, deep, left, visits }: Entering): void {
    if (names.length === 0) return;
    const { path } = node;
    const { disk, onBound } = this.#options;
    const children = node.children ?? new Map<string, FolderNode>();
    node.children = children;
    for (const name of names) {
      const bound = boundOf(this.rootPath, path, name);
      if (bound !== undefined) {
        onBound(bound);
        continue;
      }
      left?.delete(name);
      const found = children.get(name);
      const known = found?.isLink === isLink ? found : undefined;
      if (found !== known && found !== undefined) this.remove(found);
      const child = known ?? this.#add(isLink ? node.innerLink(name) : node.inner(name));
      children.set(name, child);
      if (known === undefined || deep || known.isStale(statFolder(disk, known.path))) {
        // Another thread may be reading it with the previous rules.
        visits.push({ node: child, deep: deep && (child.wasRead || child.isDelegated) });
      }
    }
  }

  /** Removes subfolders that no longer exist. */
  #leave(node: FolderNode, left: ReadonlySet<string> | undefined): void {
    for (const name of left ?? []) {
      const child = node.children?.get(name);
      if (child !== undefined) this.remove(child);
    }
    if (node.children?.size === 0) node.children = undefined;
  }

  #add(node: FolderNode): FolderNode {
    this.nodes.add(node);
    this.#options.onAdded(node);
    return node;
  }

  /** Removes a folder and all below it. */
  remove(top: FolderNode): void {
    if (top.parent?.children?.get(top.name) === top) top.parent.children.delete(top.name);
    for (const node of top.withDescendants()) {
      node.removed = true;
      if (node.wasRead) this.#owners.release(node, node.identity);
      this.#files.clear(node);
      this.nodes.delete(node);
      this.withUnhintedParts.delete(node);
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
