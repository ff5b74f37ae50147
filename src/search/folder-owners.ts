/**
 * Which of several paths to one real folder shows what is in it: links and mounts lead to some folders more than once.
 *
 * In: folders as they are read and removed. Out: whether a folder is to be shown. The path with the fewest links on it is the one,
 * and of equals the first: that does not depend on the order in which they are found. Owns who shows what.
 */
import { statSync } from 'node:fs';
import type { FolderNode, FolderStamp } from './folder-node.ts';

/** What identifies a folder. */
export type Identity = Pick<FolderStamp, 'device' | 'file'>;

export class FolderOwners {
  readonly #owners = new Map<number, Map<number, FolderNode>>();
  readonly #aliases = new Map<FolderNode, Set<FolderNode>>();
  readonly #ownerOf = new Map<FolderNode, FolderNode>();
  #freed: FolderNode[] = [];

  /** Takes a folder that has been found. If it is shown by now in place of another one, says which. */
  claim(node: FolderNode, { device, file }: Identity): 'own' | 'alias' | { readonly insteadOf: FolderNode } {
    const files = this.#owners.get(device) ?? new Map<number, FolderNode>();
    this.#owners.set(device, files);
    const owner = files.get(file);
    if (owner === node) return 'own';
    if (owner !== undefined && !isSameFolder(owner, node, file)) return 'own';
    this.#forgetAlias(node);
    if (owner !== undefined && comesBefore(owner, node)) {
      this.#addAlias(node, owner);
      return 'alias';
    }
    files.set(file, node);
    if (owner === undefined) return 'own';
    for (const alias of this.#aliases.get(owner) ?? []) this.#addAlias(alias, node);
    this.#aliases.delete(owner);
    this.#addAlias(owner, node);
    return { insteadOf: owner };
  }

  /** Lets go of a folder that is gone, or is another one by now; those that lead to the same one are free then. */
  release(node: FolderNode, { device, file }: Identity): void {
    this.#forgetAlias(node);
    const files = this.#owners.get(device);
    if (files?.get(file) !== node) return;
    files.delete(file);
    for (const alias of this.#aliases.get(node) ?? []) {
      this.#ownerOf.delete(alias);
      this.#freed.push(alias);
    }
    this.#aliases.delete(node);
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

function comesBefore(one: FolderNode, other: FolderNode): boolean {
  return comparePaths(one.linkCount, one.path, other.linkCount, other.path) < 0;
}

/** The order in which paths with so many links on them show a folder. */
export const comparePaths = (links: number, path: string, otherLinks: number, otherPath: string): number =>
  links - otherLinks || (path < otherPath ? -1 : 1);

/** Numbers beyond 2^53, which some file systems have, are rounded: then it takes a closer look. */
function isSameFolder(one: FolderNode, other: FolderNode, file: number): boolean {
  return Number.isSafeInteger(file) || exactFile(one.path) === exactFile(other.path);
}

export function exactFile(path: string): bigint | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
  } catch {
    return undefined;
  }
}
