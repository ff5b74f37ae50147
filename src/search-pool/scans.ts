/**
 * Searches in snapshots: divides the work, joins the results, and remembers what matched, because the next query
 * usually extends the last one by a letter.
 *
 * In: a query, roots and their snapshots. Out: the best files. Owns the memory of the latest queries.
 */

import { dirname } from 'node:path';
import type {
  InnerRoot,
  RankedFile,
  ScanJob,
  ScanPart,
  SearchAnswer,
  SearchRoot,
  Snapshot,
} from '../contract/search-messages.ts';
import { compareContenders, compareResults } from '../search/ranking.ts';

/** A search with all its indexes. */
export interface Scan {
  readonly query: string;
  readonly ranking: ScanJob['ranking'];
  readonly limit: number;
  readonly roots: readonly SearchRoot[];
  /** One for each root. */
  readonly snapshots: readonly Snapshot[];
  readonly cancel: SharedArrayBuffer;
}

export interface ScansOptions {
  readonly maxThreads: number;
  readonly run: (job: ScanJob) => Promise<SearchAnswer>;
}

interface Remembered {
  readonly query: string;
  /** The roots and versions that were searched, and their inner roots. */
  readonly key: string;
  readonly matched: readonly SharedArrayBuffer[];
}

/** A smaller share of a search is not worth sending to another thread. */
const FILES_PER_THREAD = 16_384;
/** Number of queries whose matches are kept: a few, because several clients or panes may be typing. */
const MAX_REMEMBERED = 4;
/** More roots than that are not searched while typing. */
const MAX_REMEMBERED_PARTS = 16;
const BITS_PER_WORD = 32;
/** No folder has a longer path. */
const MAX_PATH_UNITS = 4_096;
/** Operators: a query that adds one does not always match less. */
const OPERATORS = /[!^'$\\]/;
/** Characters that combine with the previous one: earlier matches then need not include all matches. */
const COMBINING = /^(?:\p{M}|\p{Emoji_Modifier}|\u200d|[\u1160-\u11ff])/u;

export class SearchScans {
  readonly #options: ScansOptions;
  #remembered: readonly Remembered[] = [];

  constructor(options: ScansOptions) {
    this.#options = options;
  }

  async run(scan: Scan): Promise<SearchAnswer> {
    const bare = barePartsOf(scan);
    const key = JSON.stringify(bare.map(({ snapshot, inner }) => [snapshot.root, snapshot.version, inner]));
    const canRemember = scan.ranking === 'path' && bare.length <= MAX_REMEMBERED_PARTS && isPlain(scan.query);
    const before = canRemember ? this.#extendedBy(scan.query, key) : undefined;
    const parts = bare.map((part, at): ScanPart => {
      return { ...part, among: before?.matched[at], matched: canRemember ? bitsFor(part.snapshot) : undefined };
    });
    const answers = await Promise.all(this.#jobsOf(scan, parts).map((job) => this.#options.run(job)));
    const cancelled = answers.some((answer) => answer.cancelled);
    if (canRemember && !cancelled) this.#remember(scan.query, key, parts);
    return { files: bestOf(answers, scan.limit), cancelled };
  }

  #jobsOf({ query, ranking, limit, cancel }: Scan, parts: readonly ScanPart[]): readonly ScanJob[] {
    const fileCount = parts.reduce((sum, { snapshot }) => sum + snapshot.fileCount, 0);
    const count = Math.min(this.#options.maxThreads, Math.max(1, Math.ceil(fileCount / FILES_PER_THREAD)));
    const nextSlice = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    return Array.from({ length: count }, () => ({ kind: 'scan', query, ranking, limit, parts, nextSlice, cancel }));
  }

  /** The longest remembered query that this one extends: its matches include all matches of this one. */
  #extendedBy(query: string, key: string): Remembered | undefined {
    return this.#remembered
      .filter(
        (each) => each.key === key && query.startsWith(each.query) && !COMBINING.test(query.slice(each.query.length)),
      )
      .reduce<Remembered | undefined>((longest, each) => {
        return longest === undefined || each.query.length > longest.query.length ? each : longest;
      }, undefined);
  }

  #remember(query: string, key: string, parts: readonly ScanPart[]): void {
    const matched = parts.flatMap((part) => part.matched ?? []);
    const others = this.#remembered.filter((each) => each.query !== query || each.key !== key);
    this.#remembered = [{ query, key, matched }, ...others].slice(0, MAX_REMEMBERED);
  }
}

const isPlain = (query: string): boolean => query.trim() !== '' && !OPERATORS.test(query);

const bitsFor = ({ numberCount }: Snapshot): SharedArrayBuffer =>
  new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * Math.ceil(numberCount / BITS_PER_WORD));

type BarePart = Omit<ScanPart, 'among' | 'matched'>;

/**
 * The parts to search. A file below several roots is reported below the deepest one, once per index that contains it.
 */
function barePartsOf({ roots, snapshots }: Scan): readonly BarePart[] {
  const firstIndexes = new Map<string, number>();
  roots.forEach(({ absolute }, index) => {
    if (!firstIndexes.has(absolute)) firstIndexes.set(absolute, index);
  });
  const innerOf = new Map<string, InnerRoot[]>();
  for (const [inner, rootIndex] of firstIndexes.size > 1 ? firstIndexes : []) {
    if (inner.length > MAX_PATH_UNITS) continue;
    for (const outer of foldersAbove(inner)) {
      if (!firstIndexes.has(outer)) continue;
      const folder = `${inner.slice(outer === '/' ? 1 : outer.length + 1)}/`;
      innerOf.set(outer, [...(innerOf.get(outer) ?? []), { folder, rootIndex }]);
    }
  }
  return roots.flatMap(({ absolute }, index) => {
    const snapshot = snapshots[index];
    const rootIndex = firstIndexes.get(absolute) ?? index;
    return snapshot === undefined ? [] : [{ snapshot, rootIndex, inner: innerOf.get(absolute) ?? [] }];
  });
}

function* foldersAbove(path: string): Iterable<string> {
  for (let at = path; dirname(at) !== at; ) {
    at = dirname(at);
    yield at;
  }
}

function bestOf(answers: readonly SearchAnswer[], limit: number): readonly RankedFile[] {
  return answers
    .flatMap(({ files }) => files)
    .sort(compareContenders)
    .slice(0, limit)
    .sort(compareResults);
}
