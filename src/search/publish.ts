/** Makes snapshots: the table of an index's folders, divided into slices. */
import type { Arena, Place } from './arena.ts';
import { type Snapshot, TABLE_FIELDS } from './snapshot.ts';

/** A folder and the block of its files; none if it has no files of its own. */
export interface PlacedFolder {
  readonly place: Place | undefined;
  readonly fileCount: number;
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
  const placed = [...folders].flatMap(({ place, fileCount }) => (place === undefined ? [] : [{ place, fileCount }]));
  const fileCount = placed.reduce((sum, folder) => sum + folder.fileCount, 0);
  const perSlice = Math.max(FEWEST_FILES, Math.ceil(fileCount / MOST_SLICES));
  const table = new SharedArrayBuffer(TABLE_FIELDS * Int32Array.BYTES_PER_ELEMENT * placed.length);
  const rows = new Int32Array(table);
  const slices: number[] = [];
  let number = 0;
  let sliceEnd = 0;
  for (let index = 0; index < placed.length; index++) {
    const folder = placed[index];
    if (folder === undefined) break;
    if (number >= sliceEnd) {
      slices.push(index);
      // Threads set bits by file number, and a word must not be shared by two of them.
      number = Math.ceil(number / BITS_PER_WORD) * BITS_PER_WORD;
      sliceEnd = number + perSlice;
    }
    rows.set([folder.place.chunk, folder.place.at, number], TABLE_FIELDS * index);
    number += folder.fileCount;
  }
  return {
    root,
    version,
    complete,
    chunks: [...arena.chunks],
    table,
    slices: Int32Array.from([...slices, placed.length]),
    fileCount,
    numberCount: number,
  };
}
