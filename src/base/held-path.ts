/**
 * Files and folders that are held open, so that an operation reaches the opened object and not another one that has taken its name.
 * Linux only; other systems have only paths. In: a path. Out: a descriptor, and names below it. The owner closes each.
 */
import { closeSync, constants, existsSync, fstatSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { supports } from './platform.ts';

/** Linux: opens a descriptor for a location, without read access. Node has no constant for it. */
const O_PATH = 0o10000000;

export const canHold = supports('heldFolders') && existsSync('/proc/self/fd');

export class HeldPath implements Disposable {
  readonly descriptor: number;
  #isOpen = true;

  /** A link as the last component is itself opened, or refused for a folder. Throws the file system's error. */
  constructor(path: string, kind: 'any' | 'folder' = 'any') {
    const onlyFolder = kind === 'folder' ? (constants.O_DIRECTORY ?? 0) : 0;
    this.descriptor = openSync(path, O_PATH | onlyFolder | (constants.O_NOFOLLOW ?? 0));
  }

  /** The current path, links resolved; null if unknown. */
  get path(): string | null {
    try {
      return readlinkSync(`/proc/self/fd/${this.descriptor}`);
    } catch {
      return null;
    }
  }

  /** Whether it is now at this path, which has no links; true if unknown. */
  isAt(path: string): boolean {
    // A case-insensitive file system reports the spelling of the last look-up.
    return (this.path ?? path).toLowerCase() === path.toLowerCase();
  }

  get isFolder(): boolean {
    return fstatSync(this.descriptor).isDirectory();
  }

  get isLink(): boolean {
    return fstatSync(this.descriptor).isSymbolicLink();
  }

  /** A path to an entry of the folder, valid in this process even if the folder is renamed. */
  at(name: string): string {
    return join(`/proc/self/fd/${this.descriptor}`, name);
  }

  /** Opens the folder at a path; null if there is none or the system cannot hold folders. */
  static folderNow(path: string): HeldPath | null {
    if (!canHold) return null;
    try {
      return new HeldPath(realpathSync(path), 'folder');
    } catch {
      return null;
    }
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.descriptor);
  }
}
