// Patch text of the model -> sections. The format is line based:
//
//   *** Begin Patch / sections / *** End Patch
//
// Pure: no file is touched. `verify.ts` computes what the sections would do, `apply.ts` does it.
import { trim } from './white-space.ts';

/** One line of a chunk, without its mark. */
export interface PatchLine {
  readonly kind: 'keep' | 'remove' | 'add';
  readonly text: string;
}

/**
 * One replacement inside a file. `headers` are the lines after `@@`, from the outside in (`class A`, then `def f`); each is
 * looked for behind the one before it.
 */
export interface PatchChunk {
  readonly headers: readonly string[];
  readonly lines: readonly PatchLine[];
  readonly atEndOfFile: boolean;
}

/** Paths are as written in the patch. */
export type PatchSection =
  | { readonly kind: 'add'; readonly path: string; readonly content: string }
  | { readonly kind: 'delete'; readonly path: string }
  | {
      readonly kind: 'update';
      readonly path: string;
      readonly movePath: string | null;
      readonly chunks: readonly PatchChunk[];
    };

/** `line` is 1-based and counts the Begin line as 1; null when the frame of the patch is broken. */
export interface PatchSyntaxError {
  readonly line: number | null;
  readonly text: string;
}

/** `message` is the error as the model reads it; the program `apply_patch` words it anew from `error`. */
export type ParsedPatch =
  | { readonly ok: true; readonly sections: readonly PatchSection[] }
  | { readonly ok: false; readonly message: string; readonly error: PatchSyntaxError };

const BEGIN = '*** Begin Patch';
const END = '*** End Patch';
const ADD = '*** Add File: ';
const DELETE = '*** Delete File: ';
const UPDATE = '*** Update File: ';
const MOVE = '*** Move to: ';
const END_OF_FILE = '*** End of File';
const CHUNK = '@@';
const NAMED_CHUNK = '@@ ';
const FIRST_SECTION_LINE = 2;

class SyntaxFailure extends Error {
  readonly line: number | null;

  constructor(line: number | null, text: string) {
    super(text);
    this.line = line;
  }
}

/** Reads a whole patch. Never throws; the text may be anything. */
export function parsePatch(text: string): ParsedPatch {
  try {
    return { ok: true, sections: readSections(unwrap(splitLines(trim(text)))) };
  } catch (cause) {
    if (!(cause instanceof SyntaxFailure)) throw cause;
    const error = { line: cause.line, text: cause.message };
    const message =
      error.line === null ? `invalid patch: ${error.text}` : `invalid hunk at line ${error.line}, ${error.text}`;
    return { ok: false, message, error };
  }
}

const splitLines = (text: string): string[] => text.split('\n').map((line) => line.replace(/\r$/, ''));

/** The lines between Begin and End; a here-document that the model left around them is taken off. */
function unwrap(lines: readonly string[]): readonly string[] {
  if (frameError(lines) === undefined) return lines.slice(1, -1);
  const first = lines[0];
  const isHereDocument =
    lines.length >= 4 &&
    (first === '<<EOF' || first === "<<'EOF'" || first === '<<"EOF"') &&
    lines.at(-1)?.endsWith('EOF') === true;
  const framed = isHereDocument ? lines.slice(1, -1) : lines;
  const error = frameError(framed);
  if (error !== undefined) throw new SyntaxFailure(null, error);
  return framed.slice(1, -1);
}

function frameError(lines: readonly string[]): string | undefined {
  if (trim(lines[0] ?? '') !== BEGIN) return `first line must be '${BEGIN}'`;
  // A lone Begin line would otherwise be its own last line.
  if (trim(lines.at(-1) ?? '') !== END) return `last line must be '${END}'`;
  return undefined;
}

interface LineCursor {
  readonly lines: readonly string[];
  index: number;
}

const lineNumber = (index: number): number => index + FIRST_SECTION_LINE;

function readSections(lines: readonly string[]): PatchSection[] {
  const cursor: LineCursor = { lines, index: 0 };
  const sections: PatchSection[] = [];
  while (cursor.index < lines.length) sections.push(readSection(cursor));
  return sections;
}

