/**
 * Reads what git stores about a repository and a user that decides which files are ignored. Does not run git.
 *
 * Opens only regular files, and reads no more of them than anybody could have written by hand, because a file in a
 * tree may have been put there to stall a search.
 */

import { isUtf8 } from 'node:buffer';
import { closeSync, existsSync, readSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { openRegularSync } from '../base/regular-file.ts';
import type { UserFolders } from '../contract/search-messages.ts';
import { type Disk, OutOfDescriptors } from './disk.ts';
import { excludesFileOf } from './git-settings.ts';

/** Maximum size of a file of rules or settings; a larger one is truncated at the end of a line. */
const MAX_TEXT_BYTES = 1 << 20;

const LINE_FEED = 0x0a;

/** The start of a file. */
export interface TextStart {
  readonly text: string;
  /** Whether the file is larger than the part that is used. */
  readonly isTruncated: boolean;
}

/**
 * The text of a rule file up to its first line that is not UTF-8, where codex app-server 0.94.0 stops reading.
 * Undefined if there is none or it cannot be read, because a search continues without it. Throws `OutOfDescriptors`.
 */
export function readRuleText(disk: Disk, path: string): TextStart | undefined {
  const start = readStart(disk, path);
  if (start === undefined) return undefined;
  const { bytes, isTruncated } = start;
  const whole = isTruncated ? bytes.subarray(0, bytes.lastIndexOf(LINE_FEED) + 1) : bytes;
  return { text: whole.toString('utf8', 0, isUtf8(whole) ? whole.length : validLinesOf(whole)), isTruncated };
}

/** Start of the first line that is not UTF-8. */
function validLinesOf(bytes: Buffer): number {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found === -1 ? bytes.length : found + 1;
    if (!isUtf8(bytes.subarray(start, end))) return start;
    start = end;
  }
  return bytes.length;
}

/** The first lines of a file that git itself writes; undefined as for `readRuleText`. */
const readText = (disk: Disk, path: string): string | undefined => readStart(disk, path)?.bytes.toString();

interface FileStart {
  readonly bytes: Buffer;
  readonly isTruncated: boolean;
}

const readStart = (disk: Disk, path: string): FileStart | undefined => disk.ask(path, () => readStartOf(path));

function readStartOf(path: string): FileStart | undefined {
  try {
    // Usually there is none, and creating an error is slower than everything else here.
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return undefined;
    const fd = openRegularSync(path);
    try {
      return readFrom(fd, stats.size);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof OutOfDescriptors) throw error;
    return undefined;
  }
}

function readFrom(fd: number, sizeBytes: number): { readonly bytes: Buffer; readonly isTruncated: boolean } {
  // One extra byte shows whether there is more. Files in /proc report a size of 0.
  const buffer = Buffer.alloc(Math.min(MAX_TEXT_BYTES, Math.max(sizeBytes, 4_096)) + 1);
  let length = 0;
  while (length < buffer.length) {
    const readBytes = readSync(fd, buffer, length, buffer.length - length, null);
    if (readBytes === 0) break;
    length += readBytes;
  }
  return { bytes: buffer.subarray(0, Math.min(length, MAX_TEXT_BYTES)), isTruncated: length > MAX_TEXT_BYTES };
}

/** The nearest folder at or above this one that contains `.git`. */
export function findRepositoryRoot(disk: Disk, folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, '.git');
    if (disk.ask(path, () => existsSync(path)) === true) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** The text of `info/exclude` of the repository in this folder, which may be a linked work tree. */
export function readInfoExclude(disk: Disk, folder: string): TextStart | undefined {
  const gitFolder = findGitFolder(disk, join(folder, '.git'));
  return gitFolder === undefined ? undefined : readRuleText(disk, join(gitFolder, 'info', 'exclude'));
}

const GIT_DIR = 'gitdir: ';

function findGitFolder(disk: Disk, dotGit: string): string | undefined {
  if (isFolder(disk, dotGit)) return dotGit;
  // A linked work tree or a submodule has a file that names its own folder, which may name the shared one.
  const [line = ''] = (readText(disk, dotGit) ?? '').split('\n', 1);
  const named = line.startsWith(GIT_DIR) ? line.slice(GIT_DIR.length).trimEnd() : '';
  if (named === '') return undefined;
  const own = resolve(dirname(dotGit), named);
  const common = readText(disk, join(own, 'commondir'))?.trimEnd();
  return common === undefined || common === '' ? own : resolve(own, common);
}

function isFolder(disk: Disk, path: string): boolean {
  try {
    return disk.ask(path, () => statSync(path, { throwIfNoEntry: false }))?.isDirectory() === true;
  } catch {
    return false; // a loop of links, or no access
  }
}

/** The text of the user's global excludes: the file that git's settings name, or the default one. */
export function readGlobalExcludes(disk: Disk, { home, config }: UserFolders): TextStart | undefined {
  for (const settings of [join(home, '.gitconfig'), join(config, 'git', 'config')]) {
    const named = excludesFileOf(readText(disk, settings) ?? '');
    if (named !== undefined) return readRuleText(disk, expandHome(named, home));
  }
  return readRuleText(disk, join(config, 'git', 'ignore'));
}

function expandHome(path: string, home: string): string {
  if (path.startsWith('~/')) return join(home, path.slice(2));
  return isAbsolute(path) ? path : join(home, path);
}
