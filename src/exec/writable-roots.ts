// Decides where a confined process may write. The sandbox enforces it for processes; patches are checked before they
// run.
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { codexHome, type Env, isWithin, userHome } from '../base/paths.ts';
import { stateFolders } from '../base/secret-files.ts';
import type { SandboxPolicy } from '../protocol/policies.ts';
import { walkPath } from './path-walk.ts';
import { PROTECTED_NAMES, type Protections, protectionsIn } from './protected-names.ts';

/**
 * The writable roots of a policy for a turn in `cwd`: absolute, as named, without duplicates. Empty for every policy
 * but `workspaceWrite`: read-only has none, and the others are not confined by roots. `env` is the server's
 * environment, for TMPDIR.
 */
export function writableRoots(
  policy: SandboxPolicy,
  cwd: string,
  env: Env,
  isFolder: (path: string) => boolean = isFolderOnDisk,
): string[] {
  if (policy.type !== 'workspaceWrite') return [];
  const candidates = [...policy.writableRoots, cwd];
  if (!policy.excludeSlashTmp && process.platform !== 'win32' && isFolder('/tmp')) candidates.push('/tmp');
  const tmpdir = env.TMPDIR;
  if (!policy.excludeTmpdirEnvVar && tmpdir !== undefined && isAbsolute(tmpdir)) candidates.push(tmpdir);
  return [...new Set(candidates.map((path) => resolve(path)))];
}

function isFolderOnDisk(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // A path through a file or an unreadable folder counts as missing.
    return false;
  }
}

/** The real path, as mounts need it; empty if it does not exist, because then there is nothing to write to. */
export function realPaths(path: string): string[] {
  try {
    return [realpathSync(path)];
  } catch {
    return [];
  }
}

/** What is protected below real roots for a turn in `cwd`. */
export const protectionsFor = (
  roots: readonly string[],
  cwd: string,
  { env, trusted = [] }: { readonly env: Env; readonly trusted?: readonly string[] },
): Protections => protectionsIn(roots, realPaths(cwd)[0] ?? cwd, { home: stateFolder(env), trusted });

/** The folders whose logins no confined command may read. */
export const loginFolders = (env: Env): readonly string[] => {
  const own = stateFolder(env);
  return own === null ? [] : stateFolders(own, userHome(env));
};

function stateFolder(env: Env): string | null {
  try {
    return codexHome(env);
  } catch {
    // A server without a state folder never runs commands.
    return null;
  }
}

/** Whether the policy allows writing a file; a `protected` one is in a root but still needs approval. */
export type Reach = 'writable' | 'protected' | 'outside';

/**
 * Judges paths by the state of the disk at the call. Protection is by name and by the targets of links; `outside` is
 * by name alone, because the sandbox stops a link that leads out.
 */
export function reachUnder(policy: SandboxPolicy, cwd: string, env: Env): (path: string) => Reach {
  const named = writableRoots(policy, cwd, env);
  const real = [...new Set(named.flatMap(realPaths))];
  const { readOnly, missing, links } = protectionsFor(real, cwd, { env });
  const kept = new Set([...readOnly, ...missing, ...links.map(({ path }) => path)]);
  return (path) => {
    const written = reachOf(resolve(path), [...named, ...real], kept);
    const isProtected = written === 'protected' || reachOf(walkPath(resolve(path)).end, real, kept) === 'protected';
    return isProtected ? 'protected' : written;
  };
}

/** The nearest border above the path decides: a root opens what is below it, a protected path closes it. */
function reachOf(path: string, roots: readonly string[], kept: ReadonlySet<string>): Reach {
  let root: string | null = null;
  for (const candidate of roots) {
    if (isWithin(path, candidate) && candidate.length > (root ?? '').length) root = candidate;
  }
  if (root === null) return 'outside';
  const below = relative(root, path).split('/');
  if (below.some((name) => PROTECTED_NAMES.includes(name))) return 'protected';
  const start = root;
  const isKept = [...kept].some((border) => isWithin(path, border) && border.length > start.length);
  return isKept ? 'protected' : 'writable';
}
