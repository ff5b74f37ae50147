/** A TOML document as the pieces of its text; joined, they are the text again, including all comments. */
import { parse } from 'smol-toml';
import { withoutEnd } from '../../base/trimming.ts';

/** `prefix` `key` = `gap` `value` `suffix`. */
export interface TomlEntry {
  /** Comments, blank lines and indentation before it. */
  prefix: string;
  /** As written, up to the equals sign. */
  readonly key: string;
  readonly keys: readonly string[];
  readonly gap: string;
  value: string;
  /** The rest of its last line, including the newline. */
  readonly suffix: string;
}

/** A header and its entries. The first section of a document has no header. */
export interface TomlSection {
  prefix: string;
  /** Including brackets. */
  readonly head: string;
  readonly keys: readonly string[];
  readonly isItem: boolean;
  readonly suffix: string;
  readonly entries: TomlEntry[];
}

export interface TomlDocument {
  readonly byteOrderMark: string;
  /** Never empty: the first one has no header. */
  readonly sections: TomlSection[];
  /** Comments and blank lines at the end. */
  trailing: string;
}

const BYTE_ORDER_MARK = '\uFEFF';

export function printDocument({ byteOrderMark, sections, trailing }: TomlDocument): string {
  const body = sections.map(({ prefix, head, suffix, entries }) => [
    prefix,
    head,
    suffix,
    ...entries.map((entry) => `${entry.prefix}${entry.key}=${entry.gap}${entry.value}${entry.suffix}`),
  ]);
  return byteOrderMark + body.flat().join('') + trailing;
}

/** `text` was accepted by the parser and has no carriage returns before its newlines. */
export function parseDocument(text: string): TomlDocument {
  const byteOrderMark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const reader = new Reader(text.slice(byteOrderMark.length));
  const sections: TomlSection[] = [{ prefix: '', head: '', keys: [], isItem: false, suffix: '', entries: [] }];
  for (;;) {
    const prefix = reader.take(/(?:[ \t\n]|#[^\n]*)*/y);
    if (reader.atEnd) return { byteOrderMark, sections, trailing: prefix };
    if (reader.next === '[') sections.push(readHead(reader, prefix));
    else sections.at(-1)?.entries.push(readEntry(reader, prefix));
  }
}

function readHead(reader: Reader, prefix: string): TomlSection {
  const open = reader.take(/\[\[?/y);
  const inner = reader.outsideStrings(']');
  const head = open + inner + reader.take(/\]\]?/y);
  return { prefix, head, keys: keysOf(inner), isItem: open === '[[', suffix: restOfLine(reader), entries: [] };
}

function readEntry(reader: Reader, prefix: string): TomlEntry {
  const key = reader.outsideStrings('=');
  reader.take(/=/y);
  const gap = reader.take(/[ \t]*/y);
  return { prefix, key, keys: keysOf(key), gap, value: reader.value(), suffix: restOfLine(reader) };
}

function restOfLine(reader: Reader): string {
  const rest = reader.take(/[^\n]*/y);
  reader.take(/\n/y);
  return `${rest}\n`;
}

/** The parts of a dotted key. The parser interprets quotes and escapes. */
function keysOf(text: string): string[] {
  const keys: string[] = [];
  for (let value: unknown = parse(`${text}=0`, { integersAsBigInt: true }); typeof value === 'object'; ) {
    const [key, inner]: [string, unknown] = Object.entries(Object(value))[0] ?? ['', null];
    keys.push(key);
    value = inner;
  }
  return keys;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get next(): string {
    return this.#text.charAt(this.#at);
  }

  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += taken.length;
    return taken;
  }

  /** Everything up to a character outside of strings. */
  outsideStrings(stop: string): string {
    const start = this.#at;
    while (!this.atEnd && this.next !== stop) this.#one();
    return this.#text.slice(start, this.#at);
  }

  value(): string {
    const start = this.#at;
    if (this.next === '[' || this.next === '{') this.#bracketed();
    else if (!this.#string()) {
      this.take(/[^#\n]*/y);
      this.#at = start + withoutEnd(this.#text.slice(start, this.#at), ' \t').length;
    }
    return this.#text.slice(start, this.#at);
  }

  #bracketed(): void {
    let depth = 0;
    do {
      if ('[{'.includes(this.next)) depth += 1;
      if (']}'.includes(this.next)) depth -= 1;
      if (this.take(/#[^\n]*/y) === '') this.#one();
    } while (depth > 0 && !this.atEnd);
  }

  #one(): void {
    if (!this.#string()) this.#at += 1;
  }

  /** Skips a string of any of the four kinds; up to two quotes may precede the closing three. */
  #string(): boolean {
    return (
      this.take(/"{3}(?:[^\\]|\\.)*?"{3,5}(?!")|'{3}.*?'{3,5}(?!')/sy) !== '' ||
      this.take(/"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y) !== ''
    );
  }
}
