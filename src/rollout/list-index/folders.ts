/**
 * The files of stored threads below a folder, kept up to date by the times of the folders: those that have changed are read
 * again, so that an update costs no more than a look at each folder.
 */
import { type Dirent, lstatSync, readdirSync, realpathSync, rmSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { isOutOfDescriptors } from '../../base/descriptors.ts';
import { isNotFound } from '../../base/os-error.ts';
import { ABANDONED_AFTER_MS, DRAFT } from '../../base/replace-file.ts';
import { parseLooseName, type RolloutName } from '../name.ts';
import { ListedFile } from './listed-file.ts';

/** Below the root: a folder for each year, in it one for each month, in it one for each day. Others may be there as well. */
const DAY_DEPTH = 3;
/** Links to folders may lead round and round outside of the root. */
const MOST_DEPTH = 16;
/** Within this time a folder can change once more without getting another time: file systems count in steps. */
const SETTLED_AFTER_MS = 2000;

export interface RolloutFoldersOptions {
  readonly root: string;
  /** Unix milliseconds, of the clock that stamps files. */
  readonly nowMs: () => number;
  readonly onAdded: (file: ListedFile) => void;
  readonly onRemoved: (file: ListedFile) => void;
}

interface Folder {
  readonly path: string;
  /** Names below the root, as numbers; NaN for one that is none. */
  readonly numbers: readonly number[];
  readonly folders: Map<string, Folder>;
  readonly files: Map<string, ListedFile>;
  /** Time and inode when it was read; null when it has to be read again in any case. */
  read: { readonly mtimeMs: number; readonly inode: number } | null;
}

const folderAt = (path: string, numbers: readonly number[]): Folder => ({
  path,
  numbers,
  folders: new Map(),
  files: new Map(),
  read: null,
});

export class RolloutFolders {
  readonly #options: RolloutFoldersOptions;
  readonly #root: Folder;
  readonly #byPath = new Map<string, Folder>();

  constructor(options: RolloutFoldersOptions) {
    this.#options = options;
    this.#root = folderAt(options.root, []);
    this.#byPath.set(options.root, this.#root);
  }

  /**
   * Brings the files up to date. A folder that is missing has none, nor has one below the root that cannot be read. Throws
   * the file system's error for the root.
   */
  update(): void {
    this.#update(this.#root);
  }

  find(path: string): ListedFile | undefined {
    return this.#byPath.get(dirname(path))?.files.get(basename(path));
  }

  /** False when the folder is missing. */
  #update(folder: Folder): boolean {
    const beforeMs = this.#options.nowMs();
    const found = statSync(folder.path, { throwIfNoEntry: false });
    if (found === undefined) {
      this.#empty(folder);
      return false;
    }
    const { read } = folder;
    if (read === null || read.mtimeMs !== found.mtimeMs || read.inode !== found.ino) {
      folder.read = null;
      this.#read(folder);
      if (found.mtimeMs < beforeMs - SETTLED_AFTER_MS) folder.read = { mtimeMs: found.mtimeMs, inode: found.ino };
    }
    for (const [name, child] of folder.folders) if (!this.#updateChild(child)) this.#drop(folder, name, child);
    return true;
  }

  #updateChild(folder: Folder): boolean {
    try {
      return this.#update(folder);
    } catch (error) {
      if (isOutOfDescriptors(error)) throw error; // says nothing about this folder
      this.#empty(folder); // one closed folder does not hide the others
      folder.read = null;
      return true;
    }
  }

  #read(folder: Folder): void {
    const entries = entriesOf(folder.path);
    removeDrafts(folder.path, entries, this.#options.nowMs());
    this.#readFiles(folder, entries);
    this.#readFolders(folder, entries);
  }

  #readFolders(folder: Folder, entries: readonly Dirent[]): void {
    const found = entries.filter((entry) => entry.isDirectory() || this.#isFolderElsewhere(folder, entry));
    const names = new Set(found.map(({ name }) => name));
    for (const [name, child] of folder.folders) if (!names.has(name)) this.#drop(folder, name, child);
    for (const name of names) {
      if (folder.folders.has(name)) continue;
      const number = /^\d{1,5}$/.test(name) ? Number(name) : Number.NaN;
      const child = folderAt(join(folder.path, name), [...folder.numbers, number]);
      folder.folders.set(name, child);
      this.#byPath.set(child.path, child);
    }
  }

  #isFolderElsewhere(folder: Folder, entry: Dirent): boolean {
    if (!entry.isSymbolicLink() || folder.numbers.length >= MOST_DEPTH) return false;
    return targetElsewhere(this.#options.root, join(folder.path, entry.name))?.isDirectory() === true;
  }

  #readFiles(folder: Folder, entries: readonly Dirent[]): void {
    const names = newestOfEach(this.#options.root, folder.path, entries);
    for (const [name, file] of folder.files) {
      if (names.has(name) && !file.isGone)
        file.doubt(); // another file may have taken its place
      else this.#remove(folder, name, file);
    }
    const day = folder.numbers.length === DAY_DEPTH ? realDay(folder.numbers) : null;
    for (const [name, parsed] of names) {
      if (folder.files.has(name)) continue;
      const timestamp = day === null ? parsed.timestamp : withinDay(parsed.timestamp, day);
      const file = new ListedFile(folder.path, name, { ...parsed, timestamp });
      folder.files.set(name, file);
      this.#options.onAdded(file);
    }
  }

  #drop(parent: Folder, name: string, folder: Folder): void {
    this.#empty(folder);
    parent.folders.delete(name);
    this.#byPath.delete(folder.path);
  }

  #empty(folder: Folder): void {
    for (const [name, child] of folder.folders) this.#drop(folder, name, child);
    for (const [name, file] of folder.files) this.#remove(folder, name, file);
    folder.read = null;
  }

  #remove(folder: Folder, name: string, file: ListedFile): void {
    folder.files.delete(name);
    file.isGone = true;
    this.#options.onRemoved(file);
  }
}

