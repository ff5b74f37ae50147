// Chunks of one update -> the file's new text. Pure. Lines that differ from the patch only in white space or
// typographic characters still match, because models retype what they have read.
import type { PatchChunk } from './parse.ts';
import { trim, trimEnd } from './white-space.ts';

export type MatchResult =
  | { readonly ok: true; readonly content: string }
  | { readonly ok: false; readonly message: string };

interface Replacement {
  readonly start: number;
  readonly removed: number;
  readonly lines: readonly string[];
}

type Normalise = (line: string) => string;

const fold: Normalise = (line) =>
  trim(line)
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u2018-\u201b]/g, "'")
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, ' ');

/** From strict to lenient; each is tried over the whole range before the next. */
const LEVELS: readonly Normalise[] = [(line) => line, trimEnd, trim, fold];

/**
 * The text of a file after an update. Carriage returns belong to the lines; the result ends with a line feed unless it
 * is empty. `displayPath` names the file in the error.
 */
export function applyChunks(original: string, chunks: readonly PatchChunk[], displayPath: string): MatchResult {
  const lines = original.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const replacements: Replacement[] = [];
  let cursor = 0;
  let replacedUpTo = 0;
  for (const chunk of chunks) {
    if (chunk.context !== null) {
      const index = seek(lines, [chunk.context], cursor);
      if (index === undefined) {
        return { ok: false, message: `Failed to find context '${chunk.context}' in ${displayPath}` };
      }
      cursor = index + 1;
    }
    if (chunk.oldLines.length === 0) {
      const start = lines.at(-1) === '' ? lines.length - 1 : lines.length;
      replacements.push({ start, removed: 0, lines: chunk.newLines });
      continue;
    }
    const found = locate(lines, chunk, { cursor, replacedUpTo });
    if (found === undefined) {
      const expected = chunk.oldLines.join('\n');
      return { ok: false, message: `Failed to find expected lines in ${displayPath}:\n${expected}` };
    }
    replacements.push(found);
    cursor = found.start + found.removed;
    replacedUpTo = cursor;
  }
  return { ok: true, content: rebuild(lines, replacements) };
}

interface SearchState {
  readonly cursor: number;
  readonly replacedUpTo: number;
}

function locate(lines: readonly string[], chunk: PatchChunk, state: SearchState): Replacement | undefined {
  // At the end of the file there is one position only, so a context that names a line of the match itself does no harm.
  const seekLines = (wanted: readonly string[]) =>
    chunk.atEndOfFile && wanted.length > 0
      ? seek(lines, wanted, Math.max(state.replacedUpTo, lines.length - wanted.length))
      : seek(lines, wanted, state.cursor);

  const start = seekLines(chunk.oldLines);
  if (start !== undefined) return { start, removed: chunk.oldLines.length, lines: chunk.newLines };
  // The empty line is often the model's idea of the file's last line feed.
  if (chunk.oldLines.at(-1) !== '') return undefined;
  const oldLines = chunk.oldLines.slice(0, -1);
  const newLines = chunk.newLines.at(-1) === '' ? chunk.newLines.slice(0, -1) : chunk.newLines;
  const retried = seekLines(oldLines);
  return retried === undefined ? undefined : { start: retried, removed: oldLines.length, lines: newLines };
}

/** The first index at or after `from` where all the wanted lines stand; nothing wanted stands everywhere. */
function seek(lines: readonly string[], wanted: readonly string[], from: number): number | undefined {
  if (wanted.length === 0) return from;
  const last = lines.length - wanted.length;
  for (const normalise of LEVELS) {
    const target = wanted.map(normalise);
    const candidates = from <= last ? lines.slice(from).map(normalise) : [];
    for (let start = from; start <= last; start += 1) {
      if (target.every((line, offset) => candidates[start - from + offset] === line)) return start;
    }
  }
  return undefined;
}

function rebuild(lines: readonly string[], replacements: readonly Replacement[]): string {
  const result: string[] = [];
  let position = 0;
  for (const { start, removed, lines: added } of replacements.toSorted((a, b) => a.start - b.start)) {
    for (const line of lines.slice(position, start)) result.push(line);
    for (const line of added) result.push(line);
    position = Math.max(position, start + removed);
  }
  for (const line of lines.slice(position)) result.push(line);
  return result.length === 0 ? '' : `${result.join('\n')}\n`;
}
