/**
 * The index of one root, kept up to date.
 *
 * In: the tree on the disk, hints that some folder has changed. Out: snapshots. Each includes everything that
 * happened before it was requested. Owns the folders and their watches. Works in pieces, so that its thread can serve
 * other roots in between; never relies on hints to be complete.
 */

import { sharedSteadyMs } from '../base/clock.ts';
import type { SearchBound, Snapshot, UserFolders } from '../contract/search-messages.ts';
import { type Disk, OutOfDescriptors } from './disk.ts';
import { type FolderNode, statFolder } from './folder-node.ts';
import { FolderReading } from './folder-reading.ts';
import { areTruncated, isRuleName, type RulesAbove, readRulesAbove, rulesFromAbove } from './folder-rules.ts';
import { FolderTree } from './folder-tree.ts';
import type { Visit } from './folder-visit.ts';
import type { FolderWatcher, HintKind } from './folder-watcher.ts';
import { FolderWatches } from './folder-watches.ts';
import type { Helpers } from './helpers.ts';
import { Pacer, pendingEventsHandled } from './pacer.ts';
import { RulesOfFolders } from './rules-of-folders.ts';

export interface TreeIndexOptions {
  /** Absolute and normalised. */
  readonly root: string;
  readonly userFolders: UserFolders;
  readonly disk: Disk;
  readonly watcher: FolderWatcher;
  readonly helpers: Helpers;
  readonly nowMs: () => number;
  readonly nextVersion: () => number;
  /** A tree with more files is not indexed. */
  readonly maxFiles: () => number;
  /** Called when something seems to have changed. */
  readonly onHint: () => void;
  /** Called now and then during the first walk, with a function that publishes what there is so far. */
  readonly onPartial: (publish: () => Snapshot) => void;
  /** Called when folders cannot be watched. Their times are then checked before each answer. */
  readonly onUnwatched: () => void;
  /** Something was left out. */
  readonly onBound: (bound: SearchBound) => void;
}

const PARTIAL_EVERY_MS = 100;
/** Folders take memory, too, and there may be many with hardly a file in them. */
const MAX_FOLDERS = 250_000;

export class TreeIndex implements Disposable {
  readonly #options: TreeIndexOptions;
  readonly #tree: FolderTree;
  readonly #watches: FolderWatches;
  /** Folders to read again, and whether to read all below them too. */
  readonly #stale = new Map<FolderNode, boolean>();
  /** Folders for which there was no descriptor, likewise. */
  readonly #unread = new Map<FolderNode, boolean>();
  #rulesAbove: RulesAbove = { globalExcludes: undefined, folders: [] };
  /** The last run, in progress or finished. */
  #running: Promise<Snapshot> | undefined;
  #runStartMs = 0;
  #next: Promise<Snapshot> | undefined;
  #hintsAtSweep = 0;
  #disposed = false;

