/** Describes this machine. In: a few small files. Out: the words of the user agent. No state. */
import { machine, release } from 'node:os';
import { findProgram, temporaryFolders } from '../base/program-places.ts';
import { readRegularSync } from '../base/regular-file.ts';
import { normalizeVersion, systemFromOsRelease, systemFromPlist } from './os-release.ts';
import type { AskTmux } from './terminal.ts';

const TMUX_LIMIT_MS = 300;
const TMUX_MAX_BYTES = 4_096;
/** The longest of these files has a few hundred bytes. */
const SYSTEM_FILE_LIMIT_BYTES = 64 * 1024;

function readOrEmpty(path: string): string {
  try {
    return readRegularSync(path, SYSTEM_FILE_LIMIT_BYTES).toString('utf8');
  } catch {
    return ''; // a system without the file has no known name
  }
}

/**
 * Name and version of the system, read from files: the programs that print them (`lsb_release`, `sw_vers`) take longer than the
 * whole start-up.
 */
export const readSystem = (): string => SYSTEMS[process.platform]?.() ?? 'Unknown Unknown';

const SYSTEMS: { readonly [P in NodeJS.Platform]?: () => string } = {
  linux: () => systemFromOsRelease(readOrEmpty('/etc/os-release') || readOrEmpty('/usr/lib/os-release')),
  darwin: () => systemFromPlist(readOrEmpty('/System/Library/CoreServices/SystemVersion.plist')),
  win32: () => `Windows ${normalizeVersion(release())}`,
};

/** As printed by `uname -m`. */
export function readArch(): string {
  return machine() || 'unknown';
}

/** The variables that tmux needs to find its server; the query starts no server. */
const TMUX_VARIABLES = ['TMUX', 'TMUX_PANE', 'TMUX_TMPDIR', 'TERM', 'HOME'];

/** The terminal around tmux, according to tmux. */
export const askTmux: AskTmux = async () => {
  const { env } = process;
  const program = findProgram('tmux', { path: env.PATH, avoid: [process.cwd(), ...temporaryFolders(env)] });
  if (program === undefined) return undefined;
  const { runProgram } = await import('../base/own-programs.ts');
  const { child, output } = runProgram(program, ['display-message', '-p', '#{client_termtype}'], {
    env: { ...Object.fromEntries(TMUX_VARIABLES.map((name) => [name, env[name]])), PATH: '/usr/bin:/bin' },
    cwd: '/',
    maxOutputBytes: TMUX_MAX_BYTES,
  });
  return new Promise((resolve) => {
    const end = (): void => {
      child.kill('SIGKILL');
      child.stdout?.destroy(); // a background process may hold it open
      resolve(undefined);
    };
    const settle = (text: string | undefined): void => {
      clearTimeout(limit);
      process.off('exit', end);
      resolve(text);
    };
    const limit = setTimeout(end, TMUX_LIMIT_MS);
    process.once('exit', end);
    output.then(settle, () => settle(undefined));
  });
};
