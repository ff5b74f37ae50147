/** Makes snapshots: the table of an index's folders, divided into slices. */
import type { Snapshot } from '../contract/search-messages.ts';
import { type Arena, chunkOf, offsetOf, type Place } from './arena.ts';
import { TABLE_FIELDS } from './snapshot.ts';

/** A folder and the block of its files; none if it has no files of its own. */
interface PlacedFolder {
  readonly place: Place | undefined;
}

export interface SnapshotParts {
  readonly root: string;
  readonly version: number;
  readonly complete: boolean;
  readonly arena: Arena;
  readonly folders: Iterable<PlacedFolder>;
}

/** A slice is worth the way to another thread, and there are enough of them to keep all threads busy to the end. */
const FEWEST_FILES = 2_048;
const MOST_SLICES = 64;
const BITS_PER_WORD = 32;

/** Puts a version of an index together. The arena may be written to afterwards, but not cleared. */
export function makeSnapshot({ root, version, complete, arena, folders }: SnapshotParts): Snapshot {
  const places: Place[] = [];
  let fileCount = 0;
  for (const { place } of folders) {
    if (place === undefined) continue;
    places.push(place);
    fileCount += arena.fileCount(place);
  }
  const perSlice = Math.max(FEWEST_FILES, Math.ceil(fileCount / MOST_SLICES));
  const table = new SharedArrayBuffer(TABLE_FIELDS * Int32Array.BYTES_PER_ELEMENT * places.length);
  const rows = new Int32Array(table);
  const slices: number[] = [];
  let number = 0;
  let sliceEnd = 0;
  let row = 0;
  for (const place of places) {
    if (number >= sliceEnd) {
      slices.push(row / TABLE_FIELDS);
      // Threads set bits by file number, and a word must not be shared by two of them.
      number = Math.ceil(number / BITS_PER_WORD) * BITS_PER_WORD;
      sliceEnd = number + perSlice;
    }
    rows[row] = chunkOf(place);
    rows[row + 1] = offsetOf(place);
    rows[row + 2] = number;
    row += TABLE_FIELDS;
    number += arena.fileCount(place);
  }
  return {
    root,
    version,
    complete,
    chunks: arena.chunks,
    table,
    slices: Int32Array.from([...slices, places.length]),
    fileCount,
    numberCount: number,
  };
}
