/** Why a thread's file could not be made, in words that say what to look at. */
import { join } from 'node:path';
import { osErrorText } from '../base/os-error.ts';
import { OpenFailure } from './open-failure.ts';

export function storageFailure(error: unknown, codexHome: string): OpenFailure {
  const folder = join(codexHome, 'sessions');
  return new OpenFailure(
    'io-failed',
    `Fatal error: ${explain(error, folder)} (underlying error: ${osErrorText(error)})`,
    {
      cause: error,
    },
  );
}

function explain(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `the thread cannot be stored in ${folder}: permission denied`;
    case 'EEXIST':
    case 'ENOTDIR':
      return `the folder ${folder} is blocked by an existing file`;
    case 'EISDIR':
      return `the thread's file in ${folder} has an unexpected type`;
    case 'ENOENT':
      return `Session storage missing: ${folder} cannot be created`;
    default:
      return `the thread cannot be stored in ${folder}`;
  }
}
