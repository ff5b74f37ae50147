/**
 * All indexes of a server.
 *
 * In: requests for snapshots of roots. Out: replies, and news about roots that somebody follows. Owns the indexes and
 * their watches: an index is made when its root is first asked for, and the one that nobody has asked for the longest
 * is dropped when there are too many files. Belongs into a thread of its own.
 */
import type { SearchBound } from './bounds.ts';
import type { FolderWatcher } from './folder-watcher.ts';
import type { UserFolders } from './git-files.ts';
import { type HelperPort, PortHelpers } from './helpers.ts';
import type { Snapshot } from './snapshot.ts';
import { TreeIndex, TreeTooLarge } from './tree-index.ts';

/** What the indexer is asked. Roots are absolute and normalised. */
export type IndexerRequest =
  /** Asks for a reply with snapshots that are right for all that happened before a time, by `sharedSteadyMs`. */
  | { readonly kind: 'refresh'; readonly id: number; readonly roots: readonly string[]; readonly beforeMs: number }
  /** Asks for a reply with snapshots of what there is by now. */
  | { readonly kind: 'peek'; readonly id: number; readonly roots: readonly string[] }
  /** Makes an index that is likely to be needed. */
  | { readonly kind: 'warm'; readonly root: string }
  /** Asks for news about a root. */
  | { readonly kind: 'follow'; readonly root: string }
  | { readonly kind: 'unfollow'; readonly root: string }
  /** Says how many files all indexes together may have at most; without it there is no limit. */
  | { readonly kind: 'limit'; readonly maxFiles: number }
  /** Brings a thread that helps with reading folders. */
  | { readonly kind: 'helper'; readonly port: HelperPort };

type RefreshRequest = Extract<IndexerRequest, { kind: 'refresh' }>;

/** What the indexer says. */
export type IndexerReply =
  /** `roots` that have no index are too large for one. */
  | { readonly kind: 'refreshed'; readonly id: number; readonly versions: readonly (number | undefined)[] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  /** A snapshot comes before the first reply that names its version. */
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot; readonly followed: boolean }
  | { readonly kind: 'dropped'; readonly root: string }
  /** Asks for threads that help with reading folders. */
  | { readonly kind: 'help' }
  /** Not all folders can be watched. */
  | { readonly kind: 'unwatched' }
  /** Something below the root is left out. */
  | { readonly kind: 'bounded'; readonly root: string; readonly bound: SearchBound };

export interface IndexerOptions {
  readonly userFolders: UserFolders;
  readonly watcher: FolderWatcher;
  readonly nowMs: () => number;
  readonly send: (reply: IndexerReply) => void;
}

interface Entry {
  readonly root: string;
  readonly index: TreeIndex;
  /** Version that was sent last. */
  sentVersion: number;
  lastUsed: number;
  uses: number;
  followers: number;
}

/** Hints come in bursts; an index is read this long after the first of them, unless it is asked for sooner. */
const HINT_DELAY_MS = 25;
/** After hints all folders are looked at, once in this time at most. */
const SWEEP_DELAY_MS = 1_000;

/** Followed roots are looked at this often when not all their folders are watched. */
const POLL_EVERY_MS = 1_000;

export class Indexer implements Disposable {
  readonly #options: IndexerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #tooLarge = new Set<string>();
  readonly #helpers: PortHelpers;
  #maxFiles = Number.POSITIVE_INFINITY;
  #version = 0;
  #useCount = 0;
  #hinted: NodeJS.Timeout | undefined;
  #sweeping: NodeJS.Timeout | undefined;
  #polling: NodeJS.Timeout | undefined;

  constructor(options: IndexerOptions) {
    this.#options = options;
    this.#helpers = new PortHelpers(() => options.send({ kind: 'help' }));
  }

