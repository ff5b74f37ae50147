/**
 * Which of several paths to one real folder show what is in it: links and mounts lead to some folders more than once.
 *
 * In: folders as they are read and removed. Out: whether a folder is to be shown. The path with the fewest links on it is, and of
 * equals the first. What lies in the tree itself is shown by paths with one link as well, as codex app-server 0.94.0 does, but never
 * within itself. That does not depend on the order in which folders are found, and the number of paths cannot explode. Owns who shows
 * what.
 */
import { statSync } from 'node:fs';
import type { Disk } from './disk.ts';
import type { FolderNode, FolderStamp } from './folder-node.ts';

/** What identifies a folder. */
export type Identity = Pick<FolderStamp, 'device' | 'file'>;

export class FolderOwners {
  readonly #disk: Disk;
  readonly #owners = new Map<number, Map<number, FolderNode>>();
  readonly #aliases = new Map<FolderNode, Set<FolderNode>>();
  readonly #ownerOf = new Map<FolderNode, FolderNode>();
  #freed: FolderNode[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Takes a folder that has been found. If it is shown by now in place of another one, says which. */
  claim(node: FolderNode, { device, file }: Identity): 'own' | 'alias' | { readonly insteadOf: FolderNode } {
    const files = this.#filesOf(device);
    const owner = files.get(file);
    if (owner === undefined && this.#ownerOf.size === 0) {
      files.set(file, node); // nearly always
      return 'own';
    }
    if (owner === node) return 'own';
    if (owner !== undefined && !isSameFolder(this.#disk, owner, node, file)) return 'own';
    this.#forgetAlias(node);
    if (owner !== undefined && comesBefore(owner, node)) {
      this.#addAlias(node, owner);
      return isShownBeside(owner, node, { device, file }) ? 'own' : 'alias';
    }
    files.set(file, node);
    if (owner === undefined) return 'own';
    this.#free(owner);
    this.#addAlias(owner, node);
    return isShownBeside(node, owner, { device, file }) ? 'own' : { insteadOf: owner };
  }

  #filesOf(device: number): Map<number, FolderNode> {
    const known = this.#owners.get(device);
    if (known !== undefined) return known;
    const files = new Map<number, FolderNode>();
    this.#owners.set(device, files);
    return files;
  }

  /** Lets go of a folder that is gone, or is another one by now; those that lead to the same one are free then. */
  release(node: FolderNode, { device, file }: Identity): void {
    this.#forgetAlias(node);
    const files = this.#owners.get(device);
    if (files?.get(file) !== node) return;
    files.delete(file);
    this.#free(node);
  }

  /** What other paths show may be something else by now. */
  #free(owner: FolderNode): void {
    for (const alias of this.#aliases.get(owner) ?? []) {
      this.#ownerOf.delete(alias);
      this.#freed.push(alias);
    }
    this.#aliases.delete(owner);
  }

  /** Folders that may be shown since others let go of them; to be read anew. */
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

/** Whether a path shows the folder although another one does: with one link, where the other has none. */
function isShownBeside(owner: FolderNode, node: FolderNode, { device, file }: Identity): boolean {
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

/** Numbers beyond 2^53, which some file systems have, are rounded: then it takes a closer look. */
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
