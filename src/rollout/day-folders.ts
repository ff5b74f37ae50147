/** The folders of stored threads, one for each day: `<year>/<month>/<day>`, named by number. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export type Direction = 'asc' | 'desc';

export interface DayFolder {
  /** More than one when a number is spelled in more than one way. */
  readonly paths: readonly string[];
  /** `YYYY-MM-DD`; null when there is no such day. */
  readonly day: string | null;
}

interface Numbered {
  readonly number: number;
  readonly paths: string[];
}

/**
 * Day by day. Days that `isWanted` refuses are not given, nor are their folders opened. Throws the file system's error; a
 * folder that is missing, `root` included, has no days.
 */
export async function* dayFolders(
  root: string,
  direction: Direction,
  isWanted: (day: string) => boolean,
): AsyncGenerator<DayFolder> {
  for (const year of await numbered([root], direction)) {
    for (const month of await numbered(year.paths, direction)) {
      for (const { number, paths } of await numbered(month.paths, direction)) {
        const day = realDay(year.number, month.number, number);
        if (day === null || isWanted(day)) yield { paths, day };
      }
    }
  }
}

/** Folders below `paths` that are named by a number, in the order of their numbers. */
async function numbered(paths: readonly string[], direction: Direction): Promise<Numbered[]> {
  const found = new Map<number, Numbered>();
  for (const path of paths) {
    for (const entry of await entriesOf(path)) {
      if (!entry.isDirectory() || !/^\d{1,5}$/.test(entry.name)) continue;
      const number = Number(entry.name);
      const known = found.get(number) ?? { number, paths: [] };
      known.paths.push(join(path, entry.name));
      found.set(number, known);
    }
  }
  const sign = direction === 'asc' ? 1 : -1;
  return [...found.values()].sort((a, b) => sign * (a.number - b.number));
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

function realDay(year: number, month: number, day: number): string | null {
  const text = [String(year).padStart(4, '0'), ...[month, day].map((part) => String(part).padStart(2, '0'))].join('-');
  const parsed = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text) ? text : null;
}
