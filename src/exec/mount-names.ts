/**
 * Other names of a folder: where it, what it is in, or a part of it is mounted once more. In: a real path. Out: paths. From what
 * the kernel lists, for each command anew; bounded. No state.
 */
import { join } from 'node:path';
import { listMounts, mountOf } from './mounts.ts';
import { isWithin } from './path-walk.ts';

const LARGEST_LIST_BYTES = 1024 * 1024;

/** The mounts of this moment. Linux only; where they are not listed nothing has another name. */
export class MountNames {
  readonly #mounts = listMounts(LARGEST_LIST_BYTES);

  /** Of something at a real path; they may be covered by other mounts. */
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
