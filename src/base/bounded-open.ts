/**
 * Opening what a project names. In: a path and where it may lead. Out: an open file. Looks at what was opened and not at what the
 * name stood for before, so that a link which is put there meanwhile gains nothing.
 */

import type { FileHandle } from 'node:fs/promises';
import { readlink, realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { AppError } from './errors.ts';
import { FileTooLarge, openRegular } from './regular-file.ts';
import { SecretFile, SecretFiles } from './secret-files.ts';

export interface ReadBounds {
  /** A folder without links that the file must lie in; null: anywhere. */
  readonly within: string | null;
  /** As `stateFolders` gives them: their logins are not read. */
  readonly stateFolders: readonly string[];
}

/** `message` goes on from the name of the file. */
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

/** Where an open file is, without links. A file whose name has gone meanwhile is nowhere. */
const placeOf = (file: FileHandle, path: string): Promise<string> =>
  readlink(`/proc/self/fd/${file.fd}`).catch(() => realpath(path)); // Linux has the first, and most often

const isWithin = (path: string, folder: string): boolean =>
  dirname(path) === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
