/**
 * The indexes of a server, each for as long as it is needed.
 *
 * In: requested roots. Out: their indexes, and a call when one is dropped. Owns the indexes. An index is dropped when
 * its root is gone from the disk or when it has been unused for a while; the least recently used one when there are
 * too many files. An index that is in use or followed stays.
 */
import type { TreeIndex } from './tree-index.ts';

/** An index and its usage. */
export interface IndexEntry {
  readonly root: string;
  readonly index: TreeIndex;
  /** The version that was sent last. */
  sentVersion: number;
  lastUsedMs: number;
  /** Sequence number of the last use. */
  lastUse: number;
  uses: number;
  followers: number;
}

export interface IndexesOptions {
  readonly create: (root: string) => TreeIndex;
  /** Milliseconds of a monotonic clock. */
  readonly steadyMs: () => number;
  readonly onDropped: (root: string) => void;
}

/** A folder that somebody works in is used within this time, and a walk rebuilds the index. */
const LONGEST_UNUSED_MS = 10 * 60_000;
/** More roots than anybody uses at a time. Beyond that, the least recently used ones are dropped soon. */
const MAX_UNUSED = 32;
const SHORTEST_UNUSED_MS = 10_000;
const LOOK_EVERY_MS = 5_000;

export class Indexes implements Disposable {
  readonly #options: IndexesOptions;
  readonly #entries = new Map<string, IndexEntry>();
  #maxFiles = Number.POSITIVE_INFINITY;
  #useCount = 0;
  #looking: NodeJS.Timeout | undefined;
  #dropping: NodeJS.Immediate | undefined;

  constructor(options: IndexesOptions) {
    this.#options = options;
  }

  /** Maximum number of files of all indexes together. */
  get maxFiles(): number {
    return this.#maxFiles;
  }

  set maxFiles(count: number) {
    this.#maxFiles = count;
    this.dropUnused();
  }

  get all(): readonly IndexEntry[] {
    return [...this.#entries.values()];
  }

  known(root: string): IndexEntry | undefined {
    return this.#entries.get(root);
  }

  /** The index of a root; created if there is none. */
  of(root: string): IndexEntry {
    const known = this.#entries.get(root);
    if (known !== undefined) return known;
    const index = this.#options.create(root);
    const entry: IndexEntry = { root, index, sentVersion: 0, lastUsedMs: 0, lastUse: 0, uses: 0, followers: 0 };
    this.#entries.set(root, entry);
    this.#looking ??= setInterval(() => this.dropUnused(), LOOK_EVERY_MS);
    return entry;
  }

  /** As `of`; keeps the index until `release`. */
  use(root: string): IndexEntry {
    const entry = this.of(root);
    this.#useCount += 1;
    entry.lastUse = this.#useCount;
    entry.uses += 1;
    return entry;
  }

  release(entries: readonly (IndexEntry | undefined)[]): void {
    const nowMs = this.#options.steadyMs();
    for (const entry of entries) {
      if (entry === undefined) continue;
      entry.uses -= 1;
      entry.lastUsedMs = nowMs;
    }
    // Once for all indexes that are released together: there may be thousands.
    this.#dropping ??= setImmediate(() => this.dropUnused());
  }

  dropUnused(): void {
    this.#dropping = undefined;
    const nowMs = this.#options.steadyMs();
    const unused = this.all.filter(({ uses, followers }) => uses === 0 && followers === 0);
    const latestFirst = unused.sort((a, b) => b.lastUse - a.lastUse);
    latestFirst.forEach((entry, at) => {
      const longestMs = at < MAX_UNUSED ? LONGEST_UNUSED_MS : SHORTEST_UNUSED_MS;
      if (entry.index.isGone || nowMs - entry.lastUsedMs >= longestMs) this.drop(entry);
    });
    this.#makeRoom(latestFirst);
  }

  /** Keeps the most recently used index, whatever its size. */
  #makeRoom(latestFirst: readonly IndexEntry[]): void {
    let total = this.all.reduce((sum, { index }) => sum + index.fileCount, 0);
    for (const entry of latestFirst.toReversed()) {
      if (total <= this.#maxFiles || entry.lastUse === this.#useCount) return;
      if (this.#entries.get(entry.root) !== entry) continue;
      total -= entry.index.fileCount;
      this.drop(entry);
    }
  }

  drop(entry: IndexEntry): void {
    if (this.#entries.get(entry.root) !== entry) return;
    this.#entries.delete(entry.root);
    entry.index[Symbol.dispose]();
    if (this.#entries.size === 0) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    }
    this.#options.onDropped(entry.root);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
    clearImmediate(this.#dropping);
    for (const { index } of this.#entries.values()) index[Symbol.dispose]();
    this.#entries.clear();
  }
}
