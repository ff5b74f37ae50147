/**
 * Scores plain ASCII paths directly from bytes, for queries of fuzzy terms: the same scores as `Matcher`, without a
 * string or an array per path.
 *
 * In: the bytes of a folder, then those of names in it. Out: scores. The folder's path is processed once and each
 * name continues from its state. The alignment goes through a path from left to right, and only columns that match
 * change the state. Owns its scratch space.
 */
import { GAP_EXTENSION_COST, GAP_START_COST, MATCH_SCORE, MIN_CONSECUTIVE_BONUS, WORD_START_BONUS } from './exact.ts';
import { letterBit, type Term } from './query.ts';
import { NO_MATCH } from './score.ts';

/** Each unit of a needle needs one bit of an integer. */
const MAX_UNITS = 30;
/** Paths up to this length are always aligned, because the needles are short; see `canAlign`. */
export const LONGEST_PATH = 1_024;

/** Each term has tables of its own. */
const MAX_TERMS = 64;

const ASCII_COUNT = 128;
const SLASH = 0x2f;
/** The highest bonus: that of the first character of a path component. */
const BEST_BONUS = 9;

// State of a row (a unit of the needle) at some column, one field each.
const LAST_COLUMN = 0; // column of the last match
const LAST_SCORE = 1; // score of the last match
const LAST_CARRY = 2; // bonus that a run continuing from there passes on
const GAP_AT_LAST = 3; // value of leaving that column unmatched
const GAP = 4; // value of a gap at the column after the last match; one less at each further column
const FIELDS = 5;

/** A term whose state advances byte by byte. */
class TermState {
  readonly length: number;
  /** How often the term's score counts. */
  readonly count: number;
  /** The letters still missing after the first n units of the needle, indexed by n. */
  readonly missing: Int32Array;
  /** The maximum score of this term. */
  readonly maxScore: number;
  /** Letter of each unit. */
  readonly #rowLetters: Int32Array;
  /**
   * The maximum score of the folder's path and a name, indexed by how many units of the needle the name lacks.
   * Computed per folder.
   */
  readonly #bounds: Int32Array;
  readonly #rowsOf = new Int32Array(ASCII_COUNT);
  readonly #bonuses: Uint8Array;
  readonly #rows: Int32Array;
  readonly #folderRows: Int32Array;
  #folderSeen = 0;
  #folderBest = 0;
  #folderStopped = false;
  #seen = 0;
  #best = 0;
  /** A needle of one unit stops at the first word start. */
  #stopped = false;
  #touched = 0;

  constructor({ needle, ignoreCase, count }: Term, bonuses: Uint8Array) {
    this.count = count;
    this.length = needle.length;
    this.maxScore = MATCH_SCORE + 2 * BEST_BONUS + (needle.length - 1) * (MATCH_SCORE + BEST_BONUS);
    this.#bonuses = bonuses;
    this.#rows = new Int32Array(needle.length * FIELDS);
    this.#folderRows = new Int32Array(needle.length * FIELDS);
    this.missing = new Int32Array(needle.length + 1);
    this.#rowLetters = new Int32Array(needle.length);
    this.#bounds = new Int32Array(needle.length + 1);
    for (let row = needle.length - 1; row >= 0; row--) {
      const unit = needle[row] ?? 0;
      this.#rowLetters[row] = letterBit(lowered(unit));
      this.missing[row] = (this.missing[row + 1] ?? 0) | letterBit(lowered(unit));
      this.#addRow(unit, row);
      if (ignoreCase && unit >= 0x61 && unit <= 0x7a) this.#addRow(unit - 0x20, row);
    }
  }

