/**
 * Searches snapshots of indexes: one thread's share of a search.
 *
 * In: a query, snapshots, a counter that hands out slices to all threads of the search, a cancel flag. Out: the best
 * files of the slices this thread took. Synchronous: runs in a worker. Owns nothing beyond the call; writes only to
 * the sets of matched files of the request.
 */
import type { RankedFile, ScanPart, ScanRequest } from '../contract/search-messages.ts';
import { ByteFilter } from './byte-filter.ts';
import { ByteMatcher, LONGEST_PATH } from './byte-matcher.ts';
import { FzfRanking } from './fzf-ranking.ts';
import { PathRanking } from './path-ranking.ts';
import type { Ranking } from './ranking.ts';
import { NO_MATCH } from './score.ts';
import { BlockReader, NOT_PLAIN } from './snapshot.ts';
import { TextTools } from './text-tools.ts';

export interface ScanOutcome {
  readonly files: readonly RankedFile[];
  readonly cancelled: boolean;
}

const FILES_PER_CHECK = 1_024;

/** Searches slices until none are left, or until `isCancelled` returns true. */
export function scanSlices(
  request: ScanRequest,
  isCancelled: () => boolean,
  tools: TextTools = new TextTools(),
): ScanOutcome {
  const scan = request.ranking === 'fzf' ? new FzfScan(request, tools) : new PathScan(request, tools);
  const next = new Int32Array(request.nextSlice);
  const readers = request.parts.map((part) => new PartReader(part));
  const starts = sliceStarts(request.parts);
  for (;;) {
    if (isCancelled()) return { files: scan.finish(), cancelled: true };
    const slice = Atomics.add(next, 0, 1);
    const at = starts.findLastIndex((start) => start <= slice);
    const part = readers[at];
    const first = starts[at] ?? 0;
    if (part === undefined || slice >= (starts.at(-1) ?? 0)) return { files: scan.finish(), cancelled: false };
    if (!part.scan(slice - first, scan, isCancelled)) return { files: scan.finish(), cancelled: true };
  }
}

const sliceStarts = (parts: readonly ScanPart[]): number[] =>
  parts.reduce<number[]>(
    (starts, { snapshot }) => {
      starts.push((starts.at(-1) ?? 0) + snapshot.slices.length - 1);
      return starts;
    },
    [0],
  );

/** How a query processes the files of a folder. */
interface FolderScan {
  /** Sets the folder; returns the letters that a name in it needs to match. */
  enter(block: BlockReader, rootIndex: number, folderStart: number): number;
  /** Offers a file; returns whether it may match. */
  offer(letters: number, start: number, end: number): boolean;
}

/** Goes through slices of one part. */
class PartReader {
  readonly #part: ScanPart;
  readonly #block: BlockReader;
  readonly #among: Int32Array | undefined;
  readonly #matched: Int32Array | undefined;
  #sinceCheck = 0;

  constructor(part: ScanPart) {
    this.#part = part;
    this.#block = new BlockReader(part.snapshot);
    this.#among = part.among === undefined ? undefined : new Int32Array(part.among);
    this.#matched = part.matched === undefined ? undefined : new Int32Array(part.matched);
  }

  /** Returns whether it reached the end. */
  scan(slice: number, scan: FolderScan, isCancelled: () => boolean): boolean {
    const { slices } = this.#part.snapshot;
    const end = slices[slice + 1] ?? 0;
    const block = this.#block;
    for (let folder = slices[slice] ?? 0; folder < end; folder++) {
      block.open(folder);
      if (block.count === 0 || !this.#anyAmong(block.firstNumber, block.count)) continue;
      const needed = this.#enter(scan);
      for (let from = 0; from < block.count; from += FILES_PER_CHECK) {
        if (this.#isStopped(block.count - from, isCancelled)) return false;
        this.#offer(scan, needed, { from, to: Math.min(block.count, from + FILES_PER_CHECK) });
      }
    }
    return true;
  }

  #isStopped(filesAhead: number, isCancelled: () => boolean): boolean {
    this.#sinceCheck += Math.min(filesAhead, FILES_PER_CHECK);
    if (this.#sinceCheck < FILES_PER_CHECK) return false;
    this.#sinceCheck = 0;
    return isCancelled();
  }

  #enter(scan: FolderScan): number {
    const block = this.#block;
    const { inner, rootIndex } = this.#part;
    if (inner.length === 0) return scan.enter(block, rootIndex, block.folderStart);
    const folder = block.folder();
    const owner = inner
      .filter((each) => folder.startsWith(each.folder))
      .reduce((deepest, each) => (each.folder.length > deepest.folder.length ? each : deepest), {
        folder: '',
        rootIndex,
      });
    return scan.enter(block, owner.rootIndex, block.folderStart + Buffer.byteLength(owner.folder));
  }

  #offer(scan: FolderScan, needed: number, { from, to }: { from: number; to: number }): void {
    const block = this.#block;
    const { integers, lettersAt, firstNumber } = block;
    const among = this.#among;
    const matched = this.#matched;
    for (let index = from; index < to; index++) {
      const letters = integers[lettersAt + index] ?? 0;
      if ((needed & ~letters) !== 0) continue;
      const number = firstNumber + index;
      if (among !== undefined && ((among[number >> 5] ?? 0) & (1 << (number & 31))) === 0) continue;
      // Slices share no word of these sets, so no two threads write to the same one.
      if (scan.offer(letters, block.nameStart(index), block.nameEnd(index)) && matched !== undefined) {
        matched[number >> 5] = (matched[number >> 5] ?? 0) | (1 << (number & 31));
      }
    }
  }

