/** Small programs that start a script of ours under the Node that runs now. */
export interface LauncherTarget {
  /** Absolute path of the Node program. */
  readonly node: string;
  /** Absolute path of the script. */
  readonly main: string;
}

/** For any path: a single quote ends the quoting, stands escaped, and begins it anew. */
const quoteForShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** A percent sign would name a variable. */
const quoteForCmd = (text: string): string => `"${text.replaceAll('%', '%%')}"`;

export const shellLauncher = ({ node, main }: LauncherTarget): string =>
  `#!/bin/sh\nexec ${quoteForShell(node)} ${quoteForShell(main)} "$@"\n`;

export const cmdLauncher = ({ node, main }: LauncherTarget): string =>
  `@echo off\r\n${quoteForCmd(node)} ${quoteForCmd(main)} %*\r\n`;
