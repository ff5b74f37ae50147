// Where a confined process may write, and what of a path that means. The sandbox enforces it for processes; patches are
// judged by it before they run.
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { codexHome, userHome } from '../base/paths.ts';
import { stateFolders } from '../base/secret-files.ts';
import type { SandboxPolicy } from '../protocol/policies.ts';
import { isWithin, walkPath } from './path-walk.ts';
import { PROTECTED_NAMES, type Protections, protectionsIn } from './protected-names.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The writable roots of a policy for a turn in `cwd`, absolute, as they were named, without duplicates. Empty for every
 * policy but `workspaceWrite`: read-only has none, the others are not confined by roots. `env` is the server's
 * environment, for TMPDIR.
 */
export function writableRoots(
  policy: SandboxPolicy,
  cwd: string,
  env: Environment,
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
    // A path through a file or an unreadable folder does not exist for us.
    return false;
  }
}

/** The path without links, as mounts need it; none when it does not exist, for then there is nothing to write to. */
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
  { env, trusted = [] }: { readonly env: Environment; readonly trusted?: readonly string[] },
): Protections => protectionsIn(roots, realPaths(cwd)[0] ?? cwd, { home: stateFolder(env), trusted });

/** The folders whose logins no confined command reads. */
export const loginFolders = (env: Environment): readonly string[] => {
  const own = stateFolder(env);
  return own === null ? [] : stateFolders(own, userHome(env));
};

function stateFolder(env: Environment): string | null {
  try {
    return codexHome(env);
  } catch {
    // A server without one does not get as far as running commands.
    return null;
  }
}

/** Whether the policy lets a file be written: `protected` lies in a root and needs consent all the same. */
export type Reach = 'writable' | 'protected' | 'outside';

/**
 * Judges paths as the disk is at the time of the call: what is protected by name and by where links lead, what is outside
 * by name alone, for the sandbox stops a link that leads out.
 */
export function reachUnder(policy: SandboxPolicy, cwd: string, env: Environment): (path: string) => Reach {
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
