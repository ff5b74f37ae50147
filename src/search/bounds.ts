/** Limits of a search, whatever the tree looks like. */

import type { SearchBound } from '../contract/search-messages.ts';

/** Longest folder path the system opens, in bytes; PATH_MAX of Linux includes the terminating zero. */
const MAX_PATH_BYTES = 4_095;
/** Maximum nesting of folders. Real trees have a few dozen levels. */
const MAX_DEPTH = 1_024;

/** The limit that a folder exceeds, if any. The paths of the root and of the parent end in a separator. */
export function boundOf(
  root: string,
  parent: string,
  name: string,
): Extract<SearchBound, 'depth' | 'path-length'> | undefined {
  if (parent.length + name.length + 1 < MAX_DEPTH) return undefined; // most paths; a cheap check
  const path = `${parent}${name}/`;
  if (Buffer.byteLength(path) - 1 > MAX_PATH_BYTES) return 'path-length';
  let depth = 0;
  for (let at = root.length; at < path.length; at++) if (path[at] === '/' || path[at] === '\\') depth += 1;
  return depth > MAX_DEPTH ? 'depth' : undefined;
}
