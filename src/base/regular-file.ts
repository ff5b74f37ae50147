/**
 * Reading files whose names come from outside: a repository, a client, a model, a user's home.
 *
 * In: a path and how much of it is worth reading. Out: bytes, or an error. Only regular files are opened, and never waited
 * for: a FIFO blocks its opener until somebody writes, a device may never end, and both would hold a thread for good.
 * No state. What the calls cannot bound is a file system that does not answer at all.
 */
import { closeSync, constants, fstatSync, openSync, promises, readSync, type Stats, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { AppError } from './errors.ts';

/** Opening without waiting and without becoming the terminal's owner; Windows has neither flag and neither danger. */
const CAREFULLY = (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

const CHUNK_BYTES = 64 * 1024;

/** The path is not a regular file; `message` says what it is, without the path. */
export class NotRegularFile extends AppError {
  constructor(found: Stats) {
    super('not-regular-file', `is ${kindOf(found)}, not a regular file`);
  }
}

/** The file is larger than the caller's limit; `message` gives the limit, without the path. */
export class FileTooLarge extends AppError {
  constructor(limitBytes: number) {
    super('file-too-large', `is larger than ${limitBytes} bytes`);
  }
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  return found.isCharacterDevice() || found.isBlockDevice() ? 'a device' : 'something else';
}

/**
 * A descriptor of a regular file, links followed; `flags` are those of open(2). Throws `NotRegularFile` and the file
 * system's error. Looks before it opens, because opening a device may already do something, and again afterwards.
 */
export function openRegularSync(path: string, flags: number = constants.O_RDONLY, mode?: number): number {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before !== undefined && !before.isFile()) throw new NotRegularFile(before);
  const fd = openSync(path, flags | CAREFULLY, mode);
  const opened = fstatSync(fd);
  if (opened.isFile()) return fd;
  closeSync(fd);
  throw new NotRegularFile(opened);
}

/** `openRegularSync` without blocking this thread. Rejects likewise. */
export async function openRegular(
  path: string,
  flags: number = constants.O_RDONLY,
  mode?: number,
): Promise<FileHandle> {
  const before = await promises.stat(path).catch(() => undefined);
  if (before !== undefined && !before.isFile()) throw new NotRegularFile(before);
  const file = await promises.open(path, flags | CAREFULLY, mode);
  const opened = await file.stat();
  if (opened.isFile()) return file;
  await file.close();
  throw new NotRegularFile(opened);
}

/** The whole file. Throws `NotRegularFile`, `FileTooLarge` and the file system's error. */
export function readRegularSync(path: string, limitBytes: number): Buffer {
  const fd = openRegularSync(path);
  try {
    if (fstatSync(fd).size > limitBytes) throw new FileTooLarge(limitBytes);
    const chunks: Buffer[] = [];
    for (let sizeBytes = 0; ; ) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const readBytes = readSync(fd, chunk, 0, CHUNK_BYTES, null);
      if (readBytes === 0) return Buffer.concat(chunks, sizeBytes);
      sizeBytes += readBytes; // files of /proc, and growing files, are larger than their reported size
      if (sizeBytes > limitBytes) throw new FileTooLarge(limitBytes);
      chunks.push(chunk.subarray(0, readBytes));
    }
  } finally {
    closeSync(fd);
  }
}

/** For paths that have just been checked not to be links. */
export const NOT_A_LINK = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** The whole file, read without blocking this thread. Rejects as `readRegularSync` throws, and with the signal's reason. */
export async function readRegular(
  path: string,
  limitBytes: number,
  signal?: AbortSignal,
  flags?: number,
): Promise<Buffer> {
  signal?.throwIfAborted();
  await using file = await openRegular(path, flags);
  if ((await file.stat()).size > limitBytes) throw new FileTooLarge(limitBytes);
  const chunks: Buffer[] = [];
  for (let sizeBytes = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return Buffer.concat(chunks, sizeBytes);
    sizeBytes += bytesRead;
    if (sizeBytes > limitBytes) throw new FileTooLarge(limitBytes);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}
