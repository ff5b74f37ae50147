/**
 * The path that is being matched, as units in reusable arrays. A plain ASCII path allocates nothing.
 *
 * In: a folder and a name. Out: units as a term reads them, classes and bonuses. The instance owns the arrays and
 * overwrites them with each `load`.
 */
import { letterBit } from './query.ts';
import { CLASS_COUNT, UnitClass, type UnitReading, type UnitTable } from './unit-table.ts';
import { isPlainAscii, type UnitSplitter } from './units.ts';

const FIRST_CAPACITY = 4_096;
const ASCII_COUNT = 128;
const ALL_LETTERS = -1;
const CARRIAGE_RETURN = 0x0d;
/** Index of the first reading of composed units. */
const COMPOSED = 4;

/**
 * Bonus of a unit by the classes of the previous unit and of itself. Matches that start a word, a path component or a
 * number get one. Values observed on codex app-server 0.94.0.
 */
export function bonusOf(previous: number, current: number): number {
  const isSign = current === UnitClass.whitespace || current === UnitClass.nonword;
  const isWord = !isSign && current !== UnitClass.delimiter;
  if (isWord && previous === UnitClass.delimiter) return 9;
  if (isWord && (previous === UnitClass.whitespace || previous === UnitClass.nonword)) return 8;
  if (previous === UnitClass.lower && current === UnitClass.upper) return 5;
  if (previous !== UnitClass.number && current === UnitClass.number) return 5;
  return isSign ? 8 : 0;
}

/** Reusable buffer for the path that is being matched. */
export class Candidate {
  /** Number of units. */
  length = 0;
  /** Whether the path is all ASCII, so that units and characters are the same. */
  plainAscii = true;
  /** `letterBit`s of the path; all bits if the path has non-ASCII characters. */
  letters = 0;
  /** Bonus of each unit; filled by `prepare`. */
  bonuses = new Uint8Array(FIRST_CAPACITY);
  /** Class of each unit; filled by `prepare`. */
  classes = new Uint8Array(FIRST_CAPACITY);

  readonly #table: UnitTable;
  readonly #splitter: UnitSplitter;
  readonly #lower = Uint8Array.from({ length: ASCII_COUNT }, (_, unit) =>
    unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit,
  );
  readonly #bonusTable = Uint8Array.from({ length: CLASS_COUNT * CLASS_COUNT }, (_, pair) =>
    bonusOf(Math.floor(pair / CLASS_COUNT), pair % CLASS_COUNT),
  );
  /** Units by reading: unchanged, case folded, base letters, both; then the same for composed units. */
  readonly #readings = Array.from({ length: 2 * COMPOSED }, () => new Int32Array(FIRST_CAPACITY));
  #hasOwnComposed = false;
  /** Index of the first reading in use: 0 or `COMPOSED`. */
  #base = 0;
  #filled = 0;
  #prepared = false;
  /** The folder whose units are at the front of the arrays; kept while names of the same folder follow. */
  #folder: string | undefined = undefined;
  #folderLetters: number | undefined = 0;

  constructor(table: UnitTable, splitter: UnitSplitter) {
    this.#table = table;
    this.#splitter = splitter;
  }

  /** Loads a path in two parts; `folder` is empty or ends in a slash. */
  load(folder: string, name: string): void {
    this.#prepared = false;
    this.#base = 0;
    this.#hasOwnComposed = false;
    this.#reserve(folder.length + name.length);
    if (folder !== this.#folder) {
      this.#folder = folder;
      this.#folderLetters = this.#write(folder, 0);
    }
    const nameLetters = this.#folderLetters === undefined ? undefined : this.#write(name, folder.length);
    if (this.#folderLetters === undefined || nameLetters === undefined) {
      this.#loadOther(folder + name);
      return;
    }
    this.length = folder.length + name.length;
    this.plainAscii = true;
    this.letters = nameLetters | this.#folderLetters;
    this.#filled = 0b11;
  }

  /** Units as a term with this reading sees them; valid until the next `load`. */
  unitsFor(reading: UnitReading): Int32Array {
    const folds = reading.ignoreCase ? 1 : 0;
    const index = this.#base + (this.plainAscii || !reading.baseLetters ? folds : folds + 2);
    const units = this.#at(index);
    if ((this.#filled & (1 << index)) === 0) {
      const plain = this.#at(this.#base);
      for (let at = 0; at < this.length; at++) units[at] = this.#table.read(plain[at] ?? 0, reading);
      this.#filled |= 1 << index;
    }
    return units;
  }

  /** Whether some letter of the path has separate combining marks, so that its composed units differ. */
  get hasOwnComposed(): boolean {
    return this.#hasOwnComposed;
  }

  /** Switches to the composed units of the path, or back. Invalidates what `prepare` filled. */
  readComposed(composed: boolean): void {
    if (!this.#hasOwnComposed) return;
    this.#base = composed ? COMPOSED : 0;
    this.#prepared = false;
  }

  /** Fills `classes` and `bonuses` unless they are filled. */
  prepare(): void {
    if (this.#prepared) return;
    this.#prepared = true;
    const { classes, bonuses, length } = this;
    const units = this.#at(this.#base);
    let previous: number = UnitClass.delimiter;
    for (let at = 0; at < length; at++) {
      const current = this.#table.classOf(units[at] ?? 0);
      classes[at] = current;
      bonuses[at] = this.#bonusTable[previous * CLASS_COUNT + current] ?? 0;
      previous = current;
    }
  }

  /** Bonus of a unit of class `current` after one of class `previous`. */
  bonusAfter(previous: number, current: number): number {
    return this.#bonusTable[previous * CLASS_COUNT + current] ?? 0;
  }

  /** Writes ASCII text as units and returns its letters; undefined if it contains anything else. */
  #write(text: string, from: number): number | undefined {
    const plain = this.#at(0);
    const folded = this.#at(1);
    const lower = this.#lower;
    let letters = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit >= ASCII_COUNT || unit === CARRIAGE_RETURN) return undefined;
      const small = lower[unit] ?? unit;
      plain[from + at] = unit;
      folded[from + at] = small;
      letters |= letterBit(small);
    }
    return letters;
  }

  #loadOther(path: string): void {
    // The front of the arrays no longer contains the folder alone.
    this.#folder = undefined;
    const plain = this.#at(0);
    const composed = this.#at(COMPOSED);
    let length = 0;
    this.#splitter.split(path, (unit, _, composedUnit) => {
      plain[length] = unit;
      composed[length] = composedUnit;
      if (unit !== composedUnit) this.#hasOwnComposed = true;
      length += 1;
    });
    this.length = length;
    this.plainAscii = isPlainAscii(path);
    this.letters = ALL_LETTERS;
    this.#filled = 1 | (1 << COMPOSED);
  }

  #at(index: number): Int32Array {
    const units = this.#readings[index];
    if (units === undefined) throw new RangeError(`no reading ${index}`);
    return units;
  }

  #reserve(length: number): void {
    if (length <= this.bonuses.length) return;
    const capacity = 2 ** Math.ceil(Math.log2(length));
    this.bonuses = new Uint8Array(capacity);
    this.classes = new Uint8Array(capacity);
    for (let index = 0; index < this.#readings.length; index++) this.#readings[index] = new Int32Array(capacity);
    this.#folder = undefined;
  }
}
