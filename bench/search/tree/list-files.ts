/** Plain listing of a tree, for engines that have no walker: every file, hidden ones included, ignore files not read. */
import { type Dirent, readdirSync } from 'node:fs';

export interface ListedFolder {
  /** Relative to the root, ends in a slash; empty for the root itself. */
  readonly path: string;
  /** Names of everything in it but folders, in the order of their code units. */
  readonly files: readonly string[];
}

/** Folders in the same order everywhere. What cannot be read is left out; symbolic links are listed and not followed. */
export function* listFolders(root: string): Generator<ListedFolder> {
  const waiting = [''];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const entries = entriesOf(`${root}/${path}`);
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    for (const name of folders.sort().reverse()) waiting.push(`${path}${name}/`);
    const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    yield { path, files: files.sort() };
  }
}

/** Paths relative to the root. */
export function listFiles(root: string): string[] {
  const paths: string[] = [];
  for (const { path, files } of listFolders(root)) for (const name of files) paths.push(path + name);
  return paths;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // unreadable, or gone in the meantime
  }
}
