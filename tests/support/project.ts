/** The project's own files, for tests that hold its layout, its documents and its examples. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { distFolder } from './server.ts';

/** The folder that holds package.json; the build is always somewhere below it. */
export function projectRoot(): string {
  for (let folder = resolve(distFolder()); ; folder = join(folder, '..')) {
    try {
      if (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name === 'shardex') return folder;
    } catch {
      // Not there yet: one folder up.
    }
    if (folder === join(folder, '..')) throw new Error(`no project above ${distFolder()}`);
  }
}

export const readProjectFile = (path: string): string => readFileSync(join(projectRoot(), path), 'utf8');

/** Paths of the files below a folder of the project, relative to its root, with forward slashes. */
export function filesBelow(folder: string): string[] {
  const root = projectRoot();
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** Folders below a folder of the project, in the same form. */
export function foldersBelow(folder: string): string[] {
  const root = projectRoot();
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
