/**
 * What a new thread notes about the repository it starts in.
 *
 * In: a folder and an environment. Out: commit, branch and remote, as far as git knows them. No state; git is asked
 * itself, and nothing is changed.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownGitEnvironment } from '../base/git-variables.ts';
import { runProgram } from '../base/own-programs.ts';
import { findProgram, temporaryFolders } from '../base/program-places.ts';

/** A repository on a slow disk must not keep a thread from starting. */
const TIMEOUT_MS = 5_000;

export interface RepositoryInfo {
  readonly commit_hash?: string;
  readonly branch?: string;
  readonly repository_url?: string;
}

export interface RepositoryOptions {
  /** The server's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders that commands may write to: no git comes from there. */
  readonly roots: readonly string[];
}

/** undefined outside a repository, and without git. What git cannot tell is left out. */
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
      return ''; // no commit yet, no remote, no git: then there is nothing to note
    }
  };
  const [folder, commit, branch, url] = await Promise.all([
    ask(['rev-parse', '--git-dir']),
    ask(['rev-parse', 'HEAD']),
    ask(['branch', '--show-current']),
    ask(['remote', 'get-url', 'origin']),
  ]);
  if (folder === '') return undefined; // something called .git that is no repository
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
