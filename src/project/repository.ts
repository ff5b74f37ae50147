/**
 * The repository information that a new thread stores.
 *
 * In: a folder and an environment. Out: commit, branch and remote, as far as git knows them. No state. Runs git
 * and changes nothing.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownGitEnvironment } from '../base/git-variables.ts';
import { runProgram } from '../base/own-programs.ts';
import { findProgram, temporaryFolders } from '../base/program-places.ts';

/** A repository on a slow disk must not block the start of a thread. */
const TIMEOUT_MS = 5_000;

export interface RepositoryInfo {
  readonly commit_hash?: string;
  readonly branch?: string;
  readonly repository_url?: string;
}

export interface RepositoryOptions {
  /** The server's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders that commands may write to; git is not started from there. */
  readonly roots: readonly string[];
}

/** undefined outside a repository and without git. Unknown members are left out. */
export async function repositoryInfo(
  cwd: string,
  { env, roots }: RepositoryOptions,
): Promise<RepositoryInfo | undefined> {
  if (!isInRepository(cwd)) return undefined;
  const git = findProgram('git', { path: env.PATH, avoid: [cwd, ...roots, ...temporaryFolders(env)] });
  if (git === undefined) return undefined;
  const ask = async (args: readonly string[]): Promise<string> => {
    try {
      return (await runProgram(git, args, { cwd, env: ownGitEnvironment(env), timeoutMs: TIMEOUT_MS }).output).trim();
    } catch {
      return ''; // no commit yet, no remote, or no git
    }
  };
  const [folder, commit, branch, url] = await Promise.all([
    ask(['rev-parse', '--git-dir']),
    ask(['rev-parse', 'HEAD']),
    ask(['branch', '--show-current']),
    ask(['remote', 'get-url', 'origin']),
  ]);
  if (folder === '') return undefined; // .git exists but is not a repository
  return {
    ...(commit === '' ? {} : { commit_hash: commit }),
    ...(branch === '' ? {} : { branch }),
    ...(url === '' ? {} : { repository_url: url }),
  };
}

function isInRepository(cwd: string): boolean {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return true;
    if (dirname(folder) === folder) return false;
  }
}
