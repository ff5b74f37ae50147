/** The mounts that this process sees, as the kernel lists them. Read anew by each call; empty where there is no list. Linux only. */
import { readRegularSync } from '../base/regular-file.ts';
import { isWithin } from './path-walk.ts';

export interface Mount {
  /** The file system, and the part of it that is seen. */
  readonly device: string;
  readonly root: string;
  /** Where it is mounted. */
  readonly at: string;
}

/** Fields of proc_pid_mountinfo(5): id, parent, device, root, mount point. A list beyond the limit counts as none. */
export function listMounts(limitBytes: number): readonly Mount[] {
  try {
    const lines = readRegularSync('/proc/self/mountinfo', limitBytes).toString('utf8').split('\n');
    return lines.flatMap((line) => {
      const [, , device, root, at] = line.split(' ').map(unescaped);
      return device === undefined || root === undefined || at === undefined ? [] : [{ device, root, at }];
    });
  } catch {
    return [];
  }
}

/** The innermost mount that holds a path; of several at one place the last, which is the one that is seen. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | null {
  let own: Mount | null = null;
  for (const mount of mounts) {
    if (isWithin(path, mount.at) && mount.at.length >= (own?.at.length ?? 0)) own = mount;
  }
  return own;
}

/** Blanks, tabs, line feeds and backslashes are written as three octal digits. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
