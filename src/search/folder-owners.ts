/**
 * Decides which of several paths to one real folder has its contents: links and mounts lead to some folders more than
 * once.
 *
 * In: folders as they are read and removed. Out: whether a folder has visible contents. The path with the fewest
 * links wins, then the first by order. A folder of the tree itself is also visible through paths with one link, as in
 * codex app-server 0.94.0, but never within itself. The result does not depend on the order of discovery, and the
 * number of paths cannot explode. Owns the assignment of folders to paths.
 */
import { statSync } from 'node:fs';
import type { Disk } from './disk.ts';
import type { FolderNode, FolderStamp } from './folder-node.ts';

/** Identifies a folder. */
export type FolderIdentity = Pick<FolderStamp, 'device' | 'file'>;

export class FolderOwners {
  readonly #disk: Disk;
  readonly #owners = new Map<number, Map<number, FolderNode>>();
  readonly #aliases = new Map<FolderNode, Set<FolderNode>>();
  readonly #ownerOf = new Map<FolderNode, FolderNode>();
  #freed: FolderNode[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Registers a folder that was found. `insteadOf` is the folder that it replaces. */
  claim(node: FolderNode, { device, file }: FolderIdentity): 'own' | 'alias' | { readonly insteadOf: FolderNode } {
    const files = this.#filesOf(device);
    const owner = files.get(file);
    if (owner === undefined && this.#ownerOf.size === 0) {
      files.set(file, node); // the usual case
      return 'own';
    }
    if (owner === node) return 'own';
    if (owner !== undefined && !isSameFolder(this.#disk, owner, node, file)) return 'own';
    this.#forgetAlias(node);
    if (owner !== undefined && comesBefore(owner, node)) {
      this.#addAlias(node, owner);
      return isVisibleAlias(owner, node, { device, file }) ? 'own' : 'alias';
    }
    files.set(file, node);
    if (owner === undefined) return 'own';
    this.#free(owner);
    this.#addAlias(owner, node);
    return isVisibleAlias(node, owner, { device, file }) ? 'own' : { insteadOf: owner };
  }

  #filesOf(device: number): Map<number, FolderNode> {
    const known = this.#owners.get(device);
    if (known !== undefined) return known;
    const files = new Map<number, FolderNode>();
    this.#owners.set(device, files);
    return files;
  }

  /** Unregisters a folder that is gone or has been replaced, and frees its aliases. */
  release(node: FolderNode, { device, file }: FolderIdentity): void {
    this.#forgetAlias(node);
    const files = this.#owners.get(device);
    if (files?.get(file) !== node) return;
    files.delete(file);
    this.#free(node);
  }

  /** Frees the aliases of a folder: another one may become visible. */
  #free(owner: FolderNode): void {
    for (const alias of this.#aliases.get(owner) ?? []) {
      this.#ownerOf.delete(alias);
      this.#freed.push(alias);
    }
    this.#aliases.delete(owner);
  }

  /** Aliases that may be visible since their owner was released. They must be read again. */
  takeFreed(): readonly FolderNode[] {
    if (this.#freed.length === 0) return this.#freed;
    const freed = this.#freed.filter(({ removed }) => !removed);
    this.#freed = [];
    return freed;
  }

  #addAlias(alias: FolderNode, owner: FolderNode): void {
    this.#ownerOf.set(alias, owner);
    this.#aliases.set(owner, (this.#aliases.get(owner) ?? new Set<FolderNode>()).add(alias));
  }

  #forgetAlias(alias: FolderNode): void {
    const owner = this.#ownerOf.get(alias);
    if (owner === undefined) return;
    this.#ownerOf.delete(alias);
    const aliases = this.#aliases.get(owner);
    aliases?.delete(alias);
    if (aliases?.size === 0) this.#aliases.delete(owner);
  }
}

/** Whether an alias is visible besides its owner: if its path has one link and that of the owner none. */
function isVisibleAlias(owner: FolderNode, node: FolderNode, { device, file }: FolderIdentity): boolean {
  if (owner.linkCount > 0 || node.linkCount !== 1) return false;
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (at.identity.device === device && at.identity.file === file) return false;
  }
  return true;
}

function comesBefore(one: FolderNode, other: FolderNode): boolean {
  const links = one.linkCount - other.linkCount;
  return links < 0 || (links === 0 && one.path < other.path);
}

/** File numbers above 2^53, which some file systems have, are rounded and need an exact comparison. */
function isSameFolder(disk: Disk, one: FolderNode, other: FolderNode, file: number): boolean {
  return Number.isSafeInteger(file) || exactFile(disk, one.path) === exactFile(disk, other.path);
}

export function exactFile(disk: Disk, path: string): bigint | undefined {
  try {
    return disk.ask(path, () => statSync(path, { bigint: true, throwIfNoEntry: false }))?.ino;
  } catch {
    return undefined;
  }
}
