/** Writes launchers named `codex`, for clients that look for a program of that name. In: a folder. Out: two files in it. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cmdLauncher, type LauncherTarget, shellLauncher } from './base/launcher.ts';

/** Creates the folder when missing, replaces older launchers, and gives the path of the one for this system. */
export function writeShim(folder: string, target: LauncherTarget): string {
  const absolute = resolve(folder);
  mkdirSync(absolute, { recursive: true });
  const shell = join(absolute, 'codex');
  const cmd = join(absolute, 'codex.cmd');
  writeFileSync(shell, shellLauncher(target));
  chmodSync(shell, 0o755); // also when the file was there with another mode
  writeFileSync(cmd, cmdLauncher(target));
  return process.platform === 'win32' ? cmd : shell;
}