/** The files of threads by their names; of each thread the newest one. */
function newestOfEach(root: string, folder: string, entries: readonly Dirent[]): ReadonlyMap<string, RolloutName> {
  const names = new Map<string, RolloutName>();
  const newest = new Map<string, string>();
  for (const entry of entries) {
    const { name } = entry;
    const parsed = entry.isFile() || entry.isSymbolicLink() ? parseLooseName(name) : null;
    if (parsed === null) continue;
    if (entry.isSymbolicLink() && !isListedNowhereElse(root, join(folder, name))) continue;
    const other = newest.get(parsed.id);
    const otherName = other === undefined ? undefined : names.get(other);
    if (other !== undefined && (otherName?.revision ?? '') > (parsed.revision ?? '')) continue;
    if (other !== undefined) names.delete(other);
    newest.set(parsed.id, name);
    names.set(name, parsed);
  }
  return names;
}

/** Whether a link leads to a file of a thread, and that one is not listed by its own name. */
function isListedNowhereElse(root: string, path: string): boolean {
  if (targetElsewhere(root, path)?.isFile() === true) return true;
  try {
    const target = realpathSync(path);
    return parseLooseName(basename(target)) === null && statSync(target).isFile();
  } catch {
    return false; // leads nowhere
  }
}

/** What a link leads to; null for nothing, and for what lies within the root: that is listed there, or leads round and round. */
function targetElsewhere(root: string, path: string): Stats | null {
  try {
    const target = realpathSync(path);
    const inside = `${realpathSync(root)}${sep}`;
    const isRelated = `${target}${sep}`.startsWith(inside) || inside.startsWith(`${target}${sep}`);
    return isRelated ? null : statSync(target);
  } catch {
    return null; // leads nowhere
  }
}

function entriesOf(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/**
 * A file that lies in the folder of another day is listed with that day: at its end or beginning, so that a place is always
 * further on than all that was listed before it.
 */
function withinDay(timestamp: string, day: string): string {
  if (timestamp.startsWith(day)) return timestamp;
  return timestamp < day ? `${day}T00-00-00` : `${day}T23-59-59`;
}

/** `YYYY-MM-DD`; null when there is no such day. */
function realDay([year = 0, month = 0, day = 0]: readonly number[]): string | null {
  const text = [String(year).padStart(4, '0'), ...[month, day].map((part) => String(part).padStart(2, '0'))].join('-');
  const parsed = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text) ? text : null;
}

/** Drafts that a server left when it was killed; another one may be writing one just now. */
function removeDrafts(folder: string, entries: readonly Dirent[], nowMs: number): void {
  for (const { name } of entries) {
    if (!DRAFT.test(name)) continue;
    const found = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (found?.isFile() === true && nowMs - found.mtimeMs > ABANDONED_AFTER_MS)
      rmSync(join(folder, name), { force: true });
  }
}
