/** The text of a file, taken apart into lines that can be put together again byte for byte. Pure. */

/** Only LF and CR LF end a line; a lone CR, a form feed or U+2028 is a character of it. */
export type LineEnd = '\n' | '\r\n';

/** `end` is null for a last line without one. */
export interface FileLine {
  readonly text: string;
  readonly end: LineEnd | null;
}

/** `hasMark`: the text began with a byte order mark, which belongs to no line. */
export interface FileLines {
  readonly hasMark: boolean;
  readonly lines: readonly FileLine[];
}

export const BYTE_ORDER_MARK = '\ufeff';

/** The lines of a text, each with its line feed, so that a last line without one differs from the same line with one. */
export function rawLines(text: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed + 1;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

export function splitFile(content: string): FileLines {
  const hasMark = content.startsWith(BYTE_ORDER_MARK);
  return { hasMark, lines: rawLines(hasMark ? content.slice(BYTE_ORDER_MARK.length) : content).map(toFileLine) };
}

function toFileLine(line: string): FileLine {
  if (line.endsWith('\r\n')) return { text: line.slice(0, -2), end: '\r\n' };
  return line.endsWith('\n') ? { text: line.slice(0, -1), end: '\n' } : { text: line, end: null };
}

export const joinLines = (lines: readonly FileLine[]): string =>
  lines.map(({ text, end }) => text + (end ?? '')).join('');
