/**
 * Reads the names in a folder; a large one in slices.
 *
 * In: a folder's path and its size. Out: its entries whose names are valid UTF-8; none if it cannot be read. Holds a
 * descriptor of a large folder until its last slice is taken or the iteration is ended.
 */
import { isUtf8 } from 'node:buffer';
import { type Dirent, lstatSync, opendirSync, readdirSync } from 'node:fs';
import { type Disk, OutOfDescriptors } from './disk.ts';

const UNDECODABLE = '\ufffd';

/**
 * A folder of this size in bytes is read in slices; it has some ten thousand entries. That takes three times as long
 * in total, but nothing waits for more than one slice.
 */
const LARGE_BYTES = 1 << 18;
const SLICE_ENTRIES = 1_024;

/** Whether a folder of this size is read in slices. */
export const isLarge = (sizeBytes: number): boolean => sizeBytes > LARGE_BYTES;

/** All entries of a folder at once. Throws `OutOfDescriptors`. */
export function allEntries(disk: Disk, path: string): readonly Dirent[] {
  try {
    const entries = disk.ask(path, () => readdirSync(path, { withFileTypes: true })) ?? [];
    if (!entries.some(({ name }) => name.includes(UNDECODABLE))) return entries;
    const names = disk.ask(path, () => readdirSync(path, { encoding: 'buffer' })) ?? [];
    const valid = new Set(names.filter((name) => isUtf8(name)).map((name) => name.toString()));
    return entries.filter(({ name }) => valid.has(name));
  } catch (error) {
    if (error instanceof OutOfDescriptors) throw error;
    return []; // gone in the meantime, or not readable
  }
}

/** Entries of a large folder in slices. Throws `OutOfDescriptors`. */
export function* slicesOf(disk: Disk, path: string): Iterable<readonly Dirent[]> {
  const folder = open(disk, path);
  if (folder === undefined) return;
  try {
    for (;;) {
      const slice = disk.ask(path, () => nextOf(folder)) ?? [];
      if (slice.length === 0) return;
      yield slice.filter(({ name }) => !name.includes(UNDECODABLE) || isThere(disk, path + name));
    }
  } catch (error) {
    if (error instanceof OutOfDescriptors) throw error;
    // Gone in the meantime: keep what was read.
  } finally {
    folder.closeSync();
  }
}

function open(disk: Disk, path: string): ReturnType<typeof opendirSync> | undefined {
  try {
    return disk.ask(path, () => opendirSync(path, { bufferSize: SLICE_ENTRIES }));
  } catch (error) {
    if (error instanceof OutOfDescriptors) throw error;
    return undefined;
  }
}

function nextOf(folder: ReturnType<typeof opendirSync>): readonly Dirent[] {
  const slice: Dirent[] = [];
  while (slice.length < SLICE_ENTRIES) {
    const entry = folder.readSync();
    if (entry === null) break;
    slice.push(entry);
  }
  return slice;
}

/** A name that was not valid UTF-8 was decoded to another name, which does not exist. */
function isThere(disk: Disk, path: string): boolean {
  return disk.ask(path, () => lstatSync(path, { throwIfNoEntry: false })) !== undefined;
}
