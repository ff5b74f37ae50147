/** Finds a thread's file by its id. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dateFolders, nameTime } from './name.ts';

const DAY_MS = 86_400_000;

/**
 * The path of a file below `root` whose name ends in `<id>.jsonl`, at any depth; null when there is none. The folders of
 * the days around the id's own time are looked at first. `id` is lower-case and hyphenated. Throws the signal's reason,
 * and the file system's error for a `root` that is no folder.
 */
export async function findRollout(root: string, id: string, signal?: AbortSignal): Promise<string | null> {
  signal?.throwIfAborted();
  for (const folder of likelyFolders(root, id)) {
    const found = namesOf(await entriesOf(folder, 'absent'), id);
    if (found !== undefined) return join(folder, found);
  }
  return await walk(root, id, signal);
}

async function walk(root: string, id: string, signal: AbortSignal | undefined): Promise<string | null> {
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    const entries = await entriesOf(folder, folder === root ? 'thrown' : 'absent');
    const found = namesOf(entries, id);
    if (found !== undefined) return join(folder, found);
    for (const entry of entries) if (entry.isDirectory()) folders.push(join(folder, entry.name));
  }
  return null;
}

const namesOf = (entries: readonly Dirent[], id: string): string | undefined =>
  entries.find(({ name }) => name.toLowerCase().endsWith(`${id}.jsonl`))?.name;

/** An id of version 7 begins with its time; the server's zone may put it a day off. */
function likelyFolders(root: string, id: string): string[] {
  const timeMs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  if (id[14] !== '7' || !Number.isFinite(timeMs)) return [];
  return [0, -DAY_MS, DAY_MS].map((shiftMs) => join(root, ...dateFolders(nameTime(timeMs + shiftMs))));
}

/** A folder that is missing holds nothing; other faults are thrown for the root only, as nothing can be found then. */
async function entriesOf(folder: string, faults: 'thrown' | 'absent'): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (faults === 'thrown' && !missing) throw error;
    return [];
  }
}
