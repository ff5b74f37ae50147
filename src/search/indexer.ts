/**
 * Keeps the indexes of a server up to date.
 *
 * In: requests for snapshots of roots. Out: replies, and updates for followed roots. Owns the indexes, their watches
 * and the helper threads. Runs in a thread of its own.
 */

import { sharedSteadyMs } from '../base/clock.ts';
import { isWithin } from '../base/paths.ts';
import type { IndexerReply, IndexerRequest, Snapshot, UserFolders } from '../contract/search-messages.ts';
import type { Disk } from './disk.ts';
import type { FolderWatcher } from './folder-watcher.ts';
import { PortHelpers } from './helpers.ts';
import { type IndexEntry, Indexes } from './indexes.ts';
import { TreeIndex, TreeTooLarge } from './tree-index.ts';

type RefreshRequest = Extract<IndexerRequest, { kind: 'refresh' }>;

export interface IndexerOptions {
  readonly userFolders: UserFolders;
  readonly disk: Disk;
  readonly watcher: FolderWatcher;
  readonly nowMs: () => number;
  readonly send: (reply: IndexerReply) => void;
}

/** Other messages are handled after this many roots of a request. */
const ROOTS_AT_ONCE = 8;
/** Hints come in bursts. An index is read this long after the first one, or earlier on request. */
const HINT_DELAY_MS = 25;
/** After hints all folders are checked, at most once per this interval. */
const SWEEP_DELAY_MS = 1_000;

/** Interval for checking followed roots with unwatched folders. */
const POLL_EVERY_MS = 1_000;

export class Indexer implements Disposable {
  readonly #options: IndexerOptions;
  readonly #indexes: Indexes;
  readonly #tooLarge = new Set<string>();
  readonly #helpers: PortHelpers;
  /** Starts at the clock, so that versions of a later indexer are higher and never equal to known ones. */
  #version = Math.floor(sharedSteadyMs() * 1_000);
  #hinted: NodeJS.Timeout | undefined;
  #sweeping: NodeJS.Timeout | undefined;
  #polling: NodeJS.Timeout | undefined;
  #unwatchedReported = false;

