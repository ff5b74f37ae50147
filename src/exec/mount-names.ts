/**
 * Other names of a folder: where it, what it is in, or a part of it is mounted once more. In: a real path. Out: paths. From what
 * the kernel lists, for each command anew; bounded. No state.
 */
import { join } from 'node:path';
import { readRegularSync } from '../base/regular-file.ts';
import { isWithin } from './path-walk.ts';

const LARGEST_LIST_BYTES = 1024 * 1024;

interface MountPoint {
  /** The file system, and the part of it that is seen. */
  readonly device: string;
  readonly root: string;
  readonly at: string;
}

/** The mounts of this moment. Linux only; where they are not listed nothing has another name. */
export class MountNames {
  readonly #mounts: readonly MountPoint[] = listedMounts();

  /** Of something at a real path; they may be covered by other mounts. */
  of(path: string): string[] {
    const own = this.#mountOf(path);
    if (own === null) return [];
    const inside = join(own.root, path.slice(own.at.length));
    return this.#mounts
      .filter(({ device }) => device === own.device)
      .flatMap(({ root, at }) => {
        if (isWithin(inside, root)) return [join(at, inside.slice(root === '/' ? 0 : root.length))];
        return isWithin(root, inside) ? [at] : [];
      })
      .filter((name) => name !== path && !isWithin(name, path));
  }

  /** The innermost; of several at one place the last. */
  #mountOf(path: string): MountPoint | null {
    let own: MountPoint | null = null;
    for (const mount of this.#mounts) {
      if (isWithin(path, mount.at) && mount.at.length >= (own?.at.length ?? 0)) own = mount;
    }
    return own;
  }
}

/** Fields of proc_pid_mountinfo(5): id, parent, device, root, mount point. */
function listedMounts(): MountPoint[] {
  try {
    const lines = readRegularSync('/proc/self/mountinfo', LARGEST_LIST_BYTES).toString('utf8').split('\n');
    return lines.flatMap((line) => {
      const [, , device, root, at] = line.split(' ').map(unescaped);
      return device === undefined || root === undefined || at === undefined ? [] : [{ device, root, at }];
    });
  } catch {
    return [];
  }
}

/** Blanks, line feeds and backslashes are written in octal. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
