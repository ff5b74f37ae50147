/**
 * The memory of the names of an index's files.
 *
 * In: folders, and the names in them. Out: snapshots. Owns the memory; the folders know where their part of it is.
 */
import type { Snapshot } from '../contract/search-messages.ts';
import { Arena, type Place } from './arena.ts';
import { makeSnapshot } from './publish.ts';

/** A folder as far as it has to do with memory. */
interface Placed {
  place: Place | undefined;
}

export interface Publication {
  readonly root: string;
  readonly complete: boolean;
  readonly nextVersion: () => number;
  /** All that have files, and maybe others. */
  readonly folders: ReadonlySet<Placed>;
}

/** Memory that may lie idle before blocks are moved together, in integers. */
const IDLE_MEMORY = 1 << 16;

export class FolderFiles {
  #arena = new Arena();
  #liveSize = 0;
  #count = 0;
  #changed = true;
  #snapshot: Snapshot | undefined;

  /** Files of all folders. */
  get count(): number {
    return this.#count;
  }

  /** The latest version. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Takes the files of a folder; `path` is relative to the root, empty or with a slash at its end. */
  write(folder: Placed, path: string, names: readonly string[]): void {
    this.#put(folder, names.length === 0 ? undefined : this.#arena.write(path, names, folder.place));
  }

  /** Takes them as they stand in another arena. */
  copy(folder: Placed, block: Int32Array | undefined): void {
    this.#put(folder, block === undefined ? undefined : this.#arena.copy(block));
  }

  /** Forgets the files of a folder. */
  clear(folder: Placed): void {
    this.#put(folder, undefined);
  }

  /** The latest version; a new one if there were changes. */
  publish({ root, complete, nextVersion, folders }: Publication): Snapshot {
    const known = this.#snapshot;
    if (known !== undefined && !this.#changed && known.complete === complete) return known;
    this.#changed = false;
    if (this.#arena.size - this.#liveSize > IDLE_MEMORY + this.#liveSize / 2) this.#moveTogether(folders);
    this.#snapshot = makeSnapshot({ root, version: nextVersion(), complete, arena: this.#arena, folders });
    return this.#snapshot;
  }

  #put(folder: Placed, place: Place | undefined): void {
    if (place === folder.place) return;
    this.#add(folder.place, -1);
    this.#add(place, 1);
    folder.place = place;
    this.#changed = true;
  }

  #add(place: Place | undefined, sign: 1 | -1): void {
    if (place === undefined) return;
    this.#liveSize += sign * this.#arena.block(place).length;
    this.#count += sign * this.#arena.fileCount(place);
  }

  /** Copies what is in use to new memory; the old one stays with the snapshots that use it. */
  #moveTogether(folders: ReadonlySet<Placed>): void {
    const arena = new Arena();
    for (const folder of folders) {
      if (folder.place !== undefined) folder.place = arena.copy(this.#arena.block(folder.place));
    }
    this.#arena = arena;
  }
}
