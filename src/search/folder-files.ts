/**
 * The memory for the file names of an index.
 *
 * In: folders, and the names in them. Out: snapshots. Owns the memory; each folder stores the position of its block.
 */
import type { Snapshot } from '../contract/search-messages.ts';
import { Arena, type BlockPosition } from './arena.ts';
import { makeSnapshot } from './publish.ts';

/** The part of a folder that this file needs. */
interface StoredFolder {
  position: BlockPosition | undefined;
}

export interface Publication {
  readonly root: string;
  readonly complete: boolean;
  readonly nextVersion: () => number;
  /** All folders with files, and maybe others. */
  readonly folders: ReadonlySet<StoredFolder>;
}

/** Unused memory that triggers compaction, in integers. */
const IDLE_MEMORY = 1 << 16;

export class FolderFiles {
  #arena = new Arena();
  #liveSize = 0;
  #count = 0;
  #changed = true;
  #snapshot: Snapshot | undefined;

  /** Number of files in all folders. */
  get count(): number {
    return this.#count;
  }

  /** The latest version. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Stores the files of a folder; `path` is relative to the root, empty or ending in a slash. */
  write(folder: StoredFolder, path: string, names: readonly string[]): void {
    this.#put(folder, names.length === 0 ? undefined : this.#arena.write(path, names, folder.position));
  }

  /** Copies the files of a folder from a block of another arena. */
  copy(folder: StoredFolder, block: Int32Array | undefined): void {
    this.#put(folder, block === undefined ? undefined : this.#arena.copy(block));
  }

  /** Removes the files of a folder. */
  clear(folder: StoredFolder): void {
    this.#put(folder, undefined);
  }

  /** The latest version; a new one if there were changes. */
  publish({ root, complete, nextVersion, folders }: Publication): Snapshot {
    const known = this.#snapshot;
    if (known !== undefined && !this.#changed && known.complete === complete) return known;
    this.#changed = false;
    if (this.#arena.size - this.#liveSize > IDLE_MEMORY + this.#liveSize / 2) this.#compact(folders);
    this.#snapshot = makeSnapshot({ root, version: nextVersion(), complete, arena: this.#arena, folders });
    return this.#snapshot;
  }

  #put(folder: StoredFolder, position: BlockPosition | undefined): void {
    if (position === folder.position) return;
    this.#add(folder.position, -1);
    this.#add(position, 1);
    folder.position = position;
    this.#changed = true;
  }

  #add(position: BlockPosition | undefined, sign: 1 | -1): void {
    if (position === undefined) return;
    this.#liveSize += sign * this.#arena.block(position).length;
    this.#count += sign * this.#arena.fileCount(position);
  }

  /** Copies live blocks to new memory. Snapshots keep the old memory alive. */
  #compact(folders: ReadonlySet<StoredFolder>): void {
    const arena = new Arena();
    for (const folder of folders) {
      if (folder.position !== undefined) folder.position = arena.copy(this.#arena.block(folder.position));
    }
    this.#arena = arena;
  }
}
