/**
 * Other names of a folder: paths where it, an ancestor, or a part of it is mounted again. In: a real path. Out:
 * paths. Read from the kernel's list for each command; bounded. No state.
 */
import { join } from 'node:path';
import { isWithin } from '../base/paths.ts';
import { listMounts, mountOf } from './mounts.ts';

const LARGEST_LIST_BYTES = 1024 * 1024;

/** The mounts at this moment. Linux only; without a list nothing has another name. */
export class MountNames {
  readonly #mounts = listMounts(LARGEST_LIST_BYTES);

  /** Other names of a real path. Other mounts may cover them. */
  of(path: string): string[] {
    const own = mountOf(path, this.#mounts);
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
}
