/**
 * Chunks of one update -> the file's new text. Pure and bounded in time.
 *
 * A kept line stays byte for byte, whatever its spelling in the patch. An added line ends like the line that it replaces,
 * or like the line before it (at the top: like the one after it). A missing last line feed stays missing. A byte order mark
 * stays in front unless the patch names it in a line that it removes.
 */
import { BYTE_ORDER_MARK, type FileLine, type FileLines, joinLines, type LineEnd, splitFile } from './file-lines.ts';
import { LineSearch, SearchTooLong } from './line-search.ts';
import type { PatchChunk, PatchLine } from './parse.ts';

export type MatchResult =
  | { readonly ok: true; readonly content: string }
  | { readonly ok: false; readonly message: string };

/** Lines of a chunk at the place where they were found: `start` is the line of the file before which they begin. */
interface Edit {
  readonly start: number;
  readonly lines: readonly PatchLine[];
}

class NoMatch extends Error {}

/** The text of a file after an update. `displayPath` names the file in the error. */
export function applyChunks(original: string, chunks: readonly PatchChunk[], displayPath: string): MatchResult {
  const file = splitFile(original);
  try {
    return { ok: true, content: rebuild(file, placeChunks(file, chunks, displayPath)) };
  } catch (error) {
    if (error instanceof NoMatch) return { ok: false, message: error.message };
    if (!(error instanceof SearchTooLong)) throw error;
    const message = `Failed to update ${displayPath}: too many places in it are almost what the patch says. Use smaller patches`;
    return { ok: false, message };
  }
}

const isOld = ({ kind }: PatchLine): boolean => kind !== 'add';
const oldTexts = (lines: readonly PatchLine[]): string[] => lines.filter(isOld).map(({ text }) => text);

function placeChunks({ hasMark, lines }: FileLines, chunks: readonly PatchChunk[], displayPath: string): Edit[] {
  const search = new LineSearch({ hasMark, lines });
  const edits: Edit[] = [];
  let cursor = 0;
  let replacedUpTo = 0;
  for (const chunk of chunks) {
    for (const header of chunk.headers) {
      const found = search.find([header], cursor);
      if (found === undefined) throw new NoMatch(`Failed to find context '${header}' in ${displayPath}`);
      cursor = found + 1;
    }
    if (!chunk.lines.some(isOld)) {
      const goesToEnd = chunk.atEndOfFile || chunk.headers.length === 0;
      edits.push({ start: goesToEnd ? endOf(lines) : cursor, lines: chunk.lines });
      continue;
    }
    const edit = locate(search, chunk, { cursor, replacedUpTo, length: lines.length });
    if (edit === undefined) {
      throw new NoMatch(`Failed to find expected lines in ${displayPath}:\n${oldTexts(chunk.lines).join('\n')}`);
    }
    edits.push(edit);
    cursor = edit.start + oldTexts(edit.lines).length;
    replacedUpTo = cursor;
  }
  return edits;
}

/** Where additions without a place go: before a blank last line, as with codex app-server 0.94.0. */
const endOf = (lines: readonly FileLine[]): number => (lines.at(-1)?.text === '' ? lines.length - 1 : lines.length);

interface SearchState {
  readonly cursor: number;
  readonly replacedUpTo: number;
  readonly length: number;
}

function locate(search: LineSearch, chunk: PatchChunk, state: SearchState): Edit | undefined {
  const seek = (wanted: readonly string[]): number | undefined => {
    if (wanted.length === 0) return chunk.atEndOfFile ? state.length : state.cursor;
    // At the end of the file there is one position only, so a header that names a line of the match itself does no harm.
    const last = Math.max(state.replacedUpTo, state.length - wanted.length);
    return search.find(wanted, chunk.atEndOfFile ? last : state.cursor);
  };
  const start = seek(oldTexts(chunk.lines));
  if (start !== undefined) return { start, lines: chunk.lines };
  // The empty line is often the model's idea of the file's last line feed.
  const shorter = withoutLastEmpty(chunk.lines);
  const retried = shorter === undefined ? undefined : seek(oldTexts(shorter));
  return shorter === undefined || retried === undefined ? undefined : { start: retried, lines: shorter };
}

/** The lines without an empty last one on both sides; undefined when the last line that is looked for is not empty. */
function withoutLastEmpty(lines: readonly PatchLine[]): readonly PatchLine[] | undefined {
  const at = lines.findLastIndex(isOld);
  const dropped = lines[at];
  if (dropped?.text !== '') return undefined;
  const behind = lines.slice(at + 1);
  const rest: PatchLine[] = [...lines.slice(0, at), ...behind];
  if (dropped.kind === 'keep' && behind.length > 0) rest.splice(at, 0, { kind: 'add', text: '' });
  const lastNew = rest.findLastIndex(({ kind }) => kind !== 'remove');
  const isDoubled = dropped.kind === 'remove' || behind.length > 0;
  if (isDoubled && rest[lastNew]?.kind === 'add' && rest[lastNew].text === '') rest.splice(lastNew, 1);
  return rest;
}

/** A line of the new text; `end` is null where it is still to be taken from its neighbours. */
interface NewLine extends FileLine {
  readonly isAdded: boolean;
}

function rebuild(file: FileLines, edits: readonly Edit[]): string {
  const result: NewLine[] = [];
  const keep = (from: number, to: number): void => {
    for (const line of file.lines.slice(from, to)) result.push({ ...line, isAdded: false });
  };
  let position = 0;
  let keepsMark = file.hasMark;
  for (const { start, lines } of edits.toSorted((a, b) => a.start - b.start)) {
    keep(position, start);
    position = Math.max(position, start);
    let removed: (LineEnd | null)[] = [];
    let added: string[] = [];
    const endRun = (): void => {
      for (const [at, text] of added.entries()) result.push({ text, end: removed[at] ?? null, isAdded: true });
      removed = [];
      added = [];
    };
    for (const { kind, text } of lines) {
      if (kind === 'add') {
        added.push(text);
        continue;
      }
      if (kind === 'keep') {
        endRun();
        keep(position, position + 1);
      } else {
        removed.push(file.lines[position]?.end ?? null);
        if (position === 0 && text.startsWith(BYTE_ORDER_MARK)) keepsMark = false;
      }
      position += 1;
    }
    endRun();
  }
  keep(position, file.lines.length);
  return withMark(joinLines(withEnds(result, file.lines)), keepsMark);
}

const withMark = (text: string, isKept: boolean): string =>
  isKept && !text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK + text : text;

/** Gives every line an end but the last one of a file that had none there. */
function withEnds(lines: readonly NewLine[], original: readonly FileLine[]): FileLine[] {
  const anyEnd = (some: readonly FileLine[]): LineEnd | undefined =>
    some.find(({ end }) => end !== null)?.end ?? undefined;
  let before = anyEnd(lines) ?? anyEnd(original) ?? '\n';
  const result: FileLine[] = [];
  for (const { text, end } of lines) {
    before = end ?? before;
    result.push({ text, end: before });
  }
  const last = lines.at(-1);
  const wasUnfinished = original.at(-1)?.end === null;
  if (wasUnfinished && last !== undefined && (last.isAdded || last.end === null)) {
    result[result.length - 1] = { text: last.text, end: null };
  }
  return result;
}
