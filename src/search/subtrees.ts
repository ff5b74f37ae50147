/**
 * Reads folders of a tree and what is below them, for an index in another thread.
 *
 * In: folders and the rules above them. Out: what was read, in shared memory and plain data. Works for a short time
 * and leaves the rest, so that the work can be redistributed. Synchronous: runs in a worker. Keeps nothing after it
 * returns.
 */
import { sep } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { Arena, type BlockPosition } from './arena.ts';
import { boundOf } from './bounds.ts';
import { type Disk, OutOfDescriptors } from './disk.ts';
import { isPseudo } from './file-systems.ts';
import { isLarge } from './folder-entries.ts';
import { type FolderListing, type FolderToRead, listWhole, type PathKind, pathKindOf } from './folder-listing.ts';
import { type FolderStamp, stampOf, statFolder } from './folder-node.ts';
import { type RulesAbove, type RuleText, rulesFromAbove, withRules } from './folder-rules.ts';
import type { FolderRules } from './ignore.ts';

/** Folders of one root, to be read by another thread. */
export interface SubtreesRequest {
  /** With a trailing separator, like all folder paths here. */
  readonly root: string;
  readonly above: RulesAbove;
  readonly folders: readonly SubtreeFolder[];
  /** Paths to skip. */
  readonly unreadable: readonly string[];
  /** One integer: 0 until a thread starts the work and sets it to 1. */
  readonly begun: SharedArrayBuffer;
}

interface SubtreeFolder {
  readonly path: string;
  /** The device of its parent. */
  readonly device: number;
  /** Rules of the folders above it, from the root down. */
  readonly rules: readonly (readonly RuleText[])[];
}

/** What was read. A folder comes before those in it. The requested folders come first, if they were read. */
export interface Subtrees {
  /** `SubtreeListing[]`, serialised, so that intermediaries need not decode it. */
  readonly listings: SharedArrayBuffer;
  readonly chunks: readonly SharedArrayBuffer[];
}

export interface SubtreeListing {
  readonly path: string;
  readonly stamp: FolderStamp;
  readonly ownRules: readonly RuleText[];
  readonly isRepository: boolean;
  /** Links that do not lead to a folder, and what they lead to. */
  readonly links: readonly (readonly [string, PathKind])[];
  /** Position of the block of its files in the chunks; undefined if it has no files. */
  readonly position: BlockPosition | undefined;
  /** Names of the folders in it, read or not. */
  readonly folders: readonly string[];
  /** Names of the links to folders in it, which the index follows. */
  readonly linkedFolders: readonly string[];
  readonly areRulesTruncated: boolean;
}

/** Long enough to be worth sending to another thread, short enough for searches that wait for the thread. */
const LONGEST_MS = 8;

/** What a reader of folders needs. */
export interface SubtreeReaderOptions {
  readonly disk: Disk;
  readonly nowMs: () => number;
  /** Reusable scratch memory. */
  readonly arena?: Arena;
}

/** Reads as much as possible in a short time; nothing if another thread has started with it. */
export function readSubtrees(
  request: SubtreesRequest,
  { disk, nowMs, arena = new Arena() }: SubtreeReaderOptions,
): Subtrees {
  const begun = new Int32Array(request.begun);
  if (Atomics.compareExchange(begun, 0, 0, 1) !== 0) return pack([], arena);
  disk.avoid(request.unreadable);
  return new SubtreeReader(request, disk, nowMs, arena).run();
}

function pack(listings: readonly SubtreeListing[], arena: Arena): Subtrees {
  const bytes = serialize(listings);
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return { listings: shared, chunks: arena.detachChunks() };
}

export const listingsOf = ({ listings }: Subtrees): readonly SubtreeListing[] =>
  deserialize(Buffer.from(listings).subarray());

interface PendingFolder {
  readonly path: string;
  /** The device of its parent. */
  readonly device: number;
  /** Rules of its parent. */
  readonly parentRules: FolderRules;
}

class SubtreeReader {
  readonly #request: SubtreesRequest;
  readonly #disk: Disk;
  readonly #nowMs: () => number;
  readonly #arena: Arena;
  readonly #listings: SubtreeListing[] = [];
  readonly #known = new Map<string, FolderRules>();

  constructor(request: SubtreesRequest, disk: Disk, nowMs: () => number, arena: Arena) {
    this.#request = request;
    this.#disk = disk;
    this.#nowMs = nowMs;
    this.#arena = arena;
  }

  run(): Subtrees {
    const until = performance.now() + LONGEST_MS;
    const pending = this.#request.folders.map((folder): PendingFolder => {
      return { path: folder.path, device: folder.device, parentRules: this.#parentRules(folder) };
    });
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      this.#read(next, pending);
      if (performance.now() > until) break;
    }
    return pack(this.#listings, this.#arena);
  }

  #read({ path, device, parentRules }: PendingFolder, pending: PendingFolder[]): void {
    const disk = this.#disk;
    const stats = statFolder(disk, path);
    if (stats === undefined) return; // the indexer handles it
    if (isLarge(stats.size)) return; // likewise: searches wait for this thread
    if (stats.dev !== device && isPseudo(disk, path)) return; // likewise
    const stamp = stampOf(stats, this.#nowMs());
    const { root } = this.#request;
    const name = path.slice(path.lastIndexOf(sep, path.length - 2) + 1, -1);
    const listed = this.#list({ path, sizeBytes: stats.size, inherited: parentRules.enter(name) });
    if (listed === undefined) return; // likewise
    const { rules, files, folders, links, ...listing } = listed;
    this.#listings.push({
      path,
      stamp,
      ownRules: listing.ownRules,
      isRepository: listing.isRepository,
      areRulesTruncated: listing.areRulesTruncated,
      linkedFolders: listing.linkedFolders,
      links: links.map((link) => [link, pathKindOf(disk, path + link)]),
      position: files.length === 0 ? undefined : this.#arena.write(relativeOf(root, path), files),
      folders,
    });
    for (const folder of folders) {
      if (boundOf(root, path, folder) !== undefined) continue;
      pending.push({ path: `${path}${folder}${sep}`, device: stats.dev, parentRules: rules });
    }
  }

  #list(folder: FolderToRead): FolderListing | undefined {
    try {
      return listWhole(this.#disk, folder);
    } catch (error) {
      if (error instanceof OutOfDescriptors) return undefined;
      throw error;
    }
  }

  /** Rules for the entries of the folder's parent. */
  #parentRules({ path, rules: texts }: SubtreeFolder): FolderRules {
    const { root, above } = this.#request;
    const parents = [...foldersUpTo(root, path)].slice(1).reverse();
    return parents.reduce((outer, parent, depth) => {
      const known = this.#known.get(parent);
      if (known !== undefined) return known;
      const inherited = depth === 0 ? outer : outer.enter(parent.slice((parents[depth - 1] ?? '').length, -1));
      const rules = withRules(inherited, texts[depth] ?? []);
      this.#known.set(parent, rules);
      return rules;
    }, rulesFromAbove(above));
  }
}

/** Path of a folder in an index: relative to the root, with slashes. */
export const relativeOf = (root: string, path: string): string => path.slice(root.length).replaceAll(sep, '/');

/** A folder and those above it, up to the root. */
function* foldersUpTo(root: string, path: string): Iterable<string> {
  for (let at = path; at.length >= root.length; at = at.slice(0, at.lastIndexOf(sep, at.length - 2) + 1)) {
    yield at;
    if (at.length === root.length) return;
  }
}
