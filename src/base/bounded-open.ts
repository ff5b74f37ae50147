/**
 * Opens files that a project names. In: a path and the folder it may lead into. Out: an open file. Checks the opened file, not its
 * name, so that a link created in between gains nothing.
 */

import type { FileHandle } from 'node:fs/promises';
import { readlink, realpath } from 'node:fs/promises';
import { AppError } from './errors.ts';
import { isWithin } from './paths.ts';
import { FileTooLarge, openRegular } from './regular-file.ts';
import { SecretFile, SecretFiles } from './secret-files.ts';

export interface ReadBounds {
  /** A folder without links that the file must lie in; null: anywhere. */
  readonly within: string | null;
  /** The result of `stateFolders`: logins in these folders are not read. */
  readonly stateFolders: readonly string[];
}

/** `message` continues a sentence that begins with the file name. */
class OutOfBounds extends AppError {
  constructor(folder: string) {
    super('out-of-bounds', `leads out of ${folder}`);
  }
}

/** Rejects with `OutOfBounds`, `SecretFile`, `NotRegularFile` and the file system's error. */
export async function openBounded(path: string, { within, stateFolders }: ReadBounds): Promise<FileHandle> {
  const file = await openRegular(path);
  try {
    const place = await placeOf(file, path);
    if (within !== null && !isWithin(place, within)) throw new OutOfBounds(within);
    const secrets = new SecretFiles(stateFolders);
    if (secrets.has(await file.stat()) || secrets.hasPlace(place)) throw new SecretFile();
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The whole file. Rejects as `openBounded` does, and with `FileTooLarge`. */
export async function readBounded(path: string, limitBytes: number, bounds: ReadBounds): Promise<Buffer> {
  await using file = await openBounded(path, bounds);
  if ((await file.stat()).size > limitBytes) throw new FileTooLarge(limitBytes);
  const chunks: Buffer[] = [];
  for await (const chunk of file.createReadStream({ end: limitBytes, autoClose: false }))
    chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  if (bytes.length > limitBytes) throw new FileTooLarge(limitBytes);
  return bytes;
}

/** The path of an open file, links resolved. A deleted file has none. */
const placeOf = (file: FileHandle, path: string): Promise<string> =>
  readlink(`/proc/self/fd/${file.fd}`).catch(() => realpath(path)); // /proc exists on Linux only
