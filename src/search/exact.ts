/** Finds a needle in a path as one piece, and scores a run of matches. */
import type { Candidate } from './candidate.ts';
import type { Term } from './query.ts';
import type { UnitReading } from './unit-table.ts';

/** Score of one matched unit; observed on codex app-server 0.94.0, like all numbers of this folder. */
export const MATCH_SCORE = 16;
/** Cost of the first unmatched unit between two matches, and of each further one. */
export const GAP_START_COST = 3;
export const GAP_EXTENSION_COST = 1;
/** Minimum bonus of a match directly after another. */
export const MIN_CONSECUTIVE_BONUS = 4;
/** A position with at least this bonus starts a word and ends the search for a better single position. */
export const WORD_START_BONUS = 8;

/** Score of matching the needle in order between two positions, where the first unit is a match. */
export function runScore(candidate: Candidate, term: Term, { start, end }: UnitRange): number {
  const units = candidate.unitsFor(term);
  const { needle } = term;
  const { bonuses } = candidate;
  let best = bonuses[start] ?? 0;
  let score = MATCH_SCORE + 2 * best;
  let running = true;
  let next = 1;
  for (let at = start + 1; at < end; at++) {
    if (next < needle.length && units[at] === needle[next]) {
      let bonus = bonuses[at] ?? 0;
      if (running) {
        if (bonus >= WORD_START_BONUS && bonus > best) best = bonus;
        bonus = Math.max(bonus, best, MIN_CONSECUTIVE_BONUS);
      } else {
        best = bonus;
      }
      score += MATCH_SCORE + bonus;
      running = true;
      next += 1;
    } else {
      score = Math.max(0, score - (running ? GAP_START_COST : GAP_EXTENSION_COST));
      running = false;
    }
  }
  return score;
}

/** Positions that `runScore` counts as matches. */
export function runPositions(candidate: Candidate, term: Term, { start, end }: UnitRange): readonly number[] {
  const units = candidate.unitsFor(term);
  const found: number[] = [];
  for (let at = start; at < end && found.length < term.needle.length; at++) {
    if (units[at] === term.needle[found.length]) found.push(at);
  }
  return found;
}

/** A range of units; the end is exclusive. */
export interface UnitRange {
  readonly start: number;
  readonly end: number;
}

/** Where a term matched. One object is reused, so that matching allocates nothing per path. */
export interface Match extends UnitRange {
  start: number;
  end: number;
  /** What remains to be done: score the run, align inside the span, or nothing. */
  next: 'run' | 'align' | 'done';
  /** The score if `next` is `done`. */
  score: number;
}

/** Finds the needle as one piece, as the kind of the term requires. */
export function findPiece(candidate: Candidate, term: Term, match: Match): boolean {
  switch (term.kind) {
    case 'prefix':
      return pieceAt(candidate, term, leadingBlanks(candidate, term), match);
    case 'suffix':
      return pieceAt(candidate, term, endWithoutBlanks(candidate, term) - term.needle.length, match);
    case 'whole': {
      const start = leadingBlanks(candidate, term);
      const fits = endWithoutBlanks(candidate, term) - start === term.needle.length;
      return fits && pieceAt(candidate, term, start, match);
    }
    case 'substring':
    case 'fuzzy':
      return findSubstring(candidate, term, match);
  }
}

/** Matches the needle at `start` if it is there. */
export function pieceAt(candidate: Candidate, term: Term, start: number, match: Match): boolean {
  if (!matchesAt(candidate, term, start)) return false;
  match.start = start;
  match.end = start + term.needle.length;
  match.next = 'run';
  return true;
}

function matchesAt(candidate: Candidate, term: Term, start: number): boolean {
  const { needle } = term;
  if (start < 0 || start + needle.length > candidate.length) return false;
  const units = candidate.unitsFor(term);
  for (let at = 0; at < needle.length; at++) {
    if (units[start + at] !== needle[at]) return false;
  }
  return true;
}

/**
 * The best position of a one-unit needle: the first one with the highest bonus. The first word start ends the search.
 */
export function findUnit(candidate: Candidate, term: Term, match: Match): boolean {
  match.next = 'done';
  return bestPlace(candidate, term, { step: 1, last: candidate.length - 1 }, match);
}

function findSubstring(candidate: Candidate, term: Term, match: Match): boolean {
  const { length } = term.needle;
  if (length >= candidate.length) return length === candidate.length && pieceAt(candidate, term, 0, match);
  if (length === 1) return findUnit(candidate, term, match);
  match.next = 'run';
  const last = candidate.length - length;
  // Non-ASCII paths miss a match at the very end: observed on codex app-server 0.94.0.
  if (!candidate.plainAscii) return bestPlace(candidate, term, { step: 1, last: last - 1 }, match);
  const letterAt = term.needle.findIndex((unit) => unit >= 0x61 && unit <= 0x7a);
  // Without a letter, or with case, matches that overlap the previous one are skipped: observed likewise.
  if (!term.ignoreCase || letterAt === -1) return bestPlace(candidate, term, { step: length, last }, match);
  if (letterAt < 2) return bestPlace(candidate, term, { step: 1, last }, match);
  // A needle whose first letter is at index 2 or later is matched with case, and not to the end: observed likewise.
  const withCase = { ...term, ignoreCase: false };
  return bestPlace(candidate, withCase, { step: length, last: last - length + letterAt }, match);
}

interface PlaceSearch {
  /** How far to advance after a match. */
  readonly step: number;
  /** Last position to check. */
  readonly last: number;
}

function bestPlace(candidate: Candidate, term: Term, { step, last }: PlaceSearch, match: Match): boolean {
  const units = candidate.unitsFor(term);
  const first = term.needle[0];
  let bestBonus = -1;
  let previous: number | undefined;
  for (let at = 0; at <= last; ) {
    if (units[at] !== first || !matchesAt(candidate, term, at)) {
      at += 1;
      continue;
    }
    candidate.prepare();
    const current = candidate.classes[at] ?? 0;
    // In a non-ASCII path the previous class is that of the previous match.
    const bonus =
      candidate.plainAscii || previous === undefined
        ? (candidate.bonuses[at] ?? 0)
        : candidate.bonusAfter(previous, current);
    previous = current;
    if (bonus > bestBonus) {
      match.start = at;
      bestBonus = bonus;
    }
    if (bonus >= WORD_START_BONUS) break;
    at += step;
  }
  if (bestBonus < 0) return false;
  match.end = match.start + term.needle.length;
  match.score = MATCH_SCORE + 2 * bestBonus;
  return true;
}

/** White space at the ends of a path or a needle; a vertical tab does not count in a plain ASCII path. */
function isBlank(unit: number | undefined, plainAscii: boolean): boolean {
  if (unit === undefined) return false;
  if (plainAscii) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d && unit !== 0x0b);
  return /^\p{White_Space}/u.test(String.fromCodePoint(unit));
}

function leadingBlanks(candidate: Candidate, term: Term): number {
  if (isBlank(term.needle[0], false)) return 0;
  const units = candidate.unitsFor(VERBATIM);
  let start = 0;
  while (start < candidate.length && isBlank(units[start], candidate.plainAscii)) start += 1;
  return start;
}

function endWithoutBlanks(candidate: Candidate, term: Term): number {
  if (isBlank(term.needle.at(-1), false)) return candidate.length;
  const units = candidate.unitsFor(VERBATIM);
  let end = candidate.length;
  while (end > 0 && isBlank(units[end - 1], candidate.plainAscii)) end -= 1;
  return end;
}

const VERBATIM: UnitReading = { ignoreCase: false, baseLetters: false };
