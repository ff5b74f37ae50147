/** What this machine says of itself. In: a few small files. Out: the words of the user agent. Holds nothing. */
import { machine, release } from 'node:os';
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
    return ''; // a system without the file is one that we cannot name
  }
}

/**
 * Name and version of the system. Read from files: the programs that print it (`lsb_release`, `sw_vers`) take longer than the
 * whole start.
 */
export function readSystem(): string {
  switch (process.platform) {
    case 'linux':
      return systemFromOsRelease(readOrEmpty('/etc/os-release') || readOrEmpty('/usr/lib/os-release'));
    case 'darwin':
      return systemFromPlist(readOrEmpty('/System/Library/CoreServices/SystemVersion.plist'));
    case 'win32':
      return `Windows ${normalizeVersion(release())}`;
    default:
      return 'Unknown Unknown';
  }
}

/** As `uname -m` says. */
export function readArch(): string {
  return machine() || 'unknown';
}

/** Which terminal tmux is shown in, as tmux knows it. */
export const askTmux: AskTmux = async () => {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    const args = ['display-message', '-p', '#{client_termtype}'];
    const end = (): void => {
      child.kill('SIGKILL');
      child.stdout?.destroy(); // a program that it left behind may hold it open
      resolve(undefined);
    };
    const limit = setTimeout(end, TMUX_LIMIT_MS);
    process.once('exit', end);
    const child = execFile('tmux', args, { maxBuffer: TMUX_MAX_BYTES }, (error, output) => {
      clearTimeout(limit);
      process.off('exit', end);
      resolve(error ? undefined : output);
    });
  });
};