  constructor(options: TreeIndexOptions) {
    this.#options = options;
    const watches = new FolderWatches({
      watcher: options.watcher,
      disk: options.disk,
      onMissed: (node) => {
        this.#markStale(node, true);
        options.onHint();
      },
      onNoneLeft: () => options.onUnwatched(),
    });
    this.#watches = watches;
    this.#tree = new FolderTree({
      root: options.root,
      disk: options.disk,
      nowMs: options.nowMs,
      nextVersion: options.nextVersion,
      onAdded: (node) => watches.add(node),
      onRead: (node) => watches.noteRead(node),
      onRemoved: (node) => this.#forget(node),
      onReplaced: (node) => watches.renew(node),
      onHint: (node, kind, name) => this.#onHint(node, kind, name),
      onBound: options.onBound,
    });
  }

  /** Number of known files in the tree. */
  get fileCount(): number {
    return this.#tree.fileCount;
  }

  /**
   * A snapshot that includes everything that happened before a time, by default that of the call. Rejects with
   * `TreeTooLarge` if there are too many files.
   */
  refresh(beforeMs = sharedSteadyMs()): Promise<Snapshot> {
    if (this.#running !== undefined && this.#runStartMs >= beforeMs) return this.#running;
    // A run in progress may have missed the change that the caller waits for.
    this.#next ??= (this.#running ?? Promise.resolve()).then(
      () => this.#startRun(),
      () => this.#startRun(),
    );
    return this.#next;
  }

  /** What is indexed so far. */
  peek(): Snapshot {
    return this.#tree.publish(this.#tree.snapshot?.complete === true);
  }

  /** Checks the times of all folders, because hints may have been lost. `refresh` reads those that changed. */
  async sweep(): Promise<void> {
    const { hintCount } = this.#options.watcher;
    await this.#lookAt(this.#tree.nodes, true);
    this.#hintsAtSweep = hintCount;
  }

  /** Whether some folders could not be read or are not watched, so that no hint says when to check them. */
  get needsPolling(): boolean {
    return this.#unread.size > 0 || this.#watches.missing.size > 0;
  }

  /** A skipped path responds again: its parent must be read again. */
  revive(path: string): void {
    const known = this.#tree.nearest(path);
    if (known !== undefined) this.#markStale(known, false);
    this.#options.onHint();
  }

  /** Whether the root did not exist at the last check. */
  get isGone(): boolean {
    return this.#runStartMs > 0 && this.#tree.root === undefined;
  }

  /** Whether some folder must be read again. */
  get isStale(): boolean {
    return this.#stale.size > 0;
  }

  /** Ends all watches. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    if (this.#tree.root !== undefined) this.#tree.remove(this.#tree.root);
  }

  #startRun(): Promise<Snapshot> {
    this.#next = undefined;
    this.#runStartMs = sharedSteadyMs();
    this.#running = this.#run();
    return this.#running;
  }

  async #run(): Promise<Snapshot> {
    await pendingEventsHandled();
    for (const [node, deep] of this.#unread) this.#markStale(node, deep);
    this.#unread.clear();
    this.#checkRoot();
    this.#checkUnhintedParts();
    if (this.#options.watcher.hintCount - this.#hintsAtSweep >= this.#options.watcher.maxReliableHints)
      await this.sweep();
    else {
      await this.#watches.watchAll();
      await this.#lookAt(this.#watches.missing, false);
    }
    await this.#readStale();
    const snapshot = this.#tree.publish(true);
    if (!this.#disposed) this.#watches.watchLater();
    return snapshot;
  }

  #checkRoot(): void {
    const { root, disk } = this.#options;
    const above = this.#readRulesAbove();
    if (JSON.stringify(above) !== JSON.stringify(this.#rulesAbove)) {
      this.#rulesAbove = above;
      const { globalExcludes } = above;
      const texts = [
        ...(globalExcludes === undefined ? [] : [globalExcludes]),
        ...above.folders.flatMap(({ own }) => own),
      ];
      if (areTruncated(texts)) this.#options.onBound('rules');
      if (this.#tree.root !== undefined) this.#stale.set(this.#tree.root, true);
    }
    const stats = statFolder(disk, root);
    const known = this.#tree.root;
    if (known !== undefined && (stats === undefined || !known.isSame(stats))) this.#tree.remove(known);
    if (stats === undefined || this.#disposed) return;
    const node = this.#tree.root ?? this.#tree.addRoot();
    if (node.isStale(stats)) this.#markStale(node, false);
  }

  /** The rules above the root; the known ones if there is no descriptor to read them. */
  #readRulesAbove(): RulesAbove {
    const { disk, root, userFolders } = this.#options;
    try {
      return readRulesAbove(disk, root, userFolders);
    } catch (error) {
      if (!(error instanceof OutOfDescriptors)) throw error;
      return this.#rulesAbove;
    }
  }

  #checkUnhintedParts(): void {
    for (const node of this.#tree.withUnhintedParts) {
      if (node.isRepository && this.#hasOtherRules(node)) this.#markStale(node, true);
      else if (node.hasOtherLinks(this.#options.disk)) this.#markStale(node, false);
    }
  }

  #hasOtherRules(node: FolderNode): boolean {
    try {
      return node.hasOtherRules(this.#options.disk);
    } catch (error) {
      if (!(error instanceof OutOfDescriptors)) throw error;
      this.#onNoRoom(node, true);
      return false;
    }
  }

  #onNoRoom(node: FolderNode, deep: boolean): void {
    this.#unread.set(node, deep || this.#unread.get(node) === true);
    this.#options.onBound('descriptors');
  }

  /** Operators folders as stale whose times (and, on request, rules) differ from those that were read. */
  async #lookAt(nodes: ReadonlySet<FolderNode>, withRules: boolean): Promise<void> {
    const pacer = new Pacer();
    for (const node of nodes) {
      if (pacer.isDue) await pacer.pause();
      if (node.removed) continue;
      if (node.isStale(statFolder(this.#options.disk, node.path))) this.#markStale(node, false);
      if ((withRules || node.watch === undefined) && node.ownRules.length > 0 && this.#hasOtherRules(node)) {
        this.#markStale(node, true);
      }
    }
  }

  #markStale(node: FolderNode, deep: boolean): void {
    this.#stale.set(node, deep || this.#stale.get(node) === true);
  }

  async #readStale(): Promise<void> {
    const visits = [...this.#stale].map(([node, deep]) => ({ node, deep }));
    this.#stale.clear();
    if (visits.length === 0) return;
    const { disk, helpers, maxFiles, nowMs, root, onPartial } = this.#options;
    const tree = this.#tree;
    let partialMs = nowMs();
    const checkSize = (): void => {
      if (tree.fileCount > maxFiles() || tree.nodes.size > Math.max(maxFiles(), MAX_FOLDERS))
        throw new TreeTooLarge(root);
    };
    const onPause = (): void => {
      checkSize();
      if (tree.snapshot?.complete === true || nowMs() - partialMs < PARTIAL_EVERY_MS) return;
      partialMs = nowMs();
      onPartial(() => tree.publish(false));
    };
    const above = this.#rulesAbove;
    const rules = new RulesOfFolders(rulesFromAbove(above));
    const onNoRoom = ({ node, deep }: Visit): void => this.#onNoRoom(node, deep);
    const unreadable = (): readonly string[] => disk.unreadable;
    const reading = { tree, rules, above, unreadable, helpers, watches: this.#watches, onPause, onNoRoom };
    await new FolderReading(reading).run(visits);
    checkSize();
  }

  #forget(node: FolderNode): void {
    this.#watches.forget(node);
    this.#stale.delete(node);
    this.#unread.delete(node);
  }

  #onHint(node: FolderNode, kind: HintKind, name: string | undefined): void {
    if (node.removed) return;
    const isRule = name !== undefined && isRuleName(name);
    const child = name === undefined ? undefined : node.children?.get(name);
    const isSelf = name === undefined || name === node.name;
    if (kind === 'content' && !isRule && child === undefined && !isSelf) return;
    // The watch of a removed folder is gone, even if another one has its name by now.
    if (kind === 'entries' && isSelf) this.#watches.renew(node);
    if (child !== undefined) this.#markStale(child, false);
    this.#markStale(node, isRule);
    this.#options.onHint();
  }
}

/** The tree has more files than an index may hold. */
export class TreeTooLarge extends Error {
  constructor(root: string) {
    super(`more files than may be indexed below ${root}`);
    this.name = 'TreeTooLarge';
  }
}
