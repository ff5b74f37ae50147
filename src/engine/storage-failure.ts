/** Why a thread's file could not be made, in words that say what to look at. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { tooManyFilesText } from '../base/descriptors.ts';
import { isNotFound, osErrorText } from '../base/os-error.ts';
import { OpenFailure } from './open-failure.ts';

export function storageFailure(failure: unknown, codexHome: string): OpenFailure {
  const folder = join(codexHome, 'sessions');
  const error = (isNotFound(failure) ? whyNothingCanBeMade(codexHome) : null) ?? failure;
  return new OpenFailure(
    'io-failed',
    `Fatal error: ${explain(error, folder)} (underlying error: ${osErrorText(error)})`,
    {
      cause: error,
    },
  );
}

/** Node says of a folder on a read-only file system that it is not there. null when nothing speaks against making one. */
function whyNothingCanBeMade(codexHome: string): unknown {
  try {
    accessSync(codexHome, constants.W_OK);
    return null;
  } catch (error) {
    return error;
  }
}

function explain(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `the thread cannot be stored in ${folder}: permission denied`;
    case 'EROFS':
      return `the thread cannot be stored in ${folder}: its file system is read-only`;
    case 'EMFILE':
    case 'ENFILE':
      return tooManyFilesText(`store the thread in ${folder}`);
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
