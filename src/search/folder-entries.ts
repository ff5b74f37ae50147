/**
 * Reads the names in a folder, a large one in slices.
 *
 * In: a folder's path and its size. Out: its entries whose names are valid UTF-8; none if it cannot be read. Holds a descriptor of a
 * large folder until its last slice was taken, or the iteration is ended.
 */
import { isUtf8 } from 'node:buffer';
import { type Dirent, lstatSync, opendirSync, readdirSync } from 'node:fs';
import { type Disk, OutOfDescriptors } from './disk.ts';

const UNDECODABLE = '\ufffd';

/**
 * Bytes of a folder from which on it is read in slices; it has some ten thousand entries then. That takes three times as long, all in
 * all, but nobody has to wait for more than a slice.
 */
const LARGE_BYTES = 1 << 18;
const SLICE_ENTRIES = 1_024;

/** Whether a folder of so many bytes is read in slices. */
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
    return []; // gone meanwhile, or not for us to read
  }
}

/** Entries of a large folder. Throws `OutOfDescriptors`. */
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
    // Gone meanwhile: what was read is what there is.
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

/** A name that was not valid UTF-8 has become another one, which leads nowhere. */
function isThere(disk: Disk, path: string): boolean {
  return disk.ask(path, () => lstatSync(path, { throwIfNoEntry: false })) !== undefined;
}
