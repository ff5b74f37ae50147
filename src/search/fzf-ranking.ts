/** The ranking of the `fzf` package behind the same interface, for users who prefer its order. */

import { extendedMatch, Fzf } from 'fzf';
import { headOf } from '../base/well-formed.ts';
import type { Contender, RankedFile } from '../contract/search-messages.ts';
import { letterBit } from './query.ts';
import { compareContenders, compareResults, type Ranking } from './ranking.ts';
import type { TextTools } from './text-tools.ts';
import { TopK } from './top-k.ts';
import { isPlainAscii, type UnitSplitter } from './units.ts';

/** The package copies every path it searches, so it gets them in batches. */
const BATCH_SIZE = 2_000;

/**
 * Limits of a query: the package looks for every term in every path, and cannot be interrupted. Real queries are
 * shorter.
 */
const MAX_QUERY_UNITS = 512;
const MAX_TERMS = 32;

interface UnrankedPath {
  readonly rootIndex: number;
  readonly path: string;
}

interface FzfContender extends Contender {
  /** UTF-16 offsets in the composed form (NFC) of the path. */
  readonly positions: ReadonlySet<number>;
}

/** Ranks paths that can match with the `fzf` package. */
export class FzfRanking implements Ranking {
  readonly #query: string;
  readonly letters: number;
  readonly #splitter: UnitSplitter;
  readonly #best: TopK<FzfContender>;
  #unranked: UnrankedPath[] = [];

  constructor(query: string, limit: number, { splitter }: TextTools) {
    this.#splitter = splitter;
    // The package splits at blanks only, and composes the letters of paths but not those of a query.
    const words = headOf(query, MAX_QUERY_UNITS).replaceAll(/\s/gu, ' ').normalize().split(' ');
    this.#query = words.slice(0, MAX_TERMS).join(' ');
    this.letters = neededLetters(this.#query);
    this.#best = new TopK<FzfContender>(limit, compareContenders);
  }

  offer(rootIndex: number, folder: string, name: string): void {
    const path = folder + name;
    if ((this.letters & ~lettersOf(path)) !== 0) return;
    this.#unranked.push({ rootIndex, path });
    if (this.#unranked.length >= BATCH_SIZE) this.#rankBatch();
  }

  finish(): readonly RankedFile[] {
    this.#rankBatch();
    return this.#best
      .sorted()
      .sort(compareResults)
      .map(({ rootIndex, path, score, length, positions }) => {
        return { rootIndex, path, score, length, indices: this.#unitPositions(path, positions) };
      });
  }

  #rankBatch(): void {
    // No limit, because the package would cut by score alone and ignore which of two equals is shorter.
    const finder = new Fzf(this.#unranked, { selector: ({ path }) => path, match: extendedMatch, sort: false });
    this.#unranked = [];
    for (const { item, score, positions } of finder.find(this.#query)) {
      this.#best.add({ ...item, score, length: item.path.length, positions });
    }
  }

  #unitPositions(path: string, positions: ReadonlySet<number>): readonly number[] {
    const ascending = [...positions].sort((a, b) => a - b);
    if (isPlainAscii(path)) return ascending;
    const starts: number[] = [];
    // The package works on the composed form, which has the same clusters.
    this.#splitter.split(path.normalize(), (_, offset) => starts.push(offset));
    return [...new Set(ascending.map((position) => starts.findLastIndex((start) => start <= position)))];
  }
}

const ALL_LETTERS = -1;

/** Letters and digits that a path needs to match at all; none if the query has alternatives. */
function neededLetters(query: string): number {
  const parts = query.split(' ');
  if (parts.includes('|')) return 0;
  return parts
    .filter((part) => !part.startsWith('!'))
    .reduce((letters, part) => letters | asciiLetters(part.replaceAll(/[^A-Za-z0-9]/g, '')), 0);
}

const lettersOf = (path: string): number => (isPlainAscii(path) ? asciiLetters(path) : ALL_LETTERS);

function asciiLetters(text: string): number {
  const lower = text.toLowerCase();
  let letters = 0;
  for (let at = 0; at < lower.length; at++) letters |= letterBit(lower.charCodeAt(at));
  return letters;
}
