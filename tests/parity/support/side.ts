/** How either server is started and ended, and what it leaves in its home. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { referenceBinary } from '../../support/reference.ts';
import { distFolder } from '../../support/server.ts';

export type SideName = 'reference' | 'ours';

export interface StoredFile {
  /** Relative to CODEX_HOME. */
  readonly path: string;
  readonly text: string;
}

export const commandOf = (side: SideName): [string, ...string[]] =>
  side === 'ours' ? [process.execPath, join(distFolder(), 'main.js'), 'app-server'] : [referenceBinary(), 'app-server'];

export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // the group is gone
  }
}

export function filesBelow(folder: string): StoredFile[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(jsonl|toml|rules)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: path.slice(folder.length + 1), text: readFileSync(path, 'utf8') }));
}