function readSection(cursor: LineCursor): PatchSection {
  const headerIndex = cursor.index;
  const header = trim(cursor.lines[headerIndex] ?? '');
  cursor.index += 1;
  if (header.startsWith(ADD)) return { kind: 'add', path: header.slice(ADD.length), content: readAddedText(cursor) };
  if (header.startsWith(DELETE)) return { kind: 'delete', path: header.slice(DELETE.length) };
  if (header.startsWith(UPDATE)) return readUpdate(cursor, header.slice(UPDATE.length), headerIndex);
  throw new SyntaxFailure(
    lineNumber(headerIndex),
    `'${header}' is not a valid hunk header. Expected '${ADD}<path>', '${DELETE}<path>' or '${UPDATE}<path>'`,
  );
}

function readAddedText(cursor: LineCursor): string {
  let content = '';
  for (let line = cursor.lines[cursor.index]; line?.startsWith('+'); line = cursor.lines[cursor.index]) {
    content += `${line.slice(1)}\n`;
    cursor.index += 1;
  }
  return content;
}

function readUpdate(cursor: LineCursor, path: string, headerIndex: number): PatchSection {
  const next = cursor.lines[cursor.index];
  const movePath = next?.startsWith(MOVE) ? next.slice(MOVE.length) : null;
  if (movePath !== null) cursor.index += 1;

  const chunks: PatchChunk[] = [];
  for (let line = cursor.lines[cursor.index]; line !== undefined; line = cursor.lines[cursor.index]) {
    if (trim(line) === '') {
      cursor.index += 1;
      continue;
    }
    if (line.startsWith('***')) break;
    chunks.push(readChunk(cursor, chunks.length === 0));
  }
  if (chunks.length === 0) {
    throw new SyntaxFailure(lineNumber(headerIndex), `Update file hunk for path '${path}' is empty`);
  }
  return { kind: 'update', path, movePath, chunks };
}

function readChunk(cursor: LineCursor, isFirst: boolean): PatchChunk {
  const startIndex = cursor.index;
  const headers = readHeaders(cursor, isFirst);
  const lines: PatchLine[] = [];
  let atEndOfFile = false;
  for (let line = cursor.lines[cursor.index]; line !== undefined; line = cursor.lines[cursor.index]) {
    if (line === END_OF_FILE) {
      if (lines.length === 0) break;
      atEndOfFile = true;
      cursor.index += 1;
      break;
    }
    const change = readChange(line);
    if (change === undefined) {
      if (lines.length > 0) break;
      throw new SyntaxFailure(
        lineNumber(startIndex) + 1,
        `Unexpected line found in update hunk: '${line}'. Lines begin with a space (kept), '+' (added) or '-' (removed)`,
      );
    }
    lines.push(change);
    cursor.index += 1;
  }
  if (lines.length === 0) {
    throw new SyntaxFailure(lineNumber(startIndex) + 1, 'Update hunk does not contain any lines');
  }
  return { headers, lines, atEndOfFile };
}

/** The `@@` lines of a chunk; only the first chunk of a file may have none. */
function readHeaders(cursor: LineCursor, isFirst: boolean): string[] {
  const first = cursor.lines[cursor.index] ?? '';
  const headers: string[] = [];
  if (first === CHUNK) cursor.index += 1;
  else if (!first.startsWith(NAMED_CHUNK) && !isFirst) {
    throw new SyntaxFailure(
      lineNumber(cursor.index),
      `Expected update hunk to start with a @@ context marker, got: '${first}'`,
    );
  }
  for (let line = cursor.lines[cursor.index]; line?.startsWith(NAMED_CHUNK); line = cursor.lines[cursor.index]) {
    headers.push(line.slice(NAMED_CHUNK.length));
    cursor.index += 1;
  }
  return headers;
}

const KINDS: ReadonlyMap<string, PatchLine['kind']> = new Map([
  ['', 'keep'], // an empty line is a kept empty line whose blank was lost
  [' ', 'keep'],
  ['-', 'remove'],
  ['+', 'add'],
]);

/** undefined when it is no line of a chunk. */
function readChange(line: string): PatchLine | undefined {
  const kind = KINDS.get(line.charAt(0));
  return kind === undefined ? undefined : { kind, text: line.slice(1) };
}
