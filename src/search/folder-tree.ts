/**
 * The folders of one index, and the memory of their files' names.
 *
 * In: folders to read. Out: what is to be read below them, and snapshots. Owns the folders and the memory; is told
 * when to read what.
 */
import { sep } from 'node:path';
import { Arena, blockIn, type Place } from './arena.ts';
import { boundOf, type SearchBound } from './bounds.ts';
import { isPseudo } from './file-systems.ts';
import { kindOf, listFolder, type PathKind } from './folder-listing.ts';
import { type FolderExtras, FolderNode, type OnFolderHint, stampOf, statFolder } from './folder-node.ts';
import { FolderOwners, type Identity } from './folder-owners.ts';
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

const isUnread = ({ wasRead }: FolderNode): boolean => !wasRead;

/** Memory that may lie idle before blocks are moved together, in integers. */
const IDLE_MEMORY = 1 << 16;

export class FolderTree {
  readonly nodes = new Set<FolderNode>();
  /** Folders that hold things which change without a hint: links, and repositories with rules of their own. */
  readonly withOutside = new Set<FolderNode>();
  readonly #options: FolderTreeOptions;
  readonly #owners = new FolderOwners();
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

  /** Reads a folder and returns what is to be read because of it: most of it below. */
  read({ node, deep }: Visit, rules: RulesOfFolders): readonly Visit[] {
    const stats = statFolder(node.path);
    if (stats === undefined) return this.#lose(node);
    if (!node.isSame(stats)) this.#replace(node);
    node.stamp(stampOf(stats, this.#options.nowMs()));
    const isElsewhere = stats.dev !== node.parent?.identity.device;
    if ((isElsewhere && isPseudo(node.path)) || !this.#show(node, node.identity)) return this.#hide(node);
    return this.#withFreed(this.#readShown({ node, deep }, rules));
  }

  #readShown({ node, deep }: Visit, rules: RulesOfFolders): readonly Visit[] {
    const { path } = node;
    const { files, ownRules, isRepository, areRulesCut, ...listing } = listFolder({
      path,
      inherited: rules.inheritedBy(node),
      isStopped: () => false,
    });
    if (areRulesCut) this.#options.onBound('rules');
    const newRules = JSON.stringify(ownRules) !== JSON.stringify(node.ownRules);
    const links = listing.links.map((name): [string, PathKind] => [name, kindOf(path + name)]);
    this.#note(node, { ownRules, isRepository, links });
    rules.set(node, listing.rules);
    const folder = relativeOf(this.rootPath, path);
    this.#put(node, files.length === 0 ? undefined : this.#arena.write(folder, files, node.place));
    this.#options.onRead(node);
    return this.#readBelow(node, listing, deep || newRules);
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
      this.#put(node, place === undefined ? undefined : this.#arena.copy(blockIn(subtrees.chunks, place)));
      this.#options.onRead(node);
      for (const { node: child } of this.#readBelow(node, listing, false)) wanted.set(child.path, child);
    }
    return this.#withFreed([...wanted.values()].filter(isUnread).map((node) => ({ node, deep: false })));
  }

  /** Takes out a folder that is not there, and returns the one in which its name may lead somewhere else by now. */
  #lose(node: FolderNode): readonly Visit[] {
    const { parent, isLink } = node;
    this.remove(node);
    // A folder that is still there, but out of reach, would be found again and again.
    const isWorthALook = parent !== undefined && (isLink || parent.isStale(statFolder(parent.path)));
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
    this.#put(node, undefined);
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

  #readBelow(node: FolderNode, { folders, linkedFolders }: NamesBelow, deep: boolean): readonly Visit[] {
    const visits: Visit[] = [];
    const before = node.children;
    const children = new Map<string, FolderNode>();
    const { path } = node;
    const add = (name: string, isLink: boolean): void => {
      const bound = boundOf(this.rootPath, `${path}${name}${sep}`);
      if (bound !== undefined) {
        this.#options.onBound(bound);
        return;
      }
      const found = before?.get(name);
      const known = found?.isLink === isLink ? found : undefined;
      const child = known ?? this.#add(isLink ? node.innerLink(name) : node.inner(name));
      children.set(name, child);
      if (known === undefined || deep || known.isStale(statFolder(known.path))) {
        // What another thread reads by now may have been asked for with other rules.
        visits.push({ node: child, deep: deep && (child.wasRead || child.isHanded) });
      }
    };
    for (const name of folders) add(name, false);
    for (const name of linkedFolders) add(name, true);
    for (const [name, child] of before ?? []) if (children.get(name) !== child) this.remove(child);
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
      if (node.wasRead) this.#owners.release(node, node.identity);
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
