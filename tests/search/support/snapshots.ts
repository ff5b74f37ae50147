/** Snapshots made of lists of paths. */
import type { ScanPart, ScanRequest, Snapshot } from '../../../src/contract/search-messages.ts';
import { Arena } from '../../../src/search/arena.ts';
import { makeSnapshot } from '../../../src/search/publish.ts';
import { scanSlices } from '../../../src/search/scan.ts';

export function snapshotOf(paths: readonly string[], root = '/root'): Snapshot {
  const arena = new Arena();
  const byFolder = new Map<string, string[]>();
  for (const path of paths) {
    const slash = path.lastIndexOf('/') + 1;
    const folder = path.slice(0, slash);
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), path.slice(slash)]);
  }
  const folders = [...byFolder].map(([folder, names]) => ({ position: arena.write(folder, names) }));
  return makeSnapshot({ root, version: 1, complete: true, arena, folders });
}

export const bitsFor = ({ numberCount }: Snapshot): SharedArrayBuffer =>
  new SharedArrayBuffer(4 * Math.ceil(numberCount / 32));

export const countBits = (bits: SharedArrayBuffer): number =>
  new Int32Array(bits).reduce((sum, word) => {
    let count = 0;
    for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
    return sum + count;
  }, 0);

export const partOf = (snapshot: Snapshot, more: Partial<ScanPart> = {}): ScanPart => {
  return { snapshot, rootIndex: 0, inner: [], among: undefined, matched: undefined, ...more };
};

export const requestOf = (query: string, parts: readonly ScanPart[], more: Partial<ScanRequest> = {}): ScanRequest => {
  return { query, ranking: 'path', limit: 50, parts, nextSlice: new SharedArrayBuffer(4), ...more };
};

/** Searches with one thread; a row of root, path, score and indices for each file. */
export const scanned = (query: string, parts: readonly ScanPart[], more: Partial<ScanRequest> = {}): unknown[] =>
  scanSlices(requestOf(query, parts, more), () => false).files.map(({ rootIndex, path, score, indices }) => {
    return [rootIndex, path, score, indices];
  });
