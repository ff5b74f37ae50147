/** Launchers that start a script of this server with the current Node. */
export interface LauncherTarget {
  /** Absolute path of the Node program. */
  readonly node: string;
  /** Absolute path of the script. */
  readonly main: string;
}

/** Quotes any path: a single quote closes the quoting, follows escaped, and opens it again. */
const quoteForShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** A percent sign would start a variable name. */
const quoteForCmd = (text: string): string => `"${text.replaceAll('%', '%%')}"`;

export const shellLauncher = ({ node, main }: LauncherTarget): string =>
  `#!/bin/sh\nexec ${quoteForShell(node)} ${quoteForShell(main)} "$@"\n`;

export const cmdLauncher = ({ node, main }: LauncherTarget): string =>
  `@echo off\r\n${quoteForCmd(node)} ${quoteForCmd(main)} %*\r\n`;
