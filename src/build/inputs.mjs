// One name for all that a build is made of: sources, build scripts, settings, and the packages that are installed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root } from './places.mjs';

const FOLDERS = ['bench', 'src', 'tests', 'workers'];
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'node_modules/.package-lock.json'];
const NAME_LENGTH = 16;

/**
 * The name changes with the path or the content of any input. The version of Node is not among them: what depends on it is kept
 * apart (`compiled.mjs`). Inputs that do not exist count as such.
 */
export function nameOfInputs() {
  const hash = createHash('sha256');
  for (const path of [...FOLDERS.flatMap(filesBelow), ...FILES]) {
    const content = contentOf(join(root, path));
    hash.update(`${path}\0${content === null ? 'absent' : content.length}\0`);
    if (content !== null) hash.update(content);
  }
  return hash.digest('hex').slice(0, NAME_LENGTH);
}

const filesBelow = (folder) =>
  (existsSync(join(root, folder)) ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true }) : [])
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();

/** Of a symbolic link to a folder: where it leads. */
function contentOf(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === 'EISDIR') return Buffer.from(readlinkSync(path));
    if (error.code === 'ENOENT') return null; // a dangling link, or removed since it was listed
    throw error;
  }
}
