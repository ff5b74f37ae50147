/**
 * The indexes of a server, each for as long as somebody has use for it.
 *
 * In: roots that are asked for. Out: their indexes, and a word when one is let go. Owns the indexes: one goes when its root is gone from
 * the disk, when nobody has asked for it for a while, and the one unused for the longest when there are too many files. What is in use
 * or followed stays.
 */
import type { TreeIndex } from './tree-index.ts';

/** An index, and who uses it. */
export interface Entry {
  readonly root: string;
  readonly index: TreeIndex;
  /** Version that was sent last. */
  sentVersion: number;
  lastUsedMs: number;
  /** Counts up with each use. */
  lastUse: number;
  uses: number;
  followers: number;
}

export interface IndexesOptions {
  readonly create: (root: string) => TreeIndex;
  /** Milliseconds of a steady clock. */
  readonly steadyMs: () => number;
  readonly onDropped: (root: string) => void;
}

/** Nobody who works in a folder leaves it alone for so long, and a walk brings it back. */
const LONGEST_UNUSED_MS = 10 * 60_000;
/** More roots than anybody works in at a time; of more, those that are not asked for now go soon. */
const MOST_UNUSED = 32;
const SHORTEST_UNUSED_MS = 10_000;
const LOOK_EVERY_MS = 5_000;

export class Indexes implements Disposable {
  readonly #options: IndexesOptions;
  readonly #entries = new Map<string, Entry>();
  #maxFiles = Number.POSITIVE_INFINITY;
  #useCount = 0;
  #looking: NodeJS.Timeout | undefined;
  #dropping: NodeJS.Immediate | undefined;

  constructor(options: IndexesOptions) {
    this.#options = options;
  }

  /** Most files of all together. */
  get maxFiles(): number {
    return this.#maxFiles;
  }

  set maxFiles(count: number) {
    this.#maxFiles = count;
    this.dropUnused();
  }

  get all(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  known(root: string): Entry | undefined {
    return this.#entries.get(root);
  }

  /** The index of a root, which is made if there is none. */
  of(root: string): Entry {
    const known = this.#entries.get(root);
    if (known !== undefined) return known;
    const index = this.#options.create(root);
    const entry: Entry = { root, index, sentVersion: 0, lastUsedMs: 0, lastUse: 0, uses: 0, followers: 0 };
    this.#entries.set(root, entry);
    this.#looking ??= setInterval(() => this.dropUnused(), LOOK_EVERY_MS);
    return entry;
  }

  /** As `of`; keeps the index until `release`. */
  use(root: string): Entry {
    const entry = this.of(root);
    this.#useCount += 1;
    entry.lastUse = this.#useCount;
    entry.uses += 1;
    return entry;
  }

  release(entries: readonly (Entry | undefined)[]): void {
    const nowMs = this.#options.steadyMs();
    for (const entry of entries) {
      if (entry === undefined) continue;
      entry.uses -= 1;
      entry.lastUsedMs = nowMs;
    }
    // Once for all that are released at a time: there may be thousands.
    this.#dropping ??= setImmediate(() => this.dropUnused());
  }

  dropUnused(): void {
    this.#dropping = undefined;
    const nowMs = this.#options.steadyMs();
    const unused = this.all.filter(({ uses, followers }) => uses === 0 && followers === 0);
    const latestFirst = unused.sort((a, b) => b.lastUse - a.lastUse);
    latestFirst.forEach((entry, at) => {
      const longestMs = at < MOST_UNUSED ? LONGEST_UNUSED_MS : SHORTEST_UNUSED_MS;
      if (entry.index.isGone || nowMs - entry.lastUsedMs >= longestMs) this.drop(entry);
    });
    this.#makeRoom(latestFirst);
  }

  /** The very last one that was used stays, whatever its size. */
  #makeRoom(latestFirst: readonly Entry[]): void {
    let total = this.all.reduce((sum, { index }) => sum + index.fileCount, 0);
    for (const entry of latestFirst.toReversed()) {
      if (total <= this.#maxFiles || entry.lastUse === this.#useCount) return;
      if (this.#entries.get(entry.root) !== entry) continue;
      total -= entry.index.fileCount;
      this.drop(entry);
    }
  }

  drop(entry: Entry): void {
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
