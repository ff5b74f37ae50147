import { resolve, sep } from 'node:path';
import type { WritableRoot } from '../exec/writable-roots.ts';
import type { PatchChange } from './verify.ts';

/**
 * Whether every path that the changes write, remove or move to lies inside a writable root and outside what is protected
 * in it. Lexical: a symbolic link that leads out is caught by the sandbox, not here. Pure.
 */
export function isInsideWritableRoots(changes: readonly PatchChange[], roots: readonly WritableRoot[]): boolean {
  return changes
    .flatMap((change) => (change.movePath === null ? [change.path] : [change.path, change.movePath]))
    .every((path) => isWritable(resolve(path), roots));
}

const isWritable = (path: string, roots: readonly WritableRoot[]): boolean =>
  roots.some(
    ({ root, protectedPaths }) =>
      isWithin(path, root) && !protectedPaths.some((protectedPath) => isWithin(path, protectedPath)),
  );

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
