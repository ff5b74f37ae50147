// Chooses the shell that runs a script, and its arguments.
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { isExecutableFile } from '../base/executable.ts';
import { isInSystemFolder, isOutOf, temporaryFolders, windowsProgram } from '../base/program-places.ts';

type ShellKind = 'zsh' | 'bash' | 'sh' | 'powershell' | 'cmd';

export interface UserShell {
  readonly kind: ShellKind;
  readonly path: string;
}

/** Inputs of the choice; `passwdShell` is the user's shell in the system's records. */
export interface ShellLookup {
  readonly platform: NodeJS.Platform;
  readonly path: string;
  /** The plain shell of Windows, where that tells its place. */
  readonly commandProcessor?: string | undefined;
  readonly passwdShell: string | null;
  readonly exists: (path: string) => boolean;
  /** Whether nobody else can change what the path names; true if absent. */
  readonly isApart?: (path: string) => boolean;
}

const KINDS: ReadonlyMap<string, ShellKind> = new Map([
  ['zsh', 'zsh'],
  ['bash', 'bash'],
  ['sh', 'sh'],
  ['pwsh', 'powershell'],
  ['powershell', 'powershell'],
  ['cmd', 'cmd'],
]);

/** The lookup for this machine; `env` is the server's environment, `cwd` the folder that it was started in. */
export function systemLookup(env: Readonly<Record<string, string | undefined>>, cwd: string): ShellLookup {
  return {
    platform: process.platform,
    path: env.PATH ?? '',
    commandProcessor: windowsProgram('cmd', env),
    passwdShell: recordedShell(),
    exists: isExecutableFile,
    isApart: isOutOf([cwd, ...temporaryFolders(env)]),
  };
}

function recordedShell(): string | null {
  try {
    return userInfo().shell;
  } catch {
    // A uid without an entry, as in many containers.
    return null;
  }
}

const stemOf = (path: string): string => path.replace(/^.*[/\\]/s, '').replace(/(?<=.)\.[^.]*$/, '');

/** The user's own shell if we know it and it exists, otherwise the best one of the platform. `$SHELL` is ignored. */
export function userShell(lookup: ShellLookup): UserShell {
  const { passwdShell } = lookup;
  const kind = passwdShell === null ? undefined : KINDS.get(stemOf(passwdShell));
  if (passwdShell !== null && kind !== undefined && lookup.exists(passwdShell)) return { kind, path: passwdShell };
  return (kind === undefined ? undefined : located(kind, lookup)) ?? platformShell(lookup);
}

/** The argv that runs a script; a login shell reads the user's start-up files first. */
export function shellArgv(shell: UserShell, script: string, options: { readonly login: boolean }): string[] {
  switch (shell.kind) {
    case 'zsh':
    case 'bash':
    case 'sh':
      return [shell.path, options.login ? '-lc' : '-c', script];
    case 'powershell':
      return [shell.path, ...(options.login ? [] : ['-NoProfile']), '-Command', script];
    case 'cmd':
      return [shell.path, '/c', script];
  }
}

function platformShell(lookup: ShellLookup): UserShell {
  const order: readonly ShellKind[] =
    lookup.platform === 'win32' ? ['powershell'] : lookup.platform === 'darwin' ? ['zsh', 'bash'] : ['bash', 'zsh'];
  for (const kind of order) {
    const shell = located(kind, lookup);
    if (shell !== undefined) return shell;
  }
  return plainShell(lookup);
}

const plainShell = ({ platform, commandProcessor = 'cmd.exe' }: ShellLookup): UserShell =>
  platform === 'win32' ? { kind: 'cmd', path: commandProcessor } : { kind: 'sh', path: '/bin/sh' };

const isFit = (path: string, { exists, isApart }: ShellLookup): boolean => exists(path) && (isApart?.(path) ?? true);

/** The first match on PATH; system folders take precedence. */
function located(kind: ShellKind, lookup: ShellLookup): UserShell | undefined {
  const isWindows = lookup.platform === 'win32';
  const names = kind === 'powershell' ? ['pwsh', 'powershell'] : [kind];
  const folders = [...lookup.path.split(isWindows ? ';' : ':').filter(isAbsolute), ...(isWindows ? [] : ['/bin'])];
  for (const name of names) {
    const file = isWindows ? `${name}.exe` : name;
    const fitting = folders.map((folder) => join(folder, file)).filter((path) => isFit(path, lookup));
    const path = fitting.find(isInSystemFolder) ?? fitting[0];
    if (path !== undefined) return { kind, path };
  }
  return undefined;
}
