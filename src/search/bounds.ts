/** What a search does not go beyond, whatever a tree is like. */

import type { SearchBound } from '../contract/search-messages.ts';

/** Longest path of a folder that the system opens, in bytes; PATH_MAX of Linux counts the zero at its end. */
const MAX_PATH_BYTES = 4_095;
/** Folders within folders, of which a tree that anybody works in has a few dozen. */
const MAX_DEPTH = 1_024;

/** The bound that a folder is beyond, if any; the paths of the root and of the folder around it end in a separator. */
export function boundOf(
  root: string,
  around: string,
  name: string,
): Extract<SearchBound, 'depth' | 'path-length'> | undefined {
  if (around.length + name.length + 1 < MAX_DEPTH) return undefined; // most paths, and cheap to see
  const path = `${around}${name}/`;
  if (Buffer.byteLength(path) - 1 > MAX_PATH_BYTES) return 'path-length';
  let depth = 0;
  for (let at = root.length; at < path.length; at++) if (path[at] === '/' || path[at] === '\\') depth += 1;
  return depth > MAX_DEPTH ? 'depth' : undefined;
}
