/** Plans of the sandbox, folders with protected names, and what is left of them. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { confinementFor, findSandbox, type SandboxPlan } from '../../../src/exec/sandbox.ts';
import type { SandboxPolicy } from '../../../src/protocol/policies.ts';
import { PATH } from './commands.ts';

const availability = await findSandbox({ PATH });

/** Writable: the folder, and further roots. Throws where no sandbox works. */
export function planFor(
  cwd: string,
  writableRoots: readonly string[] = [],
  env: Record<string, string> = {},
): SandboxPlan {
  const policy: SandboxPolicy = {
    type: 'workspaceWrite',
    writableRoots: [...writableRoots],
    networkAccess: false,
    excludeTmpdirEnvVar: true,
    excludeSlashTmp: true,
  };
  const confinement = confinementFor({ policy, cwd, env: { CODEX_HOME: '/var/empty', ...env }, availability });
  if (confinement.kind !== 'planned') throw new Error(JSON.stringify(confinement));
  return confinement.plan;
}

/** Every entry below a folder with its kind and content, links as they are. */
export function everything(folder: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const name = join(below, entry.name);
    found[name] = described(join(folder, name));
    if (entry.isDirectory()) Object.assign(found, everything(folder, name));
  }
  return found;
}

function described(path: string): string {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  return found.isDirectory() ? 'folder' : readFileSync(path, 'utf8');
}

/** Lines of what stands in a folder: `a/` a folder, `a -> b` a link, `a = text` a file. */
export function put(folder: string, ...entries: readonly string[]): void {
  for (const entry of entries) {
    const [, link, target] = /^(\S+) -> (\S+)$/.exec(entry) ?? [];
    const [, file, text] = /^(\S+) = (.*)$/.exec(entry) ?? [];
    const path = join(folder, link ?? file ?? entry);
    mkdirSync(dirname(path), { recursive: true });
    if (link !== undefined && target !== undefined) symlinkSync(target, path);
    else if (file !== undefined) writeFileSync(path, `${text}\n`);
    else mkdirSync(path, { recursive: true });
  }
}

/** The words in front of a program that somebody without rights is to run; for root only. */
export const NOBODY: readonly string[] = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
export const isRoot = process.getuid?.() === 0;
