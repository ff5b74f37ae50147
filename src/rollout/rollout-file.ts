/** Opens the files of stored threads: regular ones of a size that can be read, and nothing else that may have their names. */
import { closeSync, fstatSync } from 'node:fs';
import { FileTooLarge, openRegularSync } from '../base/regular-file.ts';

/** Far more than any thread comes to; a larger file is one with holes, or none of ours. */
const LARGEST_BYTES = 1 << 30;

/** A descriptor for reading. Throws NotRegularFile, FileTooLarge and the file system's error. */
export function openRollout(path: string): number {
  const fd = openRegularSync(path);
  if (fstatSync(fd).size <= LARGEST_BYTES * 8) return fd;
  closeSync(fd);
  throw new FileTooLarge(LARGEST_BYTES * 8);
}
