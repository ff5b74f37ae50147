/**
 * Kernel files that change the whole machine and would be writable in the sandbox. Files in /proc belong to the
 * machine's root even in a PID namespace. In: nothing. Out: mounts for bubblewrap. No state.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const SETTINGS = '/proc/sys';

/**
 * Folders of /proc through which root can change something on some machines. Bubblewrap closes bus, irq and
 * sysrq-trigger itself.
 */
const OTHERS = ['acpi', 'asound', 'driver', 'dynamic_debug', 'fs', 'scsi'];

const MAX_ENTRIES = 500;
const WRITE_BITS = 0o222;

/** For a freshly mounted /proc. An ordinary user cannot write to any of it. */
export function kernelMounts(): string[] {
  if (process.getuid?.() !== 0) return [];
  const others = OTHERS.map((name) => join('/proc', name)).filter((path) => hasWritable(path, { left: MAX_ENTRIES }));
  return [SETTINGS, ...others].flatMap((path) => ['--ro-bind-try', path, path]);
}

/** Whether any file below the path has write permission; true if there are too many to check. */
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
