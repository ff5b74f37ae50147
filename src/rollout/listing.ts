/**
 * The files of stored threads in order. In: a folder, an order, a place to go on behind. Out: files one by one, as far as
 * somebody asks: folders of days are opened when their turn comes, and the files themselves are not read. Nothing is kept
 * between calls.
 */
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { comparePlaces, type Place, utcTimestamp } from './cursor.ts';
import { type DayFolder, type Direction, dayFolders, isMissing } from './day-folders.ts';
import { Heap } from './heap.ts';
import { parseRolloutName } from './name.ts';

/** How many entries of a folder are read at once: more would hold up everything else. */
const ENTRIES_AT_ONCE = 512;
const STATS_AT_ONCE = 16;

export interface ListedFile {
  readonly path: string;
  readonly place: Place;
}

export interface FileQuery {
  readonly folder: string;
  /** Folders of days below it, or all files in it. */
  readonly layout: 'days' | 'flat';
  /** `name`: by the time in a file's name, which is local. `change`: by that of its last change, UTC, whole seconds. */
  readonly by: 'name' | 'change';
  readonly direction: Direction;
  /** Only what comes behind this place. */
  readonly after: Place | null;
  readonly signal: AbortSignal;
}

/** A missing folder has no files. Throws the signal's reason and the file system's error. */
export async function* listFiles(query: FileQuery): AsyncGenerator<ListedFile> {
  query.signal.throwIfAborted();
  if (query.by === 'change') {
    yield* inOrder(query, withChangeTimes(everyFile(query), query.signal));
  } else if (query.layout === 'flat') {
    yield* inOrder(query, everyFile(query));
  } else {
    const days = dayFolders(query.folder, query.direction, (day) => mayHold(query, day));
    for await (const day of days) yield* inOrder(query, filesOf(day, query.signal));
  }
}

/** Whether anything of a day can come behind the place. */
function mayHold({ after, direction }: FileQuery, day: string): boolean {
  if (after === null) return true;
  const wanted = after.timestamp.slice(0, day.length);
  return direction === 'asc' ? day >= wanted : day <= wanted;
}

async function* inOrder(query: FileQuery, files: AsyncIterable<ListedFile>): AsyncGenerator<ListedFile> {
  const sign = query.direction === 'asc' ? 1 : -1;
  const heap = new Heap<ListedFile>((a, b) => sign * comparePlaces(a.place, b.place) < 0);
  for await (const file of files) {
    if (query.after === null || sign * comparePlaces(file.place, query.after) > 0) heap.push(file);
  }
  yield* heap.drain();
}

async function* everyFile({ folder, layout, signal }: FileQuery): AsyncGenerator<ListedFile> {
  if (layout === 'flat') return yield* filesIn(folder, null, signal);
  for await (const day of dayFolders(folder, 'desc', () => true)) yield* filesOf(day, signal);
}

async function* filesOf({ paths, day }: DayFolder, signal: AbortSignal): AsyncGenerator<ListedFile> {
  for (const path of paths) yield* filesIn(path, day, signal);
}

async function* filesIn(folder: string, day: string | null, signal: AbortSignal): AsyncGenerator<ListedFile> {
  for await (const name of fileNames(folder)) {
    signal.throwIfAborted();
    const parsed = parseRolloutName(name);
    if (parsed === null) continue;
    const timestamp = day === null ? parsed.timestamp : withinDay(parsed.timestamp, day);
    yield { path: join(folder, name), place: { timestamp, id: parsed.id } };
  }
}

/**
 * A file that lies in the folder of another day is listed with that day: at its end or beginning, so that a place is always
 * further on than all that was listed before it.
 */
function withinDay(timestamp: string, day: string): string {
  if (timestamp.startsWith(day)) return timestamp;
  return timestamp < day ? `${day}T00-00-00` : `${day}T23-59-59`;
}

async function* fileNames(folder: string): AsyncGenerator<string> {
  try {
    for await (const entry of await opendir(folder, { bufferSize: ENTRIES_AT_ONCE })) {
      if (entry.isFile()) yield entry.name;
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Files that are gone meanwhile are left out. */
async function* withChangeTimes(files: AsyncIterable<ListedFile>, signal: AbortSignal): AsyncGenerator<ListedFile> {
  let batch: ListedFile[] = [];
  for await (const file of files) {
    batch.push(file);
    if (batch.length < STATS_AT_ONCE) continue;
    yield* await changeTimes(batch);
    signal.throwIfAborted();
    batch = [];
  }
  yield* await changeTimes(batch);
}

async function changeTimes(files: readonly ListedFile[]): Promise<ListedFile[]> {
  const dated = files.map(async ({ path, place: { id } }): Promise<ListedFile | null> => {
    const found = await stat(path).catch(() => null);
    return found === null ? null : { path, place: { timestamp: utcTimestamp(found.mtimeMs), id } };
  });
  return (await Promise.all(dated)).filter((file) => file !== null);
}
