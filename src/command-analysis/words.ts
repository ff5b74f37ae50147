/**
 * Parses scripts that consist of words only. In: the text of a shell script or an argv. Out: its simple commands as lists of
 * words, or null if the script has anything else (expansions, redirections, control flow, comments); callers treat such a
 * script as one opaque command. No state.
 */

/** One word of a script, in two readings. */
interface ScriptWord {
  /** The text without its quotes, escapes left as they stand: what is shown and what rules are matched against. */
  readonly text: string;
  /** The text with its escapes carried out, as the shell will see it before it expands braces and globs. */
  readonly cooked: string;
  /** Whether it has no quotes. */
  readonly bare: boolean;
  readonly becomes: Becomes;
}

/**
 * What a shell makes of a word: the word; by a glob any number of names, none of which begins like an option; by braces,
 * or a glob at its beginning or behind a dash, any words at all.
 */
export type Becomes = 'itself' | 'names' | 'anything';

export type ScriptCommand = readonly ScriptWord[];

type Token =
  | { readonly kind: 'word'; readonly word: ScriptWord }
  | { readonly kind: 'join'; readonly text: '&&' | '||' | '|' }
  | { readonly kind: 'end'; readonly text: ';' | '\n' };

/** Words that start something other than a simple command. */
const NOT_A_COMMAND = new Set([
  'if',
  'for',
  'while',
  'until',
  'case',
  'select',
  'function',
  'export',
  'declare',
  'typeset',
  'readonly',
  'local',
  'unset',
  'unsetenv',
  '!',
  '{',
  '}',
]);

const SHELLS = new Set(['bash', 'zsh', 'sh']);

/** The file name without its folder and its last extension. */
export function fileStem(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

/** The script of `[bash|zsh|sh, -lc|-c, script]`, or undefined for any other argv. */
export function shellScript(argv: readonly string[]): string | undefined {
  const [shell, flag, script] = argv;
  if (argv.length !== 3 || shell === undefined || (flag !== '-lc' && flag !== '-c')) return undefined;
  return SHELLS.has(fileStem(shell)) ? script : undefined;
}

/** The simple commands of a word-only script in both readings, or null; an empty script has none and gives null. */
export function parseScript(script: string): readonly ScriptCommand[] | null {
  const tokens = tokenize(script);
  return tokens === null ? null : group(tokens);
}

/**
 * The commands that an argv stands for: the inner commands of a word-only shell script, the argv itself when no shell
 * is involved, null for a script that is not word-only.
 */
export function commandsOf(argv: readonly string[]): string[][] | null {
  const script = shellScript(argv);
  if (script === undefined) return [[...argv]];
  return parseScript(script)?.map((command) => command.map((word) => word.text)) ?? null;
}

function group(tokens: readonly Token[]): ScriptCommand[] | null {
  const commands: ScriptCommand[] = [];
  let current: ScriptWord[] = [];
  let joined = false;
  for (const token of tokens) {
    if (token.kind === 'word') {
      if (current.length === 0 && !mayBeName(token.word)) return null;
      current.push(token.word);
      joined = false;
    } else if (current.length > 0) {
      commands.push(current);
      current = [];
      joined = token.kind === 'join';
    } else if (token.text !== '\n') {
      return null;
    }
  }
  if (current.length > 0) commands.push(current);
  return joined || commands.length === 0 ? null : commands;
}

function mayBeName({ text, bare }: ScriptWord): boolean {
  if (!bare || NOT_A_COMMAND.has(text) || text.startsWith('[')) return false;
  return !/^\d+$/.test(text) && !/^[A-Za-z_]\w*(\[[^\]]*\])?\+?=/.test(text);
}

function tokenize(script: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < script.length) {
    const char = script.charAt(at);
    const pair = script.slice(at, at + 2);
    if (char === ' ' || char === '\t') at += 1;
    else if (pair === '\\\n' || pair === '\r\n') at += pair === '\\\n' ? 2 : 1;
    else if (pair === '&&' || pair === '||') {
      tokens.push({ kind: 'join', text: pair });
      at += 2;
    } else if (pair === '|&' || char === '&' || char === '#') return null;
    else if (char === '|') {
      tokens.push({ kind: 'join', text: char });
      at += 1;
    } else if (char === ';' || char === '\n') {
      tokens.push({ kind: 'end', text: char });
      at += 1;
    } else {
      const read = readWord(script, at);
      if (read === null) return null;
      tokens.push({ kind: 'word', word: read.word });
      at = read.end;
    }
  }
  return tokens;
}

interface Piece {
  readonly text: string;
  readonly cooked: string;
  readonly end: number;
}

function readWord(script: string, start: number): { word: ScriptWord; end: number } | null {
  let text = '';
  let cooked = '';
  let unquoted = '';
  // Dashes, and what is not quoted: enough to tell globs, and how the word begins.
  let shape = '';
  let at = start;
  while (at < script.length && !/[ \t\r\n\v\f;|&]/.test(script.charAt(at))) {
    const char = script.charAt(at);
    const quoted = char === "'" || char === '"';
    const piece = quoted ? readQuoted(script, at) : readBare(script, at);
    if (piece === null) return null;
    text += piece.text;
    cooked += piece.cooked;
    const isPlain = !quoted && piece.text.length === 1;
    unquoted += quoted ? '\0' : isPlain ? piece.text : '';
    if (piece.cooked !== '') shape += isPlain || piece.cooked.startsWith('-') ? piece.cooked.charAt(0) : '\0';
    at = piece.end;
  }
  // An odd blank (a form feed, a lone carriage return) separates words in one reading and not in the other.
  if (/^(?:[\v\f]|\r(?!\n))/.test(script.slice(at, at + 2))) return null;
  if (unquoted === '==' || unquoted === '=~' || /\{\d+\.\.\d+\}/.test(unquoted)) return null;
  const becomes = hasBraces(unquoted) ? 'anything' : expansionOf(shape);
  return { word: { text, cooked, bare: !unquoted.includes('\0'), becomes }, end: at };
}

/** Whether an opening brace, a comma or two dots, and a closing brace follow each other, whatever is between them. */
function hasBraces(text: string): boolean {
  const last = text.lastIndexOf('}');
  const inner = text.slice(text.indexOf('{') + 1, last);
  return text.includes('{') && last !== -1 && (inner.includes(',') || inner.includes('..'));
}

function expansionOf(shape: string): Becomes {
  if (!/[*?[]/.test(shape)) return 'itself';
  return /^[-*?[]/.test(shape) ? 'anything' : 'names';
}

function readBare(script: string, at: number): Piece | null {
  const char = script.charAt(at);
  if ('$`<>()'.includes(char)) return null;
  if (char !== '\\') return { text: char, cooked: char, end: at + 1 };
  const next = script.charAt(at + 1);
  if (next === '') return null;
  // The shell glues the two lines together, whatever stands around the break.
  if (next === '\n') return { text: '', cooked: '', end: at + 2 };
  return { text: `\\${next}`, cooked: next, end: at + 2 };
}

function readQuoted(script: string, start: number): Piece | null {
  const quote = script.charAt(start);
  let cooked = '';
  for (let at = start + 1; at < script.length; at += 1) {
    const char = script.charAt(at);
    if (char === quote) return { text: script.slice(start + 1, at), cooked, end: at + 1 };
    if (quote === '"' && (char === '$' || char === '`')) return null;
    if (quote === '"' && char === '\\') {
      at += 1;
      const next = script.charAt(at);
      cooked += next === '\n' ? '' : '$`"\\'.includes(next) ? next : `\\${next}`;
    } else cooked += char;
  }
  return null;
}
