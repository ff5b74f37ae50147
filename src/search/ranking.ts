/** The interface of a ranking: files in, the best of them out. */
import type { Contender, RankedFile } from '../contract/search-messages.ts';
import { compareBytes } from './top-k.ts';

/** Takes files one by one and keeps only as many as it may return. */
export interface Ranking {
  /** `letterBit`s that a plain ASCII path needs to be worth an offer. */
  readonly letters: number;
  /** `folder` is relative to the root, empty or ending in a slash. */
  offer(rootIndex: number, folder: string, name: string): void;
  /** The best of the offered files, best first: by score, then by the bytes of the path. */
  finish(): readonly RankedFile[];
}

/** Which of two files to keep: the higher score, the shorter path, the lower bytes. */
export function compareContenders(a: Contender, b: Contender): number {
  return b.score - a.score || a.length - b.length || compareBytes(a.path, b.path) || a.rootIndex - b.rootIndex;
}

/** The order of the results. */
export function compareResults(a: Contender, b: Contender): number {
  return b.score - a.score || compareBytes(a.path, b.path) || a.rootIndex - b.rootIndex;
}
