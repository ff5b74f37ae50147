/**
 * Files and folders that are held open, so that what is done to them is done to them and not to what has taken their name since.
 * On Linux only; elsewhere a path is all there is. In: a path. Out: a descriptor, and names below it. Each is closed by its owner.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Of Linux: a descriptor that says where something is, and gives no right to read it. Node has no name for it. */
const O_PATH = 0o10000000;

export const canHold = process.platform === 'linux';

export class HeldPath implements Disposable {
  readonly descriptor: number;
  #isOpen = true;

  /** A link in the last name is held itself. Throws the file system's error. */
  constructor(path: string) {
    this.descriptor = openSync(path, O_PATH | (constants.O_NOFOLLOW ?? 0));
  }

  /** Where it is now, without links; undefined where the system does not tell. */
  get path(): string | undefined {
    try {
      return readlinkSync(`/proc/self/fd/${this.descriptor}`);
    } catch {
      return undefined;
    }
  }

  get isLink(): boolean {
    return fstatSync(this.descriptor).isSymbolicLink();
  }

  /** A path of this process's own to an entry of the folder, whatever has become of the folder's name. */
  at(name: string): string {
    return join(`/proc/self/fd/${this.descriptor}`, name);
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.descriptor);
  }
}
