/** The order of a list, and places in it. Sorted when somebody asks, and only when something has changed. */

import type { Direction, Place } from '../../contract/thread-query.ts';
import { utcTimestamp } from '../cursor.ts';
import type { ListedFile } from './listed-file.ts';

export type SortKey = 'created_at' | 'updated_at';

const BY: Readonly<Record<SortKey, (a: ListedFile, b: ListedFile) => number>> = {
  created_at: (a, b) => compareTexts(a.timestamp, b.timestamp) || compareTexts(a.id, b.id),
  updated_at: (a, b) => a.changedAtSec - b.changedAtSec || compareTexts(a.id, b.id),
};

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export class Order {
  readonly #key: SortKey;
  /** Ascending. Never changed in place: who walks through it keeps what was there. */
  #files: readonly ListedFile[] = [];
  #added: ListedFile[] = [];
  #isSorted = true;

  constructor(key: SortKey) {
    this.#key = key;
  }

  add(file: ListedFile): void {
    this.#added.push(file);
    this.#isSorted = false;
  }

  /** Something is gone or has another place. */
  disturb(): void {
    this.#isSorted = false;
  }

  /** All that is there, ascending. */
  get files(): readonly ListedFile[] {
    if (!this.#isSorted) {
      this.#files = [...this.#files, ...this.#added].filter(({ isGone }) => !isGone).sort(BY[this.#key]);
      this.#added = [];
      this.#isSorted = true;
    }
    return this.#files;
  }

  placeOf(file: ListedFile): Place {
    const { timestamp, id, changedAtSec } = file;
    return { timestamp: this.#key === 'created_at' ? timestamp : utcTimestamp(changedAtSec * 1000), id };
  }

  /** Index in `files` of the first one behind a place, on the way in `direction`; outside when there is none. */
  behind(files: readonly ListedFile[], place: Place | null, direction: Direction): number {
    const isAsc = direction === 'asc';
    if (place === null) return isAsc ? 0 : files.length - 1;
    let low = 0;
    let high = files.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const file = files[middle];
      const way = file === undefined ? 1 : comparePlaces(this.placeOf(file), place);
      if (way < 0 || (way === 0 && isAsc)) low = middle + 1;
      else high = middle;
    }
    return isAsc ? low : low - 1;
  }
}

const comparePlaces = (a: Place, b: Place): number =>
  compareTexts(a.timestamp, b.timestamp) || compareTexts(a.id, b.id);
