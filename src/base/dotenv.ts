/**
 * The dialect of `.env` files that codex reads, which is that of the Rust crate dotenvy; no package for Node speaks it.
 * In: a file's bytes and the environment around it. Out: its variables, and the lines that are not understood. Pure, linear.
 *
 *   A=b c          not understood: words behind a value         A=b #c   a comment needs a blank before it
 *   A='$x \n'      as it is; there is no way out but the quote  A="\n"   \n \\ \" \' \$ and backslash-blank; no other
 *   A=$B${C}       an environment's variable goes before a line's; names end at what is no letter or digit
 *   A="$B"         not understood: what ends `$B` is text, so the quote stays open
 *   A="x⏎y"        a quote, or a backslash at the end, goes on in the next line
 */

export interface EnvFileContent {
  /** In the order of their first line. */
  readonly variables: ReadonlyMap<string, string>;
  /** First lines, counted from 1, of what was skipped. */
  readonly faultyLines: readonly number[];
}

/** What an environment is asked: whether it has a name, and which names of a file it takes. */
export interface EnvFileReader {
  readonly lookUp: (name: string) => string | undefined;
  readonly accepts: (name: string) => boolean;
}

/** Linux starts no program with a longer variable (MAX_ARG_STRLEN); substitutions could otherwise double it with every line. */
const MAX_VALUE_LENGTH = 128 * 1024 - 1;
/** Of all values: what programs can be started with is about as much. */
const MAX_TOTAL_LENGTH = 1024 * 1024;

const WHITE = /^\p{White_Space}$/u;
const LETTER_OR_DIGIT = /^[\p{Alphabetic}\p{N}]$/u;
const NAME = /[A-Za-z_][A-Za-z0-9_.]*/y;
const BYTE_ORDER_MARK = '\uFEFF';

const isWhite = (character: string): boolean => WHITE.test(character);

/** The line says nothing that can be understood. */
class InvalidLine extends Error {}

/** Reads lines one by one, as each may use the ones before it. Never throws for what a file may hold. */
export function readEnvText(bytes: Uint8Array, { lookUp, accepts }: EnvFileReader): EnvFileContent {
  const variables = new Map<string, string>();
  /** null: set to nothing, which a substitution sees as nothing too. */
  const written = new Map<string, string>();
  const faultyLines: number[] = [];
  let totalLength = 0;
  const resolve = (name: string): string => variables.get(name) ?? lookUp(name) ?? written.get(name) ?? '';
  for (const { text, number } of statements(bytes)) {
    try {
      const found = text === null ? fault() : assignment(text, resolve);
      if (found === null) continue;
      const [name, value] = found;
      totalLength += value.length;
      if (totalLength > MAX_TOTAL_LENGTH) fault();
      written.set(name, value);
      if (accepts(name)) variables.set(name, value);
    } catch (error) {
      if (!(error instanceof InvalidLine)) throw error;
      faultyLines.push(number);
    }
  }
  return { variables, faultyLines };
}

function fault(): never {
  throw new InvalidLine();
}

/** One line, or several that a quote holds together; null for one that is not UTF-8 or does not end. */
interface QuotedLine {
  readonly text: string | null;
  readonly number: number;
}

function* statements(bytes: Uint8Array): Generator<QuotedLine> {
  let collected = '';
  let state: QuoteState = 'plain';
  let first = 1;
  for (const { line, number } of lines(bytes)) {
    if (collected === '') first = number;
    if (line === null) {
      yield { text: null, number: first };
      [collected, state] = ['', 'plain'];
      continue;
    }
    if (collected === '' && firstVisible(line) === '#') continue;
    const end = stateAfter(state, line);
    collected += line.slice(0, end.length);
    state = end.state;
    if (state !== 'plain') continue;
    yield { text: collected, number: first };
    collected = '';
  }
  if (collected !== '') yield { text: null, number: first };
}

/** With their newlines; null for one that is not UTF-8. A mark at the very beginning is looked past. */
function* lines(bytes: Uint8Array): Generator<{ readonly line: string | null; readonly number: number }> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let number = 1;
  for (let start = 0; start < bytes.length; number += 1) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    let line: string | null;
    try {
      line = decoder.decode(bytes.subarray(start, end));
    } catch {
      line = null; // one bad line does not spoil the others
    }
    if (number === 1 && line?.startsWith(BYTE_ORDER_MARK) === true) line = line.slice(BYTE_ORDER_MARK.length);
    yield { line, number };
    start = end;
  }
}

function firstVisible(line: string): string | undefined {
  for (const character of line) if (!isWhite(character)) return character;
  return undefined;
}

/** Where a scan for the end of a statement is. All but `plain` go on in the next line. */
type QuoteState = 'plain' | 'blank' | 'escape' | 'strong' | 'strongEscape' | 'weak' | 'weakEscape';

