/** Failures of the operating system in words. In: an error of Node. Out: the text that C programs print. No state. */
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { ErrorCode } from './error-codes.ts';
import { AppError } from './errors.ts';

const TEXTS: Readonly<Record<string, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  EIO: 'Input/output error',
  EBUSY: 'Device or resource busy',
  EXDEV: 'Invalid cross-device link',
  EACCES: 'Permission denied',
  EEXIST: 'File exists',
  E2BIG: 'Argument list too long',
  EADDRINUSE: 'Address already in use',
  EAGAIN: 'Resource temporarily unavailable',
  EBADF: 'Bad file descriptor',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  EINTR: 'Interrupted system call',
  EMLINK: 'Too many links',
  ENETUNREACH: 'Network is unreachable',
  ENODEV: 'No such device',
  ENOEXEC: 'Exec format error',
  ENOMEM: 'Cannot allocate memory',
  ENOTSUP: 'Operation not supported',
  ENXIO: 'No such device or address',
  EPIPE: 'Broken pipe',
  ESTALE: 'Stale file handle',
  ETIMEDOUT: 'Connection timed out',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  ENFILE: 'Too many open files in system',
  EMFILE: 'Too many open files',
  ETXTBSY: 'Text file busy',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  ENAMETOOLONG: 'File name too long',
  ENOTEMPTY: 'Directory not empty',
  EDQUOT: 'Disk quota exceeded',
  ELOOP: 'Too many levels of symbolic links',
};

const isSystemError = (error: unknown): error is NodeJS.ErrnoException & { errno: number } =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number';

const isErrnoName = (name: string): name is keyof typeof constants.errno => Object.hasOwn(constants.errno, name);

/** File errors whose message continues a sentence that begins with the file name. */
const ABOUT_FILES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not-regular-file',
  'file-too-large',
  'secret-file',
  'out-of-bounds',
]);

/**
 * An I/O failure as the C library words it, e.g. `No such file or directory (os error 2)`; for a name that should not be
 * opened, `it is a named pipe, not a regular file`. The caller says which file, and what was to be done with it.
 */
export function osErrorText(error: unknown): string {
  if (error instanceof AppError && ABOUT_FILES.has(error.code)) return `it ${error.message}`;
  if (!isSystemError(error)) return otherText(error);
  // Node's own checks have codes of their own, e.g. `ERR_FS_EISDIR`.
  const name =
    error.code?.startsWith('E') === true && !error.code.startsWith('ERR_') ? error.code : nameOf(error.errno);
  const number = isErrnoName(name) ? constants.errno[name] : Math.abs(error.errno);
  return `${TEXTS[name] ?? name} (os error ${number})`;
}

/** The operation, by system call; other calls keep their own name. */
const DOING: Readonly<Record<string, string>> = {
  access: 'look at',
  chmod: 'change the rights of',
  close: 'close',
  copyfile: 'copy',
  fdatasync: 'store',
  fstat: 'look at',
  fsync: 'store',
  ftruncate: 'cut',
  link: 'link',
  lstat: 'look at',
  mkdir: 'make the folder',
  open: 'open',
  opendir: 'read the folder',
  read: 'read',
  readlink: 'read the link',
  realpath: 'look at',
  rename: 'rename',
  rm: 'remove',
  rmdir: 'remove the folder',
  scandir: 'read the folder',
  stat: 'look at',
  symlink: 'link',
  unlink: 'remove',
  utime: 'set the time of',
  watch: 'watch',
  write: 'write',
};
/** `spawn` is followed by its program's name. */
const SPAWN = /^spawn(?: (.*))?$/s;

/**
 * A full sentence about a system error: the operation, the file and the reason. null for any other error.
 */
export function systemErrorText(error: unknown): string | null {
  if (!isSystemError(error)) return null;
  const program = SPAWN.exec(error.syscall ?? '')?.[1];
  const doing = program === undefined ? (DOING[error.syscall ?? ''] ?? error.syscall ?? 'go on') : 'start';
  const subject = program ?? error.path;
  return `cannot ${doing}${subject === undefined ? '' : ` \`${subject}\``}: ${osErrorText(error)}`;
}

/** For texts that do not name the file: operation, file and reason; for other errors the message. */
export const failureText = (error: unknown): string => systemErrorText(error) ?? osErrorText(error);

/** Node rejects such a path before any system call. */
const otherText = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const isRefused = 'code' in error && error.code === 'ERR_INVALID_ARG_VALUE' && error.message.includes('null bytes');
  return isRefused ? 'the path holds a NUL character' : error.message;
};

const nameOf = (errno: number): string => getSystemErrorName(-Math.abs(errno));

/** The code of a system error, e.g. `ENOENT`; empty for any other error. */
export const errorCode = (error: unknown): string => (isSystemError(error) ? (error.code ?? '') : '');

/** Whether the path does not exist. A file where a folder is expected is another error. */
export const isNotFound = (error: unknown): boolean => isSystemError(error) && error.code === 'ENOENT';

/** Whether the path does not or cannot exist: a file where a folder is expected counts too. */
export const isMissing = (error: unknown): boolean =>
  isNotFound(error) || (isSystemError(error) && error.code === 'ENOTDIR');

/** Whether access is denied, by permissions or by a read-only file system. */
export const isForbidden = (error: unknown): boolean =>
  isSystemError(error) && (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS');
