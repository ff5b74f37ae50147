/** Finds a thread's file by its id. */
import { closeSync, type Dirent, readdirSync, readSync, statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { isUuid } from '../base/ids.ts';
import { isMissing } from '../base/os-error.ts';
import { dateFolders, nameTime } from './name.ts';
import { openRollout } from './rollout-file.ts';

const DAY_MS = 86_400_000;

interface Found {
  readonly path: string;
  /** Empty for a thread's first file; later ones sort behind earlier ones. */
  readonly revision: string;
}

/**
 * The path of a file below `root` whose name ends in `<id>.jsonl`, at any depth, or of the thread's newest file where it has
 * several (`<id>_<other id>.jsonl`); null when there is none. Links count as what they lead to. The folders of the days around
 * the id's own time are looked at first. `id` is lower-case and hyphenated. Throws the signal's reason, and the file system's
 * error for a `root` that cannot be read.
 */
export async function findRollout(root: string, id: string, signal?: AbortSignal): Promise<string | null> {
  signal?.throwIfAborted();
  const first = await firstFound(root, id, signal);
  if (first === null || !mayHaveLater(first.path)) return first?.path ?? null;
  let newest = first;
  for await (const found of filesBelow(root, id, { signal, fromDay: dayOf(root, first.path) })) {
    if (found.revision > newest.revision) newest = found;
  }
  return newest.path;
}

/** All files of a thread: this one, those beside it, and where it may have later ones, those anywhere below `root`. */
export async function filesOfThread(root: string, file: string, id: string): Promise<string[]> {
  const beside = await filesIn(dirname(file), await entriesOf(dirname(file), 'thrown'), id);
  const all = new Map(beside.map(({ path }) => [basename(path), path]));
  if (mayHaveLater(file)) for await (const { path } of filesBelow(root, id)) all.set(basename(path), path);
  all.delete(basename(file));
  return [...all.values(), file];
}

async function firstFound(root: string, id: string, signal: AbortSignal | undefined): Promise<Found | null> {
  for (const folder of likelyFolders(root, id)) {
    const found = newestIn(await filesIn(folder, await entriesOf(folder, 'absent'), id));
    if (found !== null) return found;
  }
  for await (const found of filesBelow(root, id, { signal })) return found;
  return null;
}

interface WalkOptions {
  readonly signal?: AbortSignal | undefined;
  /** `YYYY/MM/DD`: folders of earlier days are passed over. */
  readonly fromDay?: string | null;
}

/** Of each folder the newest file of the thread first. */
async function* filesBelow(
  root: string,
  id: string,
  { signal, fromDay = null }: WalkOptions = {},
): AsyncGenerator<Found> {
  const folders = [root];
  const linked = new Set<string>(); // a link may lead back to where it is
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    const entries = await entriesOf(folder, folder === root ? 'thrown' : 'absent');
    yield* (await filesIn(folder, entries, id)).sort((a, b) => (a.revision < b.revision ? 1 : -1));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (fromDay !== null && isBefore(relative(root, path), fromDay)) continue;
      if (entry.isDirectory() || (entry.isSymbolicLink() && (await isNewFolder(path, linked)))) folders.push(path);
    }
  }
}

const DAY = /^\d{4}\/\d{2}\/\d{2}$/;

/** The day of the folder that a file lies in; null for other folders. */
function dayOf(root: string, path: string): string | null {
  const day = relative(root, dirname(path)).replaceAll(sep, '/');
  return DAY.test(day) ? day : null;
}

/** Whether a folder below the root is that of a year, month or day before this one. */
function isBefore(folder: string, day: string): boolean {
  const name = folder.replaceAll(sep, '/');
  return name < day.slice(0, name.length) && DAY.test(name + day.slice(name.length));
}

const NUMBERED = Buffer.from('"history_mode":"paginated"');
const HEAD_BYTES = 1 << 18;
const LINE_END = 0x0a;

/** Whether codex of today may have continued the thread in another file: what its head says, as far as it can be read at once. */
function mayHaveLater(path: string): boolean {
  let fd: number | null = null;
  try {
    fd = openRollout(path);
    const chunk = Buffer.allocUnsafe(HEAD_BYTES);
    const sizeBytes = readSync(fd, chunk, 0, HEAD_BYTES, 0);
    const end = chunk.subarray(0, sizeBytes).indexOf(LINE_END);
    return (
      (end === -1 && sizeBytes === HEAD_BYTES) || chunk.subarray(0, end === -1 ? sizeBytes : end).includes(NUMBERED)
    );
  } catch {
    return false; // whoever reads the file says why it cannot be read
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

const newestIn = (files: readonly Found[]): Found | null =>
  files.reduce<Found | null>(
    (newest, file) => (newest === null || file.revision > newest.revision ? file : newest),
    null,
  );

async function filesIn(folder: string, entries: readonly Dirent[], id: string): Promise<Found[]> {
  const files: Found[] = [];
  for (const entry of entries) {
    const revision = revisionIn(entry.name, id);
    const path = join(folder, entry.name);
    if (revision === null) continue;
    if (entry.isFile() || (entry.isSymbolicLink() && (await statOf(path))?.isFile() === true))
      files.push({ path, revision });
  }
  return files;
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
