/**
 * The mounts that this process sees, from the kernel's list. Each call reads it again; empty where there is no list.
 * Linux only.
 */
import { isWithin } from '../base/paths.ts';
import { readRegularSync } from '../base/regular-file.ts';

export interface Mount {
  /** The file system, and the part of it that is mounted. */
  readonly device: string;
  readonly root: string;
  /** The mount point. */
  readonly at: string;
}

/** Fields of proc_pid_mountinfo(5): id, parent, device, root, mount point. A list above the limit counts as empty. */
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

/** The innermost mount that contains a path; of several on one mount point the last, which is the visible one. */
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
