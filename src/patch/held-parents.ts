/**
 * Holds the folders of a patch's files open from the last check of the files to their change: otherwise a command could replace a
 * folder by a link in between, and the patch would follow it. In: file paths without links. Out: paths of this process to the same
 * files. Owns the descriptors.
 */
import { statSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname } from 'node:path';
import { canHold, HeldPath } from '../base/held-path.ts';
import { errorCode, isNotFound } from '../base/os-error.ts';

export class HeldParents implements Disposable {
  readonly #folders = new Map<string, HeldPath>();

  /** For use as long as this is not disposed of. Throws the file system's error, or that the folder is not the one it was. */
  at(place: string): string {
    const folder = this.#hold(dirname(place));
    return folder === null ? place : folder.at(basename(place));
  }

  /** Makes the folders above a file; resolves with how to remove those that were missing, if they are still empty. */
  async make(place: string): Promise<() => Promise<void>> {
    const missing: string[] = [];
    for (let folder = dirname(place); !this.#isThere(folder); folder = dirname(folder)) missing.unshift(folder);
    const made: string[] = [];
    for (const folder of missing) {
      try {
        await mkdir(this.at(folder));
        made.unshift(folder);
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error; // another process has created it
      }
    }
    return async () => {
      try {
        for (const folder of made) await rmdir(this.at(folder));
      } catch {
        // Another process has created an entry in it.
      }
    };
  }

  [Symbol.dispose](): void {
    for (const folder of this.#folders.values()) folder[Symbol.dispose]();
    this.#folders.clear();
  }

  #isThere(folder: string): boolean {
    try {
      this.#hold(folder);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** null where there is nothing to hold a folder by. */
  #hold(path: string): HeldPath | null {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    if (!canHold) {
      if (statSync(path).isDirectory()) return null;
      throw systemError('ENOTDIR');
    }
    const parent = this.#folders.get(dirname(path));
    const way = parent?.at(basename(path)) ?? path;
    const held = new HeldPath(way);
    // What is found in a folder that is held is where it should be, whatever that folder is called by now.
    if (held.isLink || (parent === undefined && !held.isAt(path))) {
      held[Symbol.dispose]();
      throw new Error('its folder has been exchanged since the patch was checked');
    }
    if (!held.isFolder) {
      held[Symbol.dispose]();
      throw systemError('ENOTDIR');
    }
    this.#folders.set(path, held);
    return held;
  }
}

/** As if a call had failed. */
function systemError(code: 'ENOTDIR'): Error {
  return Object.assign(new Error(code), { code, errno: -constants.errno[code] });
}