  constructor(options: IndexerOptions) {
    this.#options = options;
    this.#indexes = new Indexes({
      create: (root) => this.#create(root),
      steadyMs: () => performance.now(),
      onDropped: (root) => options.send({ kind: 'dropped', root }),
    });
    this.#helpers = new PortHelpers(() => options.send({ kind: 'help' }));
  }

  /** Handles a request; never throws. */
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
      case 'avoid':
        this.#avoid(request.unreadable);
        return;
      case 'helpers-lost':
        this.#helpers.loseAll();
        return;
      case 'helper':
        this.#helpers.add(request.port);
        return;
      case 'unfollow':
        this.#follow(request.root, -1);
        return;
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#hinted);
    clearTimeout(this.#sweeping);
    clearInterval(this.#polling);
    this.#indexes[Symbol.dispose]();
  }

  async #refreshAll({ id, roots, beforeMs }: RefreshRequest): Promise<void> {
    const entries = roots.map((root) => (this.#tooLarge.has(root) ? undefined : this.#indexes.use(root)));
    try {
      const versions: (number | undefined)[] = [];
      for (let at = 0; at < entries.length; at += ROOTS_AT_ONCE) {
        const some = entries.slice(at, at + ROOTS_AT_ONCE);
        versions.push(...(await Promise.all(some.map((entry) => entry && this.#refresh(entry, beforeMs)))));
      }
      this.#options.send({ kind: 'refreshed', id, versions });
    } catch (error) {
      this.#options.send({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) });
    } finally {
      // After the reply, because its receiver needs the snapshots that it names.
      this.#indexes.release(entries);
    }
  }

  #peek({ id, roots }: Extract<IndexerRequest, { kind: 'peek' }>): void {
    const versions = roots.map((root) => {
      const entry = this.#indexes.known(root);
      if (entry === undefined) return undefined;
      const snapshot = entry.index.peek();
      this.#sendIfNew(entry, snapshot);
      return snapshot.version;
    });
    this.#options.send({ kind: 'refreshed', id, versions });
  }

  async #warm(root: string): Promise<void> {
    if (this.#tooLarge.has(root)) return;
    const entry = this.#indexes.use(root);
    try {
      await this.#refresh(entry);
    } catch {
      // The next request for the root reports the error.
    } finally {
      this.#indexes.release([entry]);
    }
  }

  #limit(maxFiles: number): void {
    this.#indexes.maxFiles = maxFiles;
    this.#tooLarge.clear();
  }

  /** Brings an index up to date and returns its version; undefined if the tree is too large. */
  async #refresh(entry: IndexEntry, beforeMs?: number): Promise<number | undefined> {
    try {
      const snapshot = await entry.index.refresh(beforeMs);
      this.#sendIfNew(entry, snapshot);
      return snapshot.version;
    } catch (error) {
      if (!(error instanceof TreeTooLarge)) throw error;
      this.#tooLarge.add(entry.root);
      this.#indexes.drop(entry);
      return undefined;
    }
  }

  #sendIfNew(entry: IndexEntry, snapshot: Snapshot): void {
    if (snapshot.version === entry.sentVersion) return;
    entry.sentVersion = snapshot.version;
    this.#options.send({ kind: 'snapshot', snapshot, followed: entry.followers > 0 });
  }

  #create(root: string): TreeIndex {
    const { userFolders, disk, watcher, nowMs, send } = this.#options;
    return new TreeIndex({
      root,
      userFolders,
      disk,
      watcher,
      helpers: this.#helpers,
      nowMs,
      maxFiles: () => this.#indexes.maxFiles,
      nextVersion: () => {
        this.#version += 1;
        return this.#version;
      },
      onHint: () => this.#onHint(),
      onPartial: (publish) => {
        const entry = this.#indexes.known(root);
        if (entry !== undefined && entry.followers > 0) this.#sendIfNew(entry, publish());
      },
      onUnwatched: () => this.#onUnwatched(),
      onBound: (bound) => {
        send({ kind: 'bounded', root, bound });
        if (bound === 'descriptors') this.#poll();
      },
    });
  }

  #follow(root: string, change: 1 | -1): void {
    const entry = change === 1 ? this.#indexes.of(root) : this.#indexes.known(root);
    if (entry === undefined) return;
    entry.followers += change;
    if (change === 1) void this.#warm(root);
    else this.#indexes.dropUnused();
  }

  /** Paths that are no longer on the list respond again. */
  #avoid(unreadable: readonly string[]): void {
    const { disk } = this.#options;
    const again = disk.unreadable.filter((path) => !unreadable.includes(path));
    disk.avoid(unreadable);
    for (const { root, index } of this.#indexes.all) {
      for (const path of again) if (isWithin(path, root) || isWithin(root, path)) index.revive(path);
    }
  }

  #onUnwatched(): void {
    if (!this.#unwatchedReported) this.#options.send({ kind: 'unwatched' });
    this.#unwatchedReported = true;
    this.#poll();
  }

  /** Checks followed roots that get no hints. */
  #poll(): void {
    this.#polling ??= setInterval(() => {
      const entries = this.#indexes.all.filter(({ index, followers }) => followers > 0 && index.needsPolling);
      for (const { root } of entries) void this.#warm(root);
      if (entries.length > 0) return;
      clearInterval(this.#polling);
      this.#polling = undefined;
    }, POLL_EVERY_MS);
  }

  #onHint(): void {
    this.#hinted ??= setTimeout(() => {
      this.#hinted = undefined;
      void this.#refreshStale();
    }, HINT_DELAY_MS);
  }

  async #refreshStale(): Promise<void> {
    const stale = this.#indexes.all.filter(({ index }) => index.isStale);
    for (const entry of stale) {
      try {
        this.#sendIfNew(entry, await entry.index.refresh());
      } catch (error) {
        if (error instanceof TreeTooLarge) this.#indexes.drop(entry);
        // The next request reports the error.
      }
    }
    this.#sweeping ??= setTimeout(() => {
      this.#sweeping = undefined;
      void this.#sweepAll();
    }, SWEEP_DELAY_MS);
  }

  /** Hints are not reliable: some folders may have changed without any. */
  async #sweepAll(): Promise<void> {
    for (const { index } of this.#indexes.all) await index.sweep();
    if (this.#indexes.all.some(({ index }) => index.isStale)) this.#onHint();
  }
}
