/**
 * The watches of an index's folders.
 *
 * In: folders, as they are added, read and removed. Out: hints, which go to the folders; a call for a folder that
 * changed before it was watched. Owns the watches, and knows which folders have none.
 */
import { type Disk, OutOfDescriptors } from './disk.ts';
import { type FolderNode, statFolder } from './folder-node.ts';
import type { FolderWatcher } from './folder-watcher.ts';
import { Pacer } from './pacer.ts';

export interface FolderWatchesOptions {
  readonly watcher: FolderWatcher;
  readonly disk: Disk;
  /** The folder changed after it was read and before it was watched. */
  readonly onMissed: (node: FolderNode) => void;
  /** Not all folders can be watched. */
  readonly onNoneLeft: () => void;
}

/** Short, so that searches do not notice that folders are being watched for the first time. */
const PIECE_MS = 2;
/** Watching this many, and checking their times, takes some 50 ms, which may delay the next answer. */
const MAX_BEHIND = 4_096;

export class FolderWatches {
  /** Folders without a watch. */
  readonly missing = new Set<FolderNode>();
  readonly #options: FolderWatchesOptions;
  /** Folders read but not yet watched for lack of time. */
  #read: FolderNode[] = [];
  #isNoneLeft = false;
  #watchingLater: Promise<void> | undefined;

  constructor(options: FolderWatchesOptions) {
    this.#options = options;
  }

  add(node: FolderNode): void {
    this.missing.add(node);
  }

  /** Queues a folder for a watch. */
  noteRead(node: FolderNode): void {
    if (node.watch === undefined && !this.#isNoneLeft) this.#read.push(node);
  }

  /** Whether so many folders are queued that they should not wait for an idle moment. */
  get isBehind(): boolean {
    return this.#read.length > MAX_BEHIND;
  }

  /** Watches queued folders for a short time. Returns whether there were any. */
  watchSome(): boolean {
    if (this.#read.length === 0) return false;
    const pacer = new Pacer(PIECE_MS);
    while (this.#read.length > 0 && !pacer.isDue) {
      const node = this.#read.pop();
      if (node !== undefined && !this.#watch(node)) this.#read = [];
    }
    return true;
  }

  /** As `watchAll`, in the background. */
  watchLater(): void {
    this.#read = [];
    if (this.missing.size === 0) return;
    this.#watchingLater ??= this.#watchAll(new Pacer(PIECE_MS)).finally(() => {
      this.#watchingLater = undefined;
    });
  }

  /** Watches all read folders that have no watch, and retries failed ones. */
  watchAll(): Promise<void> {
    return this.#watchAll(new Pacer());
  }

  /** Ends the watch of a folder that is gone. */
  forget(node: FolderNode): void {
    this.#end(node);
    this.missing.delete(node);
  }

  /** Ends the watch of a folder whose path leads to another one. */
  renew(node: FolderNode): void {
    this.#end(node);
    this.missing.add(node);
  }

  async #watchAll(pacer: Pacer): Promise<void> {
    for (const node of this.missing) {
      if (pacer.isDue) await pacer.pause();
      if (!this.#watch(node)) return;
    }
  }

  /** Returns whether it makes sense to continue. */
  #watch(node: FolderNode): boolean {
    if (node.removed || node.isHidden || node.watch !== undefined || !node.wasRead) return true;
    const { path } = node;
    const { watcher, disk } = this.#options;
    const watch = disk.ask(path, () => watcher.watch(path, node)) ?? 'not possible';
    this.#isNoneLeft = watch === 'none left';
    if (watch === 'none left') this.#options.onNoneLeft();
    if (watch === 'none left' || watch === 'not possible') return watch === 'not possible';
    node.watch = watch;
    this.missing.delete(node);
    if (this.#hasOtherRules(node) || node.isStale(statFolder(disk, path))) this.#options.onMissed(node);
    return true;
  }

  #hasOtherRules(node: FolderNode): boolean {
    try {
      return node.ownRules.length > 0 && node.hasOtherRules(this.#options.disk);
    } catch (error) {
      if (!(error instanceof OutOfDescriptors)) throw error;
      return true; // unknown: reading it again settles it
    }
  }

  #end(node: FolderNode): void {
    if (node.watch !== undefined) this.#options.watcher.unwatch(node.watch);
    node.watch = undefined;
  }
}
