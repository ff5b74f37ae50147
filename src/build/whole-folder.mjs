// Folders that are whole or not there: made aside, listed, and moved to their place. A process that is killed half-way leaves the folder
// aside; whoever takes files away from a finished one is found out by the list.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const LIST = 'files.json';

/** Writes the list of a folder's files with their sizes. To be called when all of them are there. */
export function seal(folder) {
  const sizes = Object.fromEntries(filesBelow(folder).map((path) => [path, statSync(join(folder, path)).size]));
  writeFileSync(join(folder, LIST), `${JSON.stringify(sizes)}\n`);
}

/** Whether every file of the list is there with its size. */
export function isWhole(folder) {
  try {
    const sizes = Object.entries(JSON.parse(readFileSync(join(folder, LIST), 'utf8')));
    return sizes.every(([path, size]) => statSync(join(folder, path)).size === size);
  } catch {
    return false; // no list, half a list, or a file that is missing
  }
}

/**
 * Moves a sealed folder to its place. One that stands there and is whole was made by somebody else of the same inputs: it stays. A
 * damaged one is mended file by file, because processes may be loading from it.
 */
export function moveToPlace(folder, place) {
  mkdirSync(dirname(place), { recursive: true });
  try {
    renameSync(folder, place);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM', 'ENOTDIR'].includes(error.code)) throw error;
    if (!isWhole(place)) mend(place, folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

function mend(place, source) {
  if (!statSync(place).isDirectory()) rmSync(place);
  for (const path of [...filesBelow(source).filter((each) => each !== LIST), LIST]) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    renameSync(join(source, path), join(place, path));
  }
}

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
