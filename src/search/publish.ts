/** Builds snapshots: the table of an index's folders, divided into slices. */
import type { Snapshot } from '../contract/search-messages.ts';
import { type Arena, type BlockPosition, chunkOf, offsetOf } from './arena.ts';
import { TABLE_FIELDS } from './snapshot.ts';

/** A folder and the block of its files; undefined if it has no files of its own. */
interface FolderBlock {
  readonly position: BlockPosition | undefined;
}

export interface SnapshotParts {
  readonly root: string;
  readonly version: number;
  readonly complete: boolean;
  readonly arena: Arena;
  readonly folders: Iterable<FolderBlock>;
}

/**
 * A slice is large enough to be worth sending to another thread, and there are enough of them to keep all threads
 * busy.
 */
const MIN_FILES = 2_048;
const MAX_SLICES = 64;
const BITS_PER_WORD = 32;

/** Builds a version of an index. The arena may be written to afterwards, but not cleared. */
export function makeSnapshot({ root, version, complete, arena, folders }: SnapshotParts): Snapshot {
  const positions: BlockPosition[] = [];
  let fileCount = 0;
  for (const { position } of folders) {
    if (position === undefined) continue;
    positions.push(position);
    fileCount += arena.fileCount(position);
  }
  const perSlice = Math.max(MIN_FILES, Math.ceil(fileCount / MAX_SLICES));
  const table = new SharedArrayBuffer(TABLE_FIELDS * Int32Array.BYTES_PER_ELEMENT * positions.length);
  const rows = new Int32Array(table);
  const slices: number[] = [];
  let number = 0;
  let sliceEnd = 0;
  let row = 0;
  for (const position of positions) {
    if (number >= sliceEnd) {
      slices.push(row / TABLE_FIELDS);
      // Threads set bits by file number, and must not share a word.
      number = Math.ceil(number / BITS_PER_WORD) * BITS_PER_WORD;
      sliceEnd = number + perSlice;
    }
    rows[row] = chunkOf(position);
    rows[row + 1] = offsetOf(position);
    rows[row + 2] = number;
    row += TABLE_FIELDS;
    number += arena.fileCount(position);
  }
  return {
    root,
    version,
    complete,
    chunks: arena.chunks,
    table,
    slices: Int32Array.from([...slices, positions.length]),
    fileCount,
    numberCount: number,
  };
}
