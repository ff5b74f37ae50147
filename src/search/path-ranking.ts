/** The ranking that clients expect: scores and positions of the reference. */
import type { Contender, RankedFile } from '../contract/search-messages.ts';
import { Candidate } from './candidate.ts';
import { parseQuery, type Term } from './query.ts';
import { compareContenders, compareResults, type Ranking } from './ranking.ts';
import { NO_MATCH, PathMatcher } from './score.ts';
import type { TextTools } from './text-tools.ts';
import { TopK } from './top-k.ts';

/** Ranks with `PathMatcher`; positions are computed only for the results. */
export class PathRanking implements Ranking {
  readonly terms: readonly Term[];
  readonly letters: number;
  readonly #candidate: Candidate;
  readonly #matcher: PathMatcher;
  readonly #best: TopK<Contender>;

  constructor(query: string, limit: number, { table, splitter }: TextTools) {
    this.#candidate = new Candidate(table, splitter);
    this.terms = parseQuery(query, table, splitter);
    this.letters = this.terms.reduce((letters, term) => (term.negated ? letters : letters | term.letters), 0);
    this.#matcher = new PathMatcher(this.terms);
    this.#best = new TopK(limit, compareContenders);
  }

  offer(rootIndex: number, folder: string, name: string): void {
    const candidate = this.#candidate;
    candidate.load(folder, name);
    const score = this.#matcher.score(candidate);
    if (score === NO_MATCH) return;
    const { length } = candidate;
    if (this.hasRoomFor(score, length)) this.keep({ rootIndex, path: folder + name, score, length });
  }

  /** Whether a file with this score and length (in units) may be among the best. */
  hasRoomFor(score: number, length: number): boolean {
    const { worst } = this.#best;
    return worst === undefined || score > worst.score || (score === worst.score && length <= worst.length);
  }

  /** Adds a file that has been scored. */
  keep(contender: Contender): void {
    this.#best.add(contender);
  }

  finish(): readonly RankedFile[] {
    return this.#best
      .sorted()
      .sort(compareResults)
      .map(({ rootIndex, path, score, length }) => {
        this.#candidate.load('', path);
        return { rootIndex, path, score, length, indices: this.#matcher.positions(this.#candidate) };
      });
  }
}
