/** Detects changes of a file without reading it. In: a path. Out: a text that differs for every state of the file. No state. */
import { stat } from 'node:fs/promises';

/** Follows links. A missing or inaccessible file has a fingerprint too. Never rejects. */
export async function fileFingerprint(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? 'none' : `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
}
