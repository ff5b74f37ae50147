/** Telling whether a file has changed without reading it. In: a path. Out: a text that differs for every state of the file. No state. */
import { stat } from 'node:fs/promises';

/** Links are followed. A file that is not there, or cannot be looked at, has a mark too. Never rejects. */
export async function fileMark(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? 'none' : `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
}