  #addRow(unit: number, row: number): void {
    this.#rowsOf[unit] = (this.#rowsOf[unit] ?? 0) | (1 << row);
  }

  /** Starts over with the bytes of a folder, which are empty or end in a slash. */
  enter(bytes: Uint8Array, start: number, end: number): void {
    this.#rows.fill(0);
    for (let at = LAST_COLUMN; at < this.#rows.length; at += FIELDS) this.#rows[at] = -2;
    this.#seen = 0;
    this.#best = 0;
    this.#stopped = false;
    this.#run(bytes, start, end, 0);
    this.#folderRows.set(this.#rows);
    this.#folderSeen = this.#seen;
    this.#folderBest = this.#best;
    this.#folderStopped = this.#stopped;
    this.#touched = 0;
    this.#findBounds(end - start);
  }

  /** Letters that a name needs to match below the folder. */
  get needed(): number {
    return this.missing[this.#folderSeen] ?? 0;
  }

  /** The maximum score below the folder of a name with these letters. */
  bound(letters: number): number {
    let given = this.length;
    while (given > 0 && ((this.#rowLetters[given - 1] ?? 0) & ~letters) === 0) given -= 1;
    return this.#bounds[given] ?? 0;
  }

  #findBounds(length: number): void {
    const bounds = this.#bounds;
    const rows = this.#folderRows;
    const last = this.length - 1;
    let bound = this.#folderBest;
    bounds[this.length] = bound;
    for (let given = last; given > 0; given--) {
      const at = (given - 1) * FIELDS;
      if (given <= this.#folderSeen) {
        const column = rows[at + LAST_COLUMN] ?? 0;
        const gap = (rows[at + GAP] ?? 0) - GAP_EXTENSION_COST * (length - 2 - column);
        // A match in the last column may also be skipped in favour of a better one before it.
        const isLast = column === length - 1;
        const held = isLast ? Math.max(rows[at + LAST_SCORE] ?? 0, rows[at + GAP_AT_LAST] ?? 0) : Math.max(0, gap);
        bound = Math.max(bound, held + (last - given + 1) * (MATCH_SCORE + BEST_BONUS));
      }
      bounds[given] = bound;
    }
    bounds[0] = this.maxScore;
  }

  /** The score of the folder's path followed by the name. */
  score(bytes: Uint8Array, start: number, end: number, column: number): number {
    this.#restore();
    this.#run(bytes, start, end, column);
    return this.#seen < this.length ? NO_MATCH : this.#best;
  }

  #restore(): void {
    this.#seen = this.#folderSeen;
    this.#best = this.#folderBest;
    this.#stopped = this.#folderStopped;
    const rows = this.#rows;
    const kept = this.#folderRows;
    for (let touched = this.#touched; touched !== 0; ) {
      const row = 31 - Math.clz32(touched);
      touched ^= 1 << row;
      const from = row * FIELDS;
      for (let at = from; at < from + FIELDS; at++) rows[at] = kept[at] ?? 0;
    }
    this.#touched = 0;
  }

  #run(bytes: Uint8Array, start: number, end: number, firstColumn: number): void {
    const rowsOf = this.#rowsOf;
    const last = this.length - 1;
    const shift = firstColumn - start;
    let active = (2 << this.#seen) - 1;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      let rows = (rowsOf[byte] ?? 0) & active;
      if (rows === 0) continue;
      // The first character of a path or a name gets the bonus of one after a slash.
      const previous = at === start ? SLASH : (bytes[at - 1] ?? 0);
      const bonus = this.#bonuses[(previous << 7) | byte] ?? 0;
      if (last === 0) {
        this.#meet(bonus);
        continue;
      }
      const column = at + shift;
      this.#touched |= rows;
      // From the last row to the first, because each reads the previous row as it was one column earlier.
      while (rows !== 0) {
        const row = 31 - Math.clz32(rows);
        rows ^= 1 << row;
        if (row === this.#seen) {
          this.#seen += 1;
          active = (2 << this.#seen) - 1;
        }
        const score = row === 0 ? this.#first(column, bonus) : this.#next(row, column, bonus);
        if (row === last && score > this.#best) this.#best = score;
      }
    }
  }

  #meet(bonus: number): void {
    this.#seen = 1;
    if (this.#stopped) return;
    this.#best = Math.max(this.#best, MATCH_SCORE + 2 * bonus);
    this.#stopped = bonus >= WORD_START_BONUS;
  }

  #first(column: number, bonus: number): number {
    const score = MATCH_SCORE + 2 * bonus;
    this.#note(0, column, score, bonus);
    return score;
  }

  #next(row: number, column: number, bonus: number): number {
    const rows = this.#rows;
    const above = (row - 1) * FIELDS;
    const lastColumn = rows[above + LAST_COLUMN] ?? 0;
    let score: number;
    let carry = bonus;
    if (lastColumn === column - 1) {
      score = (rows[above + GAP_AT_LAST] ?? 0) + bonus;
      let run = rows[above + LAST_CARRY] ?? 0;
      if (run < MIN_CONSECUTIVE_BONUS) run = MIN_CONSECUTIVE_BONUS;
      if (bonus >= WORD_START_BONUS && bonus > run) run = bonus;
      const consecutive = (rows[above + LAST_SCORE] ?? 0) + Math.max(run, bonus);
      if (consecutive > score) {
        score = consecutive;
        carry = run;
      }
    } else {
      const gap = (rows[above + GAP] ?? 0) - GAP_EXTENSION_COST * (column - 2 - lastColumn);
      score = Math.max(gap, 0) + bonus;
    }
    score += MATCH_SCORE;
    this.#note(row, column, score, carry);
    return score;
  }

  #note(row: number, column: number, score: number, carry: number): void {
    const rows = this.#rows;
    const at = row * FIELDS;
    const held = (rows[at + GAP] ?? 0) - GAP_EXTENSION_COST * (column - 1 - (rows[at + LAST_COLUMN] ?? 0));
    const gapHere = Math.max(held, 0);
    const continued = gapHere - GAP_EXTENSION_COST;
    const started = score - GAP_START_COST;
    rows[at + LAST_COLUMN] = column;
    rows[at + LAST_SCORE] = score;
    rows[at + LAST_CARRY] = carry;
    rows[at + GAP_AT_LAST] = gapHere;
    rows[at + GAP] = Math.max(started, continued);
  }
}

