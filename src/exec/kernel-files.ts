/**
 * Files of the kernel that change the whole machine and would be writable inside. What /proc shows belongs to root wherever the
 * machine's root is seen, so a process namespace of its own does not help. In: nothing. Out: mounts for bubblewrap. No state.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const SETTINGS = '/proc/sys';

/** Folders of /proc through which root can set something on some machines. Bubblewrap closes bus, irq and sysrq-trigger itself. */
const OTHERS = ['acpi', 'asound', 'driver', 'dynamic_debug', 'fs', 'scsi'];

const MOST_ENTRIES = 500;
const WRITE_BITS = 0o222;

/** For a /proc that has just been mounted. An ordinary user cannot write to any of it. */
export function kernelMounts(): string[] {
  if (process.getuid?.() !== 0) return [];
  const others = OTHERS.map((name) => join('/proc', name)).filter((path) => hasWritable(path, { left: MOST_ENTRIES }));
  return [SETTINGS, ...others].flatMap((path) => ['--ro-bind-try', path, path]);
}

/** Whether anything below the path says that it can be written to; true when that is too much to look at. */
function hasWritable(path: string, entries: { left: number }): boolean {
  entries.left -= 1;
  if (entries.left < 0) return true;
  try {
    const found = lstatSync(path);
    if (!found.isDirectory()) return !found.isSymbolicLink() && (found.mode & WRITE_BITS) !== 0;
    return readdirSync(path).some((name) => hasWritable(join(path, name), entries));
  } catch {
    return false; // not on this machine, or gone
  }
}
