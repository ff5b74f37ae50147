/**
 * Where the state of a user lives, and which path lies below which. In: the environment, paths. Out: absolute paths. Nothing is
 * created here.
 */
import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import { StartupError } from './errors.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** The user's home folder as the environment names it. */
export function userHome(env: Env): string {
  const named = process.platform === 'win32' ? env.USERPROFILE : env.HOME;
  return named !== undefined && named !== '' ? named : homedir();
}

/**
 * The state folder: `CODEX_HOME` with symlinks resolved, which must then exist; when unset or empty `~/.codex`, which
 * need not. Throws StartupError.
 */
export function codexHome(env: Env): string {
  const named = env.CODEX_HOME;
  if (named === undefined || named === '') return join(userHome(env), '.codex');
  const found = statSync(named, { throwIfNoEntry: false });
  if (found === undefined) throw new StartupError(`CODEX_HOME names a folder that does not exist: ${named}`);
  if (!found.isDirectory()) throw new StartupError(`CODEX_HOME does not name a folder: ${named}`);
  return realpathSync(named);
}

/** Whether a path is that of a folder, or of something below it. Both absolute and normalised. */
export const isWithin = (path: string, folder: string): boolean =>
  path.startsWith(folder) &&
  (path.length === folder.length || isSeparator(folder.at(-1)) || isSeparator(path[folder.length]));

const isSeparator = (char: string | undefined): boolean => char === '/' || char === sep;