const lowered = (unit: number): number => (unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit);

/** Matches a query of fuzzy terms against bytes. */
export class ByteMatcher {
  /** The maximum score of any path. */
  readonly maxScore: number;
  readonly #states: readonly TermState[];

  private constructor(states: readonly TermState[]) {
    this.#states = states;
    this.maxScore = states.reduce((sum, { maxScore, count }) => sum + count * maxScore, 0);
  }

  /** Creates a matcher for these terms with `TextTools.asciiBonuses`; undefined if it does not support them. */
  static of(terms: readonly Term[], bonuses: Uint8Array): ByteMatcher | undefined {
    const simple = terms.every((term) => {
      return term.kind === 'fuzzy' && !term.negated && term.plainAscii && term.needle.length <= MAX_UNITS;
    });
    if (!simple || terms.length > MAX_TERMS) return undefined;
    return new ByteMatcher(terms.map((term) => new TermState(term, bonuses)));
  }

  /** Sets the folder of the following names: its plain ASCII path, empty or ending in a slash. */
  enter(bytes: Uint8Array, start: number, end: number): void {
    for (const state of this.#states) state.enter(bytes, start, end);
  }

  /** Letters that a name needs to match below the folder. */
  get needed(): number {
    return this.#states.reduce((letters, { needed }) => letters | needed, 0);
  }

  /** The maximum score below the folder of a name with these letters. */
  bound(letters: number): number {
    let total = 0;
    for (const state of this.#states) total += state.count * state.bound(letters);
    return total;
  }

  /** The score of a name below the folder, or `NO_MATCH`. `column` is the length of the folder's path. */
  score(bytes: Uint8Array, start: number, end: number, column: number): number {
    let total = 0;
    for (const state of this.#states) {
      const score = state.score(bytes, start, end, column);
      if (score === NO_MATCH) return NO_MATCH;
      total += state.count * score;
    }
    return total;
  }
}
