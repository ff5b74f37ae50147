/** Searches the ancestors of a folder for project roots and repositories, by their files, without running git. */
import { realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readRegular } from '../base/regular-file.ts';

const GIT_FILE_START = 'gitdir:';

/** The files that are read here have one line. */
const FILE_LIMIT_BYTES = 64 * 1024;

/** The folder itself and all its ancestors, nearest first. */
function* upwards(folder: string): Generator<string> {
  let current = folder;
  for (;;) {
    yield current;
    const parent = dirname(current);
    if (parent === current) return;
    current = parent;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false, // if we cannot access it, it is not usable
  );
}

/** The nearest ancestor of `folder`, itself included, that has any of `names`; null if none has. */
export async function ancestorWith(folder: string, names: readonly string[]): Promise<string | null> {
  for (const candidate of upwards(folder)) {
    const found = await Promise.all(names.map((name) => exists(join(candidate, name))));
    if (found.includes(true)) return candidate;
  }
  return null;
}

/** From `root` down to `folder`, both included; only `folder` if it is not below `root`. */
export function foldersDown(root: string, folder: string): readonly string[] {
  const chain: string[] = [];
  for (const current of upwards(folder)) {
    chain.unshift(current);
    if (current === root) return chain;
  }
  return [folder];
}

/**
 * The folder with the common `.git` directory, so that linked work trees share the trust of the main one. null
 * outside of a real repository, and where a folder claims a repository that does not list it: anybody can write such
 * a claim.
 */
export async function mainRepositoryRoot(folder: string): Promise<string | null> {
  const workTree = await ancestorWith(folder, ['.git']);
  if (workTree === null) return null;
  const entry = join(workTree, '.git');
  const gitFolder = await gitFolderOf(entry);
  if (gitFolder === null) return null;
  const common = await firstLineOf(join(gitFolder, 'commondir'));
  const commonFolder = common === null ? gitFolder : resolve(gitFolder, common);
  if (!(await isRepository(commonFolder))) return null;
  const isOwn = commonFolder === entry;
  return isOwn || (await isListedWorkTree(entry, gitFolder, commonFolder)) ? dirname(commonFolder) : null;
}

/** Whether the repository lists this git folder for the linked work tree whose `.git` is `entry`. */
async function isListedWorkTree(entry: string, gitFolder: string, commonFolder: string): Promise<boolean> {
  const named = await firstLineOf(join(gitFolder, 'gitdir'));
  if (named === null || named === '') return false;
  const [list, listed, own, back] = await Promise.all([
    realPath(join(commonFolder, 'worktrees')),
    realPath(dirname(gitFolder)),
    realPath(entry),
    realPath(resolve(gitFolder, named)),
  ]);
  return list !== null && list === listed && own !== null && own === back;
}

const realPath = (path: string): Promise<string | null> => realpath(path).catch(() => null);

/** `.git` is the folder itself, or a file that names it. */
async function gitFolderOf(entry: string): Promise<string | null> {
  const found = await stat(entry).catch(() => null);
  if (found === null || found.isDirectory()) return found === null ? null : entry;
  const line = (await firstLineOf(entry)) ?? '';
  const named = line.startsWith(GIT_FILE_START) ? line.slice(GIT_FILE_START.length).trim() : '';
  return named === '' ? null : resolve(dirname(entry), named);
}

/** What git itself requires of a repository folder. */
async function isRepository(folder: string): Promise<boolean> {
  const parts = await Promise.all(['HEAD', 'objects', 'refs'].map((name) => exists(join(folder, name))));
  return !parts.includes(false);
}

async function firstLineOf(path: string): Promise<string | null> {
  const bytes = await readRegular(path, FILE_LIMIT_BYTES).catch(() => null);
  return bytes === null ? null : (bytes.toString('utf8').split('\n', 1)[0] ?? '').trim();
}
