/**
 * Scores paths against a query.
 *
 * In: a query and, one by one, candidate paths. Out: exactly the score and the matched positions of codex app-server
 * 0.94.0. The matcher owns its scratch space; the candidate belongs to the caller.
 */
import { Aligner, canAlign } from './alignment.ts';
import type { Candidate } from './candidate.ts';
import { findPiece, findUnit, type Match, pieceAt, runPositions, runScore } from './exact.ts';
import type { Term } from './query.ts';

/** `PathMatcher.score` of a path that does not match. */
export const NO_MATCH = -1;

/** A parsed query that can be applied to any number of paths. */
export class PathMatcher {
  readonly #terms: readonly Term[];
  readonly #aligner = new Aligner();
  readonly #match: Match = { start: 0, end: 0, next: 'done', score: 0 };

  constructor(terms: readonly Term[]) {
    this.#terms = terms;
  }

  /** Sum of the scores of all terms, at least 0, or `NO_MATCH`. */
  score(candidate: Candidate): number {
    let total = 0;
    for (const term of this.#terms) {
      const found = this.#find(candidate, term);
      const score = found === undefined || term.negated ? 0 : term.count * this.#scoreOf(candidate, found);
      candidate.readComposed(false);
      if ((found !== undefined) === term.negated) return NO_MATCH;
      total += score;
    }
    return total;
  }

  /** Positions of all matched units, ascending and unique, for a candidate that matches. */
  positions(candidate: Candidate): readonly number[] {
    const found = new Set<number>();
    for (const term of this.#terms) {
      const used = term.negated ? undefined : this.#find(candidate, term);
      if (used === undefined) continue;
      candidate.prepare();
      const positions =
        this.#match.next === 'align'
          ? this.#aligner.positions(candidate, used, this.#match)
          : runPositions(candidate, used, this.#match);
      for (const position of positions) found.add(position);
      candidate.readComposed(false);
    }
    return [...found].sort((a, b) => a - b);
  }

  /**
   * Looks for a term as it is written, like codex app-server 0.94.0, and then with all letters composed. In the
   * second case the candidate stays composed. Returns the term that was found.
   */
  #find(candidate: Candidate, term: Term): Term | undefined {
    if (findTerm(candidate, term, this.#match)) return term;
    if (candidate.plainAscii || (term.composed === undefined && !candidate.hasOwnComposed)) return undefined;
    candidate.readComposed(true);
    const composed = term.composed ?? term;
    return findTerm(candidate, composed, this.#match) ? composed : undefined;
  }

  #scoreOf(candidate: Candidate, term: Term): number {
    candidate.prepare();
    const match = this.#match;
    switch (match.next) {
      case 'done':
        return match.score;
      case 'run':
        return runScore(candidate, term, match);
      case 'align':
        return this.#aligner.score(candidate, term, match);
    }
  }
}

/** Whether the term is in the path; sets `match` to its position. */
function findTerm(candidate: Candidate, term: Term, match: Match): boolean {
  if (candidate.plainAscii && (!term.plainAscii || (term.letters & ~candidate.letters) !== 0)) return false;
  return term.kind === 'fuzzy' ? findFuzzy(candidate, term, match) : findPiece(candidate, term, match);
}

function findFuzzy(candidate: Candidate, term: Term, match: Match): boolean {
  const { needle } = term;
  const { length } = candidate;
  if (needle.length >= length) return needle.length === length && pieceAt(candidate, term, 0, match);
  if (needle.length === 1) return findUnit(candidate, term, match);

  const units = candidate.unitsFor(term);
  let start = 0;
  let next = 0;
  let at = 0;
  for (; at < length && next < needle.length; at++) {
    if (units[at] !== needle[next]) continue;
    if (next === 0) start = at;
    next += 1;
  }
  if (next < needle.length) return false;

  let end = length;
  while (units[end - 1] !== needle[next - 1]) end -= 1;
  match.start = start;
  match.end = end;
  match.next = 'align';
  if (end - start === needle.length) match.next = 'run';
  else if (!canAlign(match, needle.length, candidate.plainAscii)) takeFirstMatch(units, needle, { match, end: at });
  return true;
}

/** Falls back to the match that ends first, starting as late as possible. */
function takeFirstMatch(units: Int32Array, needle: Int32Array, { match, end }: { match: Match; end: number }): void {
  let start = end;
  for (let next = needle.length - 1; next >= 0; next--) {
    start -= 1;
    while (units[start] !== needle[next]) start -= 1;
  }
  match.start = start;
  match.end = end;
  match.next = 'run';
}