const OPENING: Readonly<Record<string, QuoteState>> = { '\\': 'escape', '"': 'weak', "'": 'strong' };

/** The state behind a line, and how much of it counts: a comment behind a value does not, and ends the statement. */
function stateAfter(before: QuoteState, line: string): { readonly state: QuoteState; readonly length: number } {
  let state = before;
  let length = 0;
  for (const character of line) {
    if (state === 'blank' && character === '#') return { state: 'plain', length };
    state = nextState(state, character);
    length += character.length;
  }
  return { state, length };
}

function nextState(state: QuoteState, character: string): QuoteState {
  switch (state) {
    case 'plain':
      if (isWhite(character) && character !== '\n' && character !== '\r') return 'blank';
      return OPENING[character] ?? 'plain';
    case 'blank':
      return OPENING[character] ?? 'plain';
    case 'escape':
      return 'plain';
    case 'strong':
      return character === '\\' ? 'strongEscape' : character === "'" ? 'plain' : 'strong';
    case 'weak':
      return character === '\\' ? 'weakEscape' : character === '"' ? 'plain' : 'weak';
    case 'strongEscape':
      return 'strong';
    case 'weakEscape':
      return 'weak';
  }
}

type Resolve = (name: string) => string;

/** null for an empty line or a comment. Throws InvalidLine. */
function assignment(statement: string, resolve: Resolve): readonly [name: string, value: string] | null {
  const text = trimmed(statement);
  if (text === '' || text.startsWith('#')) return null;
  let at = 0;
  const skipBlanks = (): void => {
    at = behindBlanks(text, at);
  };
  const name = (): string => {
    NAME.lastIndex = at;
    const found = NAME.exec(text)?.[0] ?? fault();
    at += found.length;
    skipBlanks();
    return found;
  };
  let key = name();
  if (key === 'export' && text[at] !== '=') key = name();
  if (text[at] !== '=') fault();
  at += 1;
  skipBlanks();
  const rest = text.slice(at);
  return [key, rest.startsWith('#') ? '' : new Value(resolve).read(rest)];
}

function behindBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isWhite(text.charAt(at))) at += 1;
  return at;
}

function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && isWhite(text.charAt(end - 1))) end -= 1;
  return text.slice(behindBlanks(text, 0), end);
}

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\', "'": "'", '"': '"', $: '$', ' ': ' ', n: '\n' };

class Value {
  readonly #resolve: Resolve;
  #output = '';
  #place: 'plain' | 'strong' | 'weak' | 'behind' = 'plain';
  #isEscaped = false;
  /** The name that is being read, in `$NAME` or `${NAME}`. */
  #name: string | null = null;
  #isBraced = false;

  constructor(resolve: Resolve) {
    this.#resolve = resolve;
  }

  /** Throws InvalidLine. */
  read(text: string): string {
    for (const character of text) {
      if (this.#place === 'behind' && character === '#') break;
      this.#take(character);
    }
    if (this.#isBraced || this.#place === 'strong' || this.#place === 'weak') fault();
    this.#substitute();
    return this.#output;
  }

  #take(character: string): void {
    if (this.#place === 'behind') {
      if (character !== ' ' && character !== '\t') fault();
    } else if (this.#isEscaped) {
      this.#put(ESCAPED[character] ?? fault());
      this.#isEscaped = false;
    } else if (this.#place === 'strong') {
      if (character === "'") this.#place = 'plain';
      else this.#put(character);
    } else if (this.#name !== null) this.#takeOfName(this.#name, character);
    else if (character === '$') this.#name = '';
    else if (character === '\\') this.#isEscaped = true;
    else if (character === '"') this.#place = this.#place === 'weak' ? 'plain' : 'weak';
    else if (this.#place === 'weak') this.#put(character);
    else if (character === "'") this.#place = 'strong';
    else if (character === ' ' || character === '\t') this.#place = 'behind';
    else this.#put(character);
  }

  #takeOfName(name: string, character: string): void {
    if (this.#isBraced ? character !== '}' : LETTER_OR_DIGIT.test(character)) this.#name = name + character;
    else if (this.#isBraced) this.#substitute();
    else if (character === '{' && name === '') this.#isBraced = true;
    else {
      this.#substitute();
      if (character === '$') this.#name = '';
      else this.#put(character); // whatever it is, a quote too
    }
  }

  #substitute(): void {
    if (this.#name !== null) this.#put(this.#resolve(this.#name));
    this.#name = null;
    this.#isBraced = false;
  }

  #put(text: string): void {
    if (this.#output.length + text.length > MAX_VALUE_LENGTH || text.includes('\0')) fault();
    this.#output += text;
  }
}
