/**
 * Files and folders that are held open, so that what is done to them is done to them and not to what has taken their name since.
 * On Linux only; elsewhere a path is all there is. In: a path. Out: a descriptor, and names below it. Each is closed by its owner.
 */
import { closeSync, constants, existsSync, fstatSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { supports } from './platform.ts';

/** Of Linux: a descriptor that says where something is, and gives no right to read it. Node has no name for it. */
const O_PATH = 0o10000000;

export const canHold = supports('heldFolders') && existsSync('/proc/self/fd');

export class HeldPath implements Disposable {
  readonly descriptor: number;
  #isOpen = true;

  /** A link in the last name is held itself, or refused where a folder is wanted. Throws the file system's error. */
  constructor(path: string, kind: 'any' | 'folder' = 'any') {
    const onlyFolder = kind === 'folder' ? (constants.O_DIRECTORY ?? 0) : 0;
    this.descriptor = openSync(path, O_PATH | onlyFolder | (constants.O_NOFOLLOW ?? 0));
  }

  /** Where it is now, without links; null where the system does not tell. */
  get path(): string | null {
    try {
      return readlinkSync(`/proc/self/fd/${this.descriptor}`);
    } catch {
      return null;
    }
  }

  /** Whether it is now at a path that has no links in it; true where the system does not tell. */
  isAt(path: string): boolean {
    // Where case does not count, the system tells the name as it was last asked for.
    return (this.path ?? path).toLowerCase() === path.toLowerCase();
  }

  get isFolder(): boolean {
    return fstatSync(this.descriptor).isDirectory();
  }

  get isLink(): boolean {
    return fstatSync(this.descriptor).isSymbolicLink();
  }

  /** A path of this process's own to an entry of the folder, whatever has become of the folder's name. */
  at(name: string): string {
    return join(`/proc/self/fd/${this.descriptor}`, name);
  }

  /** The folder that a path leads to now; null where there is none, or nothing to hold it by. */
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
