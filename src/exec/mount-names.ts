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

/** Linux only; empty where mounts are not listed. */
export function otherNamesOf(path: string): string[] {
  const mounts = listedMounts();
  const around = mounts.filter(({ at }) => isWithin(path, at));
  const own = around.reduce<MountPoint | null>(
    (best, one) => (one.at.length >= (best?.at.length ?? 0) ? one : best),
    null,
  );
  if (own === null) return [];
  const inside = join(own.root, path.slice(own.at.length));
  return mounts
    .filter(({ device }) => device === own.device)
    .flatMap(({ root, at }) => {
      if (isWithin(inside, root)) return [join(at, inside.slice(root.length))];
      return isWithin(root, inside) ? [at] : [];
    })
    .filter((name) => name !== path && !isWithin(name, path));
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
