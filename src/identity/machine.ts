/** What this machine says of itself. In: a few small files. Out: the words of the user agent. Holds nothing. */
import { readFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import { normalizeVersion, systemFromOsRelease, systemFromPlist } from './os-release.ts';
import type { AskTmux } from './terminal.ts';

const TMUX_LIMIT_MS = 300;

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
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
    execFile('tmux', args, { timeout: TMUX_LIMIT_MS }, (error, output) => resolve(error ? undefined : output));
  });
};
