/** Writes launchers named `codex`, for clients that look for a program of that name. In: a folder. Out: two files in it. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface ShimTarget {
  /** Absolute path of the Node program. */
  readonly node: string;
  /** Absolute path of this program's main file. */
  readonly main: string;
}

/** For any path: a single quote ends the quoting, stands escaped, and begins it anew. */
const quoteForShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** A percent sign would name a variable. */
const quoteForCmd = (text: string): string => `"${text.replaceAll('%', '%%')}"`;

export const shellLauncher = ({ node, main }: ShimTarget): string =>
  `#!/bin/sh\nexec ${quoteForShell(node)} ${quoteForShell(main)} "$@"\n`;

export const cmdLauncher = ({ node, main }: ShimTarget): string =>
  `@echo off\r\n${quoteForCmd(node)} ${quoteForCmd(main)} %*\r\n`;

/** Creates the folder when missing, replaces older launchers, and gives the path of the one for this system. */
export function writeShim(folder: string, target: ShimTarget): string {
  const absolute = resolve(folder);
  mkdirSync(absolute, { recursive: true });
  const shell = join(absolute, 'codex');
  const cmd = join(absolute, 'codex.cmd');
  writeFileSync(shell, shellLauncher(target));
  chmodSync(shell, 0o755); // also when the file was there with another mode
  writeFileSync(cmd, cmdLauncher(target));
  return process.platform === 'win32' ? cmd : shell;
}
