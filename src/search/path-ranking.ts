/** The ranking clients expect: scores and positions as the reference gives them. */
import { Candidate } from './candidate.ts';
import { parseQuery } from './query.ts';
import { type Contender, compareContenders, compareShown, type RankedFile, type Ranking } from './ranking.ts';
import { Matcher, NO_MATCH } from './score.ts';
import { TopK } from './top-k.ts';
import { UnitTable } from './unit-table.ts';
import { UnitSplitter } from './units.ts';

/** Ranks by `Matcher`; positions are worked out only for what is shown in the end. */
export class PathRanking implements Ranking {
  readonly #candidate: Candidate;
  readonly #matcher: Matcher;
  readonly #best: TopK<Contender>;

  constructor(query: string, limit: number) {
    const table = new UnitTable();
    const splitter = new UnitSplitter();
    this.#candidate = new Candidate(table, splitter);
    this.#matcher = new Matcher(parseQuery(query, table, splitter));
    this.#best = new TopK(limit, compareContenders);
  }

  offer(rootIndex: number, folder: string, name: string): void {
    const candidate = this.#candidate;
    candidate.load(folder, name);
    const score = this.#matcher.score(candidate);
    if (score === NO_MATCH) return;
    const { length } = candidate;
    const { worst } = this.#best;
    if (worst !== undefined && (score < worst.score || (score === worst.score && length > worst.length))) return;
    this.#best.add({ rootIndex, path: folder + name, score, length });
  }

  finish(): readonly RankedFile[] {
    return this.#best
      .sorted()
      .sort(compareShown)
      .map(({ rootIndex, path, score }) => {
        this.#candidate.load('', path);
        return { rootIndex, path, score, indices: this.#matcher.positions(this.#candidate) };
      });
  }
}
