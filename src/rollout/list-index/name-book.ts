/** The names that people gave to threads, read again when their file has changed. */
import { statSync } from 'node:fs';
import { readRegularSync } from '../../base/regular-file.ts';
import { parseThreadNames } from '../thread-names.ts';

/** More than a million names. */
const LARGEST_BYTES = 1 << 28;

export class NameBook {
  readonly #path: string;
  #names: ReadonlyMap<string, string> = new Map();
  #read = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** By id. Without a file that can be read there are none. */
  read(): ReadonlyMap<string, string> {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path);
      const now = `${mtimeMs} ${size} ${ino}`;
      if (now !== this.#read)
        this.#names = parseThreadNames(readRegularSync(this.#path, LARGEST_BYTES).toString('utf8'));
      this.#read = now;
    } catch {
      this.#names = new Map();
      this.#read = '';
    }
    return this.#names;
  }
}
