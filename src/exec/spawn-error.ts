// Why a command could not be started, in terms of the operating system.
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { AppError } from '../base/errors.ts';
import { isExecutableFile } from '../base/executable.ts';

export interface SpawnError {
  /** The system's name for it, e.g. `ENOENT`. */
  readonly code: string;
  /** Its positive number, 0 if unknown. */
  readonly errno: number;
  /** The system's message. */
  readonly message: string;
}

const MESSAGES: Readonly<Record<string, string>> = {
  E2BIG: 'Argument list too long',
  EACCES: 'Permission denied',
  EAGAIN: 'Resource temporarily unavailable',
  EINVAL: 'Invalid argument',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENOENT: 'No such file or directory',
  ENOEXEC: 'Exec format error',
  ENOMEM: 'Cannot allocate memory',
  ENOTDIR: 'Not a directory',
};

const NUMBERS: Readonly<Record<string, number>> = constants.errno;

export function spawnError(code: string): SpawnError {
  return { code, errno: NUMBERS[code] ?? 0, message: MESSAGES[code] ?? code };
}

/** Converts what `spawn` threw or reported. */
export function toSpawnError(error: unknown): SpawnError {
  if (error instanceof AppError) return { ...spawnError('ESTALE'), message: error.message };
  if (!(error instanceof Error)) return spawnError('EINVAL');
  if ('errno' in error && typeof error.errno === 'number') return spawnError(getSystemErrorName(error.errno));
  // Node rejects arguments with a NUL byte before the system sees them.
  return spawnError('code' in error && error.code === 'ENOENT' ? 'ENOENT' : 'EINVAL');
}

/**
 * Why a program or a folder would not be found; undefined if both exist. A confined command is started by another
 * program, which would report this as an ordinary failure of its own.
 */
export function missingForStart(program: string, cwd: string, path: string | undefined): SpawnError | undefined {
  try {
    if (!statSync(cwd).isDirectory()) return spawnError('ENOTDIR');
  } catch (error) {
    return toSpawnError(error);
  }
  const folders = program.includes('/') ? [''] : (path ?? '/bin:/usr/bin').split(':');
  const candidates = folders.map((folder) => resolve(cwd, folder, program));
  if (candidates.some(isExecutableFile)) return undefined;
  return spawnError(candidates.some(exists) ? 'EACCES' : 'ENOENT');
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
