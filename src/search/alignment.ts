/**
 * Finds the optimal alignment of a fuzzy term inside a window of a path: the matched units with the highest score.
 *
 * In: a candidate, a term and a window that contains the needle in order. Out: the score and, on request, the matched
 * positions. Two rows of numbers are reused between calls; only the positions need a matrix.
 */
import type { Candidate } from './candidate.ts';
import {
  GAP_EXTENSION_COST,
  GAP_START_COST,
  MATCH_SCORE,
  MIN_CONSECUTIVE_BONUS,
  type UnitRange,
  WORD_START_BONUS,
} from './exact.ts';
import type { Term } from './query.ts';

// Above these sizes the reference takes the first match instead: observed on codex app-server 0.94.0.
const MAX_CELLS = 102_400;
const MAX_WINDOW = 65_535;
const MAX_NEEDLE = 2_048;
const MAX_MEMORY_BYTES = 133_120;

const FIRST_CAPACITY = 4_096;

/** The cell was reached from the match directly before it. */
const CONSECUTIVE = 1;
/** The best gap at this cell continues a gap in the previous column. */
const GAP_CONTINUES = 2;

/** Whether a window is small enough to be aligned. */
export function canAlign(window: UnitRange, needleLength: number, plainAscii: boolean): boolean {
  const width = window.end - window.start;
  const columns = width + 1 - needleLength;
  if (width * needleLength > MAX_CELLS || width > MAX_WINDOW || needleLength > MAX_NEEDLE) return false;
  const head = (plainAscii ? 1 : 4) * width + width;
  const rowStarts = alignUp(head, 2) + 2 * needleLength;
  return alignUp(rowStarts, 8) + 8 * columns + columns * needleLength <= MAX_MEMORY_BYTES;
}

const alignUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** Scratch space for alignments; one per matcher. */
export class Aligner {
  /** Score of a match at each column of the latest row; 0 if the unit does not match. */
  #scores = new Int32Array(FIRST_CAPACITY);
  /** Bonus that a run of matches passes on from this column. */
  #carried = new Int32Array(FIRST_CAPACITY);
  #rowStarts = new Int32Array(FIRST_CAPACITY);
  #units: Int32Array = new Int32Array(0);
  #unitBonuses: Uint8Array = new Uint8Array(0);
  #start = 0;
  #width = 0;
  #lastColumn = 0;
  #trace: Uint8Array | undefined;

  /** Best score of the needle inside the window. */
  score(candidate: Candidate, term: Term, window: UnitRange): number {
    this.#trace = undefined;
    return this.#align(candidate, term, window);
  }

  /** Positions of the best alignment, ascending, in units of the path. */
  positions(candidate: Candidate, term: Term, window: UnitRange): number[] {
    const trace = new Uint8Array((window.end - window.start) * term.needle.length);
    this.#trace = trace;
    this.#align(candidate, term, window);
    const found: number[] = [];
    let column = this.#lastColumn;
    for (let row = term.needle.length - 1; row > 0; row--) {
      found.push(window.start + column);
      const consecutive = ((trace[row * this.#width + column] ?? 0) & CONSECUTIVE) !== 0;
      column -= 1;
      if (consecutive) continue;
      while (((trace[(row - 1) * this.#width + column] ?? 0) & GAP_CONTINUES) !== 0) column -= 1;
      column -= 1;
    }
    found.push(window.start + column);
    return found.reverse();
  }

  #align(candidate: Candidate, term: Term, window: UnitRange): number {
    const { needle } = term;
    this.#reserve(window.end - window.start, needle.length);
    this.#units = candidate.unitsFor(term);
    this.#unitBonuses = candidate.bonuses;
    this.#start = window.start;
    this.#width = window.end - window.start;
    this.#findRowStarts(needle);
    this.#firstRow(needle[0]);
    for (let row = 1; row < needle.length; row++) this.#nextRow(row, needle[row]);
    return this.#bestFrom(this.#rowStarts[needle.length - 1] ?? 0);
  }

  /** Finds the earliest column of each row by matching every unit as soon as possible. */
  #findRowStarts(needle: Int32Array): void {
    let column = 0;
    for (let row = 0; row < needle.length; row++) {
      while (column < this.#width && this.#units[this.#start + column] !== needle[row]) column += 1;
      this.#rowStarts[row] = column;
      column += 1;
    }
  }

  #firstRow(wanted: number | undefined): void {
    for (let column = 0; column < this.#width; column++) {
      const matches = this.#units[this.#start + column] === wanted;
      const bonus = this.#unitBonuses[this.#start + column] ?? 0;
      this.#scores[column] = matches ? MATCH_SCORE + 2 * bonus : 0;
      this.#carried[column] = bonus;
    }
  }

  /** Replaces the previous row by the next one, in place. */
  #nextRow(row: number, wanted: number | undefined): void {
    const scores = this.#scores;
    const carried = this.#carried;
    const units = this.#units;
    const trace = this.#trace;
    const width = this.#width;
    const start = this.#start;
    const from = this.#rowStarts[row - 1] ?? 0;
    const first = this.#rowStarts[row] ?? 0;
    // Score of a match and value of a gap in the previous row at the previous column.
    let before = scores[from] ?? 0;
    let carriedBefore = carried[from] ?? 0;
    let gap = 0;
    for (let column = from + 1; column < width; column++) {
      const above = scores[column] ?? 0;
      const carriedAbove = carried[column] ?? 0;
      if (column >= first && units[start + column] === wanted) {
        const bonus = this.#unitBonuses[start + column] ?? 0;
        let score = gap + bonus;
        let carry = bonus;
        if (before > 0) {
          let run = Math.max(carriedBefore, MIN_CONSECUTIVE_BONUS);
          if (bonus >= WORD_START_BONUS && bonus > run) run = bonus;
          const consecutive = before + Math.max(run, bonus);
          if (consecutive > score) {
            score = consecutive;
            carry = run;
            if (trace !== undefined) trace[row * width + column] = CONSECUTIVE;
          }
        }
        scores[column] = score + MATCH_SCORE;
        carried[column] = carry;
      } else {
        scores[column] = 0;
      }
      const started = before - GAP_START_COST;
      const continued = gap > GAP_EXTENSION_COST ? gap - GAP_EXTENSION_COST : 0;
      gap = Math.max(started, continued);
      if (trace !== undefined && started <= continued) noteFlag(trace, (row - 1) * width + column, GAP_CONTINUES);
      before = above;
      carriedBefore = carriedAbove;
    }
  }

  /** The highest score of the last row; the last one on a tie. */
  #bestFrom(from: number): number {
    let best = 0;
    for (let column = from; column < this.#width; column++) {
      const score = this.#scores[column] ?? 0;
      if (score < best || score === 0) continue;
      best = score;
      this.#lastColumn = column;
    }
    return best;
  }

  #reserve(width: number, needleLength: number): void {
    if (width > this.#scores.length) {
      this.#scores = new Int32Array(width);
      this.#carried = new Int32Array(width);
    }
    if (needleLength > this.#rowStarts.length) this.#rowStarts = new Int32Array(needleLength);
  }
}

function noteFlag(trace: Uint8Array, cell: number, flag: number): void {
  trace[cell] = (trace[cell] ?? 0) | flag;
}