  #anyAmong(first: number, count: number): boolean {
    const among = this.#among;
    if (among === undefined) return true;
    const last = first + count - 1;
    for (let word = first >> 5; word <= last >> 5; word++) if (among[word] !== 0) return true;
    return false;
  }
}

/** Passes strings to a ranking, created only for files with the letters that the query needs. */
class TextScan<R extends Ranking> implements FolderScan {
  protected readonly ranking: R;
  protected block: BlockReader | undefined;
  protected rootIndex = 0;
  protected folderStart = 0;
  #folder: string | undefined;

  constructor(ranking: R) {
    this.ranking = ranking;
  }

  enter(block: BlockReader, rootIndex: number, folderStart: number): number {
    this.block = block;
    this.rootIndex = rootIndex;
    this.folderStart = folderStart;
    this.#folder = undefined;
    return this.ranking.letters & ~block.folderLetters;
  }

  offer(letters: number, start: number, end: number): boolean {
    const { block } = this;
    if (block === undefined) return false;
    this.ranking.offer(this.rootIndex, this.folder(block), block.text(start, end, letters));
    return true;
  }

  finish(): readonly RankedFile[] {
    return this.ranking.finish();
  }

  protected folder(block: BlockReader): string {
    this.#folder ??= block.text(this.folderStart, block.folderEnd, block.folderLetters);
    return this.#folder;
  }
}

class FzfScan extends TextScan<FzfRanking> {
  constructor({ query, limit }: ScanRequest, tools: TextTools) {
    super(new FzfRanking(query, limit, tools));
  }
}

/** Scores bytes where possible, otherwise strings. */
class PathScan extends TextScan<PathRanking> {
  readonly #matcher: ByteMatcher | undefined;
  readonly #filter: ByteFilter;
  #folderIsPlain = false;
  #folderLength = 0;

  constructor({ query, limit }: ScanRequest, tools: TextTools) {
    const ranking = new PathRanking(query, limit, tools);
    super(ranking);
    this.#matcher = ByteMatcher.of(ranking.terms, tools.asciiBonuses);
    this.#filter = new ByteFilter(ranking.terms, tools.table);
  }

  override enter(block: BlockReader, rootIndex: number, folderStart: number): number {
    const needed = super.enter(block, rootIndex, folderStart);
    this.#folderLength = block.folderEnd - folderStart;
    this.#folderIsPlain = block.folderLetters !== NOT_PLAIN;
    if (!this.#folderIsPlain) return needed;
    if (this.#matcher === undefined) {
      this.#filter.enter(block.bytes, folderStart, block.folderEnd);
      return needed;
    }
    this.#matcher.enter(block.bytes, folderStart, block.folderEnd);
    return this.#matcher.needed;
  }

  override offer(letters: number, start: number, end: number): boolean {
    const { block, ranking } = this;
    const matcher = this.#matcher;
    const length = this.#folderLength + end - start;
    if (block === undefined) return false;
    if (!this.#folderIsPlain || letters === NOT_PLAIN) return super.offer(letters, start, end);
    if (matcher === undefined) {
      if (!ranking.hasRoomFor(this.#filter.maxScore, length)) return true;
      return this.#filter.mayMatch(start, end) && super.offer(letters, start, end);
    }
    if (length > LONGEST_PATH) return super.offer(letters, start, end);
    if (!ranking.hasRoomFor(matcher.bound(letters), length)) return true;
    const score = matcher.score(block.bytes, start, end, this.#folderLength);
    if (score === NO_MATCH) return false;
    if (ranking.hasRoomFor(score, length)) {
      const path = this.folder(block) + block.text(start, end, letters);
      ranking.keep({ rootIndex: this.rootIndex, path, score, length });
    }
    return true;
  }
}
