// Where a confined process may write. Used for the check of a patch before it runs; the sandbox enforces the same list.
import { readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { SandboxPolicy } from '../protocol/policies.ts';

/** `root` and everything below may be written, except what is at or below a protected path. All absolute. */
export interface WritableRoot {
  readonly root: string;
  readonly protectedPaths: readonly string[];
}

/** What is looked up on disk; answers `absent` and undefined instead of throwing. */
export interface PathProbe {
  kind(path: string): 'file' | 'directory' | 'absent';
  readText(path: string): string | undefined;
}

/** The real disk. */
export const diskProbe: PathProbe = {
  kind(path) {
    const stats = statOrUndefined(path);
    if (stats === undefined) return 'absent';
    return stats.isDirectory() ? 'directory' : 'file';
  },
  readText(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // Unreadable is the same as absent: there is nothing to follow.
      return undefined;
    }
  },
};

function statOrUndefined(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A path through a file or an unreadable folder does not exist for us.
    return undefined;
  }
}

/**
 * The writable roots of a policy for a turn in `cwd`, without duplicates. Empty for every policy but `workspaceWrite`:
 * read-only has none, the others are not confined by roots. `env` is the server's environment, for TMPDIR.
 */
export function writableRoots(
  policy: SandboxPolicy,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  probe: PathProbe = diskProbe,
): WritableRoot[] {
  if (policy.type !== 'workspaceWrite') return [];
  const candidates = [...policy.writableRoots, cwd];
  if (!policy.excludeSlashTmp && process.platform !== 'win32' && probe.kind('/tmp') === 'directory') {
    candidates.push('/tmp');
  }
  const tmpdir = env.TMPDIR;
  if (!policy.excludeTmpdirEnvVar && tmpdir !== undefined && isAbsolute(tmpdir)) candidates.push(tmpdir);
  const roots = new Set(candidates.map((path) => resolve(path)));
  return [...roots].map((root) => ({ root, protectedPaths: protectedPaths(root, probe) }));
}

/** Only what exists now, and only directly in the root: a nested repository is ordinary content. */
function protectedPaths(root: string, probe: PathProbe): string[] {
  const paths: string[] = [];
  const git = join(root, '.git');
  const gitKind = probe.kind(git);
  if (gitKind !== 'absent') paths.push(git);
  const pointed = gitKind === 'file' ? gitDirectory(git, probe) : undefined;
  if (pointed !== undefined) paths.push(pointed);
  const codex = join(root, '.codex');
  if (probe.kind(codex) === 'directory') paths.push(codex);
  return paths;
}

/** Work trees and submodules have a `.git` file that says `gitdir: PATH`. */
function gitDirectory(gitFile: string, probe: PathProbe): string | undefined {
  const target = /^gitdir:\s*(.+?)\s*$/m.exec(probe.readText(gitFile) ?? '')?.[1];
  if (target === undefined) return undefined;
  const path = resolve(dirname(gitFile), target);
  return probe.kind(path) === 'absent' ? undefined : path;
}
