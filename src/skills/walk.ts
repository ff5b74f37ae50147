/** Finds SKILL.md files below a root. In: a folder. Out: canonical paths. Bounded in depth and in folders. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isOutOfDescriptors } from '../base/descriptors.ts';

/** Bounds as observed on codex app-server 0.94.0. */
const MAX_DEPTH = 6;
const MAX_FOLDERS = 2000;

const SKILL_FILE = 'SKILL.md';
/** What is told to the model has room for far less. */
export const SKILL_LIMIT_BYTES = 4 * 1024 * 1024;

/** Breadth first. A missing or unreadable folder holds nothing. */
export async function findSkillFiles(root: string, options: { readonly followLinks: boolean }): Promise<string[]> {
  const start = await realpath(root).catch(() => null);
  if (start === null) return [];
  const found: string[] = [];
  const seen = new Set([start]);
  let level = [start];
  for (let depth = 0; level.length > 0 && depth <= MAX_DEPTH; depth += 1) {
    const read = await Promise.all(level.map((folder) => readFolder(folder, options.followLinks)));
    found.push(...read.flatMap((entries) => entries.files));
    level = [];
    for (const folder of read.flatMap((entries) => entries.folders)) {
      if (seen.has(folder) || seen.size >= MAX_FOLDERS) continue;
      seen.add(folder);
      level.push(folder);
    }
  }
  return found;
}

async function readFolder(folder: string, followLinks: boolean): Promise<{ files: string[]; folders: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(nothingBelow);
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isFile() && entry.name === SKILL_FILE) files.push(path);
    else if (entry.isDirectory()) folders.push(path);
    else if (entry.isSymbolicLink() && followLinks) folders.push(...(await linkedFolder(path)));
  }
  return { files, folders };
}

/** Unless nothing at all can be read now: what was found would be kept. */
function nothingBelow(error: unknown): [] {
  if (isOutOfDescriptors(error)) throw error;
  return [];
}

async function linkedFolder(path: string): Promise<readonly string[]> {
  const target = await realpath(path).catch(() => null);
  if (target === null) return []; // gone, or a loop
  const found = await stat(target).catch(() => null);
  return found?.isDirectory() === true ? [target] : [];
}
