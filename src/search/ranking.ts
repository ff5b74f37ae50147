/** What a ranking is: files in, the best of them out. */
import type { Contender, RankedFile } from '../contract/search-messages.ts';
import { compareBytes } from './top-k.ts';

/** Takes files one by one; keeps no more than it may show, and what it needs to decide. */
export interface Ranking {
  /** `letterBit`s that a plain ASCII path must have to be worth an offer. */
  readonly letters: number;
  /** `folder` is relative to the root, empty or with a slash at its end. */
  offer(rootIndex: number, folder: string, name: string): void;
  /** The best files of those offered, best first: by score, then by the bytes of the path. */
  finish(): readonly RankedFile[];
}

/** Which of two files stays when there is room for one: the higher score, the shorter path, the lower bytes. */
export function compareContenders(a: Contender, b: Contender): number {
  return b.score - a.score || a.length - b.length || compareBytes(a.path, b.path) || a.rootIndex - b.rootIndex;
}

/** The order files are shown in. */
export function compareShown(a: Contender, b: Contender): number {
  return b.score - a.score || compareBytes(a.path, b.path) || a.rootIndex - b.rootIndex;
}
