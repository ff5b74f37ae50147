/** Puts a deleted file back in its place, from a descriptor that still holds it. */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const CHUNK_BYTES = 1 << 20;

/**
 * A descriptor, for reading and appending, of a new file at `path` with all that `fd` holds. Never replaces a file that has been
 * put there meanwhile. Blocks its thread while it copies. Throws the file system's error, and leaves nothing behind then.
 */
export function writeAnew(fd: number, path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${randomUUID()}.tmp`;
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
  const anew = openSync(aside, flags, fstatSync(fd).mode & 0o777);
  try {
    copyAll(fd, anew);
    putInPlace(aside, path);
    return anew;
  } catch (error) {
    closeSync(anew);
    rmSync(aside, { force: true });
    throw error;
  }
}

function copyAll(from: number, to: number): void {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let offset = 0; ; ) {
    const sizeBytes = readSync(from, chunk, 0, CHUNK_BYTES, offset);
    if (sizeBytes === 0) return;
    for (let at = 0; at < sizeBytes; ) at += writeSync(to, chunk, at, sizeBytes - at);
    offset += sizeBytes;
  }
}

/** A link fails where there is a file, unlike a renaming; some file systems have no links. */
function putInPlace(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch (error) {
    if (existsSync(path)) throw error;
    renameSync(aside, path);
    return;
  }
  rmSync(aside, { force: true });
}