  /** Takes a request; never throws. */
  handle(request: IndexerRequest): void {
    switch (request.kind) {
      case 'refresh':
        void this.#refreshAll(request);
        return;
      case 'peek':
        this.#peek(request);
        return;
      case 'warm':
        void this.#warm(request.root);
        return;
      case 'follow':
        this.#follow(request.root, 1);
        return;
      case 'limit':
        this.#limit(request.maxFiles);
        return;
      case 'helper':
        this.#helpers.add(request.port);
        return;
      default:
        this.#follow(request.root, -1);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#hinted);
    clearTimeout(this.#sweeping);
    clearInterval(this.#polling);
    for (const { index } of this.#entries.values()) index[Symbol.dispose]();
    this.#entries.clear();
  }

  async #refreshAll({ id, roots, beforeMs }: RefreshRequest): Promise<void> {
    const entries = roots.map((root) => (this.#tooLarge.has(root) ? undefined : this.#use(root)));
    try {
      const versions = await Promise.all(entries.map((entry) => entry && this.#refresh(entry, beforeMs)));
      this.#options.send({ kind: 'refreshed', id, versions });
    } catch (error) {
      this.#options.send({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) });
    } finally {
      // Not before the reply: whoever gets it must find the snapshots that it names.
      for (const entry of entries) if (entry !== undefined) entry.uses -= 1;
      this.#dropUnused();
    }
  }

  #peek({ id, roots }: Extract<IndexerRequest, { kind: 'peek' }>): void {
    const versions = roots.map((root) => {
      const entry = this.#entries.get(root);
      if (entry === undefined) return undefined;
      const snapshot = entry.index.peek();
      this.#sendIfNew(entry, snapshot);
      return snapshot.version;
    });
    this.#options.send({ kind: 'refreshed', id, versions });
  }

  async #warm(root: string): Promise<void> {
    if (this.#tooLarge.has(root)) return;
    const entry = this.#use(root);
    try {
      await this.#refresh(entry);
    } catch {
      // Whoever asks for the root will hear of it.
    } finally {
      entry.uses -= 1;
      this.#dropUnused();
    }
  }

  #limit(maxFiles: number): void {
    this.#maxFiles = maxFiles;
    this.#tooLarge.clear();
    this.#dropUnused();
  }

  #use(root: string): Entry {
    const entry = this.#entryOf(root);
    this.#useCount += 1;
    entry.lastUsed = this.#useCount;
    entry.uses += 1;
    return entry;
  }

  /** Brings an index up to date and returns its version; undefined when the tree is too large. */
  async #refresh(entry: Entry, beforeMs?: number): Promise<number | undefined> {
    try {
      const snapshot = await entry.index.refresh(beforeMs);
      this.#sendIfNew(entry, snapshot);
      return snapshot.version;
    } catch (error) {
      if (!(error instanceof TreeTooLarge)) throw error;
      this.#tooLarge.add(entry.root);
      this.#drop(entry);
      return undefined;
    }
  }

  #sendIfNew(entry: Entry, snapshot: Snapshot): void {
    if (snapshot.version === entry.sentVersion) return;
    entry.sentVersion = snapshot.version;
    this.#options.send({ kind: 'snapshot', snapshot, followed: entry.followers > 0 });
  }

  #entryOf(root: string): Entry {
    const known = this.#entries.get(root);
    if (known !== undefined) return known;
    const { userFolders, watcher, nowMs } = this.#options;
    const index = new TreeIndex({
      root,
      userFolders,
      watcher,
      helpers: this.#helpers,
      nowMs,
      maxFiles: () => this.#maxFiles,
      nextVersion: () => {
        this.#version += 1;
        return this.#version;
      },
      onHint: () => this.#onHint(),
      onPartial: (publish) => {
        if (entry.followers > 0) this.#sendIfNew(entry, publish());
      },
      onUnwatched: () => this.#onUnwatched(),
      onBound: (bound) => this.#options.send({ kind: 'bounded', root, bound }),
    });
    const entry: Entry = { root, index, sentVersion: 0, lastUsed: 0, uses: 0, followers: 0 };
    this.#entries.set(root, entry);
    return entry;
  }

  #follow(root: string, change: 1 | -1): void {
    const entry = change === 1 ? this.#entryOf(root) : this.#entries.get(root);
    if (entry === undefined) return;
    entry.followers += change;
    if (change === 1) void this.#warm(root);
  }

  /** Drops what has not been asked for the longest, until there is room; never what is in use. */
  #dropUnused(): void {
    const entries = [...this.#entries.values()].sort((a, b) => a.lastUsed - b.lastUsed);
    let total = entries.reduce((sum, { index }) => sum + index.fileCount, 0);
    for (const entry of entries.slice(0, -1)) {
      if (total <= this.#maxFiles) return;
      if (entry.uses > 0 || entry.followers > 0) continue;
      total -= entry.index.fileCount;
      this.#drop(entry);
    }
  }

  #drop(entry: Entry): void {
    if (this.#entries.get(entry.root) !== entry) return;
    this.#entries.delete(entry.root);
    entry.index[Symbol.dispose]();
    this.#options.send({ kind: 'dropped', root: entry.root });
  }

  #onUnwatched(): void {
    if (this.#polling !== undefined) return;
    this.#options.send({ kind: 'unwatched' });
    // Where there are no hints, whoever follows a root has to be told all the same.
    this.#polling = setInterval(() => {
      for (const entry of this.#entries.values()) if (entry.followers > 0) void this.#warm(entry.root);
    }, POLL_EVERY_MS);
  }

  #onHint(): void {
    this.#hinted ??= setTimeout(() => {
      this.#hinted = undefined;
      void this.#refreshStale();
    }, HINT_DELAY_MS);
  }

  async #refreshStale(): Promise<void> {
    const stale = [...this.#entries.values()].filter(({ index }) => index.isStale);
    for (const entry of stale) {
      try {
        this.#sendIfNew(entry, await entry.index.refresh());
      } catch (error) {
        if (error instanceof TreeTooLarge) this.#drop(entry);
        // Whatever it is, the next one to ask hears of it.
      }
    }
    this.#sweeping ??= setTimeout(() => {
      this.#sweeping = undefined;
      void this.#sweepAll();
    }, SWEEP_DELAY_MS);
  }

  /** Hints are not to be relied on: after some there may be folders that changed without any. */
  async #sweepAll(): Promise<void> {
    for (const { index } of [...this.#entries.values()]) await index.sweep();
    if ([...this.#entries.values()].some(({ index }) => index.isStale)) this.#onHint();
  }
}
