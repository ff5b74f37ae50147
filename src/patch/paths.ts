import { isAbsolute, resolve, sep } from 'node:path';

/** The path as clients and the model see it: absolute, otherwise as written in the patch (`./` and `..` stay). */
export const joinPath = (cwd: string, path: string): string =>
  isAbsolute(path) ? path : `${cwd.endsWith(sep) ? cwd.slice(0, -1) : cwd}${sep}${path}`;

/**
 * The path that is opened. Lexical, like the check against the writable roots, so that what was approved is what is
 * written.
 */
export const resolvePath = (cwd: string, path: string): string => resolve(cwd, path);
