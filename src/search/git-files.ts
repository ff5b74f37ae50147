/** Reads what git keeps about a repository and a user, as far as it says which files are ignored. No git is run. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** Folders where git looks for a user's settings. */
export interface UserFolders {
  readonly home: string;
  /** `$XDG_CONFIG_HOME`, or `.config` in the home folder. */
  readonly config: string;
}

/** The text of a file; undefined when there is none or it cannot be read, for a search goes on without it. */
export function readTextIfAny(path: string): string | undefined {
  try {
    // Most often there is none, and an error takes longer to be made than all the rest.
    return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The nearest folder at or above this one that holds `.git`. */
export function findRepositoryRoot(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** The text of `info/exclude` of the repository in this folder, which may be a linked work tree. */
export function readInfoExclude(folder: string): string | undefined {
  const gitFolder = findGitFolder(join(folder, '.git'));
  return gitFolder === undefined ? undefined : readTextIfAny(join(gitFolder, 'info', 'exclude'));
}

function findGitFolder(dotGit: string): string | undefined {
  if (isFolder(dotGit)) return dotGit;
  // A linked work tree or a submodule has a file that names its own folder, which may name the one they share.
  const named = /^gitdir: (.+)/.exec(readTextIfAny(dotGit) ?? '')?.[1];
  if (named === undefined) return undefined;
  const own = resolve(dirname(dotGit), named.trimEnd());
  const common = readTextIfAny(join(own, 'commondir'))?.trimEnd();
  return common === undefined || common === '' ? own : resolve(own, common);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false; // a loop of links, or out of reach
  }
}

/** The text of the user's global excludes: the file that git's settings name, else the one in the usual place. */
export function readGlobalExcludes({ home, config }: UserFolders): string | undefined {
  for (const settings of [join(home, '.gitconfig'), join(config, 'git', 'config')]) {
    const named = excludesFileOf(readTextIfAny(settings) ?? '');
    if (named !== undefined) return readTextIfAny(expandHome(named, home));
  }
  return readTextIfAny(join(config, 'git', 'ignore'));
}

/** The last `core.excludesFile` of a git settings file. */
function excludesFileOf(settings: string): string | undefined {
  let inCore = false;
  let found: string | undefined;
  for (const line of settings.split('\n')) {
    const section = /^\s*\[([^\]]*)\]/.exec(line)?.[1];
    if (section !== undefined) inCore = section.trim().toLowerCase() === 'core';
    if (!inCore) continue;
    const value = /^\s*(?:\[[^\]]*\]\s*)?excludesfile\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^#;]*))/i.exec(line);
    if (value === null) continue;
    found = value[1]?.replaceAll(/\\(.)/g, '$1') ?? value[2]?.trim();
  }
  return found === '' ? undefined : found;
}

function expandHome(path: string, home: string): string {
  if (path.startsWith('~/')) return join(home, path.slice(2));
  return isAbsolute(path) ? path : join(home, path);
}
