import type { Reach } from '../exec/writable-roots.ts';
import type { PatchChange } from './verify.ts';

/**
 * What the changes reach at worst, with every path that they write, remove, or move from and to: `outside` of the
 * writable roots, something `protected` in them, or nothing that needs consent.
 */
export function reachOfPatch(changes: readonly PatchChange[], reachOf: (path: string) => Reach): Reach {
  const reached = changes
    .flatMap(({ path, movePath }) => (movePath === null ? [path] : [path, movePath]))
    .map((path) => reachOf(path));
  if (reached.includes('protected')) return 'protected';
  return reached.includes('outside') ? 'outside' : 'writable';
}
