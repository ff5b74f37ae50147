/** Finds a thread's file by its id. */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid } from '../base/ids.ts';
import { isMissing } from '../base/os-error.ts';
import { dateFolders, nameTime } from './name.ts';

const DAY_MS = 86_400_000;

/**
 * The path of a file below `root` whose name ends in `<id>.jsonl`, at any depth, or of the thread's newest file where it has
 * several in that folder (`<id>_<other id>.jsonl`); null when there is none. Links count as what they lead to. The folders of the days around the id's own time are looked at first. `id` is lower-case and
 * hyphenated. Throws the signal's reason, and the file system's error for a `root` that cannot be read.
 */
export async function findRollout(root: string, id: string, signal?: AbortSignal): Promise<string | null> {
  signal?.throwIfAborted();
  for (const folder of likelyFolders(root, id)) {
    const found = await fileOf(folder, await entriesOf(folder, 'absent'), id);
    if (found !== null) return found;
  }
  return await walk(root, id, signal);
}

async function walk(root: string, id: string, signal: AbortSignal | undefined): Promise<string | null> {
  const folders = [root];
  const linked = new Set<string>(); // a link may lead back to where it is
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    const entries = await entriesOf(folder, folder === root ? 'thrown' : 'absent');
    const found = await fileOf(folder, entries, id);
    if (found !== null) return found;
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() || (entry.isSymbolicLink() && (await isNewFolder(path, linked)))) folders.push(path);
    }
  }
  return null;
}

async function fileOf(folder: string, entries: readonly Dirent[], id: string): Promise<string | null> {
  let newest: { readonly path: string; readonly revision: string } | null = null;
  for (const entry of entries) {
    const revision = revisionIn(entry.name, id);
    if (revision === null || (newest !== null && revision <= newest.revision)) continue;
    const path = join(folder, entry.name);
    if (entry.isFile() || (entry.isSymbolicLink() && (await statOf(path))?.isFile() === true))
      newest = { path, revision };
  }
  return newest?.path ?? null;
}

const LATER_TAIL = '_00000000-0000-7000-8000-000000000000.jsonl'.length;

/** Which of the files of thread `id` a name belongs to: empty for the first one; null when it is none of them. */
export function revisionIn(name: string, id: string): string | null {
  const lower = name.toLowerCase();
  if (lower.endsWith(`${id}.jsonl`)) return '';
  const at = lower.length - LATER_TAIL;
  if (!lower.endsWith('.jsonl') || !lower.startsWith(`${id}_`, at - id.length)) return null;
  const revision = lower.slice(at + 1, -'.jsonl'.length);
  return isUuid(revision) ? revision : null;
}

/**
 * The same for one file alone, whose name ends in `<id>.jsonl`. Blocks its thread, for as long as a walk through all folders
 * takes where the file is not in that of its day. What cannot be read holds nothing.
 */
export function findFileSync(root: string, id: string): string | null {
  for (const folder of [root, ...likelyFolders(root, id)]) {
    const entry = entriesSync(folder, false).find(({ name }) => name.toLowerCase().endsWith(`${id}.jsonl`));
    if (entry !== undefined && isFileSync(join(folder, entry.name))) return join(folder, entry.name);
  }
  const entry = entriesSync(root, true).find(({ name }) => name.toLowerCase().endsWith(`${id}.jsonl`));
  return entry !== undefined && isFileSync(join(entry.parentPath, entry.name))
    ? join(entry.parentPath, entry.name)
    : null;
}

function entriesSync(folder: string, recursive: boolean): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive });
  } catch {
    return [];
  }
}

function isFileSync(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // gone since it was listed
  }
}

/** Whether a link leads to a folder that no other link has led to. */
async function isNewFolder(path: string, linked: Set<string>): Promise<boolean> {
  if ((await statOf(path))?.isDirectory() !== true) return false;
  const target = await realpath(path).catch(() => null);
  if (target === null || linked.has(target)) return false;
  linked.add(target);
  return true;
}

/** null for what is not there. */
const statOf = (path: string) => stat(path).catch(() => null);

/** An id of version 7 begins with its time; the server's zone may put it a day off. */
function likelyFolders(root: string, id: string): string[] {
  const timeMs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  if (id[14] !== '7' || !Number.isFinite(timeMs)) return [];
  return [0, -DAY_MS, DAY_MS].map((shiftMs) => join(root, ...dateFolders(nameTime(timeMs + shiftMs))));
}

/** What is missing or no folder holds nothing; other faults are thrown for the root only, as nothing can be found then. */
async function entriesOf(folder: string, faults: 'thrown' | 'absent'): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (faults === 'thrown' && !isMissing(error)) throw error;
    return [];
  }
}
