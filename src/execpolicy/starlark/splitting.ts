/** How strings are cut into pieces. Pure. */
import { withoutEnd } from '../../base/trimming.ts';
import { charsOf } from './values.ts';

export interface SplitRequest {
  /** Cuts at most; further separators stay in the text. */
  readonly maxSplits: number;
  /** Whether the last separators are the ones that cut. */
  readonly fromEnd: boolean;
}

export function splitAtText(text: string, separator: string, { maxSplits, fromEnd }: SplitRequest): string[] {
  // Nothing stands between any two characters, and at both ends.
  const pieces = separator === '' ? ['', ...charsOf(text), ''] : text.split(separator);
  if (pieces.length - 1 <= maxSplits) return pieces;
  if (!fromEnd) return [...pieces.slice(0, maxSplits), pieces.slice(maxSplits).join(separator)];
  const kept = pieces.length - maxSplits;
  return [pieces.slice(0, kept).join(separator), ...pieces.slice(kept)];
}

/** Runs of blanks separate; those at the ends do not count. */
export function splitAtBlanks(text: string, { maxSplits, fromEnd }: SplitRequest): string[] {
  const words = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], start: match.index }));
  if (words.length - 1 <= maxSplits) return words.map((word) => word.text);
  if (!fromEnd) {
    const rest = text.slice(words[maxSplits]?.start).trimStart();
    return [...words.slice(0, maxSplits).map((word) => word.text), rest];
  }
  const kept = words.length - maxSplits;
  const rest = text.slice(0, words[kept]?.start).trimEnd();
  return [rest, ...words.slice(kept).map((word) => word.text)];
}

export function splitLines(text: string, keepEnds: boolean): string[] {
  const lines = text.match(/[^\r\n]+(?:\r\n|\r|\n)?|\r\n|\r|\n/g) ?? [];
  return keepEnds ? lines : lines.map((line) => withoutEnd(line, '\r\n'));
}
