/**
 * Quotes an argv as one line of shell text, for items, approvals and rule texts. A shell's word splitting yields the same
 * words again, except that a NUL byte turns the whole line into a fixed notice.
 */

/** Characters that need no quotes. Observed on codex app-server 0.94.0. */
const BARE = /[A-Za-z0-9+\-./:@\]_]/;
const NOT_IN_SINGLE = new Set(["'", '\\', '^']);
const NOT_IN_DOUBLE = new Set(['`', '$', '!', '^']);

const NUL_NOTICE = '<command included NUL byte>';

interface Styles {
  readonly bare: boolean;
  readonly single: boolean;
  readonly double: boolean;
}

/** Joins words with spaces, quoted if necessary. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.some((word) => word.includes('\0')) ? NUL_NOTICE : argv.map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  if (word === '') return "''";
  let out = '';
  let rest = word;
  while (rest !== '') {
    const { length, styles } = nextChunk(rest);
    out += quoteChunk(rest.slice(0, length), styles);
    rest = rest.slice(length);
  }
  return out;
}

/** The longest prefix that one style of quoting can hold, and the styles that can. */
function nextChunk(text: string): { length: number; styles: Styles } {
  // A caret at the start of a chunk goes into single quotes, the only place where it is tolerated.
  const caret = text.startsWith('^');
  let styles: Styles = caret
    ? { bare: false, single: true, double: false }
    : { bare: true, single: true, double: true };
  let length = caret ? 1 : 0;
  for (const char of text.slice(length)) {
    const next = {
      bare: styles.bare && BARE.test(char),
      single: styles.single && !NOT_IN_SINGLE.has(char),
      double: styles.double && !NOT_IN_DOUBLE.has(char),
    };
    if (!next.bare && !next.single && !next.double) break;
    styles = next;
    length += char.length;
  }
  return { length, styles };
}

function quoteChunk(chunk: string, styles: Styles): string {
  if (styles.bare) return chunk;
  if (styles.single) return `'${chunk}'`;
  return `"${chunk.replace(/[$`"\\]/g, '\\$&')}"`;
}
