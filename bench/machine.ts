/** Where and with what it was measured. Holds nothing that names a person or a place. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';

export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly kernel: string;
  readonly processor: string;
  readonly processors: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly v8: string;
}

export const readMachine = (): Machine => ({
  platform: platform(),
  arch: arch(),
  kernel: release(),
  processor: cpus()[0]?.model ?? 'unknown',
  processors: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  v8: process.versions.v8,
});

/** Version of every package that `package.json` names, as installed; null for one that is not. `root` holds package.json. */
export function packageVersions(root: URL): Readonly<Record<string, string | null>> {
  const manifest: unknown = readJson(new URL('package.json', root));
  const names = ['dependencies', 'optionalDependencies'].flatMap((part) => Object.keys(member(manifest, part) ?? {}));
  return Object.fromEntries(names.map((name) => [name, installedVersion(root, name)]));
}

/** The commit that a folder is in, with a `+` when files differ from it; null outside a repository. */
export function commitOf(folder: string): string | null {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return null;
  }
}

/** The version in `package.json` itself; null when there is none. */
export function ownVersion(root: URL): string | null {
  return textMember(readJson(new URL('package.json', root)), 'version');
}

function installedVersion(root: URL, name: string): string | null {
  return textMember(readJson(new URL(`node_modules/${name}/package.json`, root)), 'version');
}

function readJson(file: URL): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null; // not there: the report says so
  }
}

function member(value: unknown, name: string): object | null {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
  return typeof found === 'object' ? found : null;
}

function textMember(value: unknown, name: string): string | null {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
  return typeof found === 'string' ? found : null;
}
