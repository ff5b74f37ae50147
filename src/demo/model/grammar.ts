/**
 * What the embedded model understands. In: a prompt. Out: its steps, or what could not be read. No state.
 *
 *   prompt  = step { [","] ["and"] "then" step }
 *   step    = "run" command                        runs it in the user's shell
 *           | "create" file "with" text            a new file, or new contents
 *           | "replace" text "with" text "in" file every occurrence
 *           | "append" text "to" file              as lines of its own
 *           | "delete" file
 *           | "show" file
 *           | "say" text
 *           | "plan" text { ";" text }             as a list of steps to do
 *   text    = "…" with the escapes \n \t \" \\, or '…' or `…` taken literally, or plain words
 *   file    = the same
 *   command = the same, or the rest of the step as it is, quotes included
 *
 * Words of the grammar are read in any case; inside quotes they are ordinary text. A leading "please" and a closing full
 * stop after a quoted text are allowed.
 */

export type Step =
  | { readonly kind: 'run'; readonly command: string }
  | { readonly kind: 'create'; readonly file: string; readonly text: string }
  | { readonly kind: 'replace'; readonly from: string; readonly to: string; readonly file: string }
  | { readonly kind: 'append'; readonly text: string; readonly file: string }
  | { readonly kind: 'delete'; readonly file: string }
  | { readonly kind: 'show'; readonly file: string }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'plan'; readonly steps: readonly string[] };

export type Parsed =
  | { readonly ok: true; readonly steps: readonly Step[] }
  | { readonly ok: false; readonly problem: string };

/** The grammar for people, as `--help` and the answer to an unknown prompt show it. */
export const GRAMMAR = `run <command>                      run a command in your shell
create <file> with <text>          write a new file
replace <text> with <text> in <file>
append <text> to <file>
delete <file>
show <file>
say <text>
plan <step>; <step>; …

Steps are joined by "then". Texts and file names are plain words, or "…" (with \\n, \\t, \\", \\\\), '…' or \`…\`.`;

/** A piece of a step: a word as it was written, or a quoted text. Positions are those in the step. */
interface Token {
  readonly text: string;
  readonly quoted: boolean;
  readonly start: number;
  readonly end: number;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };

/** Reads a prompt. Everything in it must be understood: half a prompt is never carried out. */
export function parsePrompt(prompt: string): Parsed {
  const steps: Step[] = [];
  for (const part of splitSteps(prompt)) {
    const step = readStep(part);
    if (typeof step === 'string') return { ok: false, problem: step };
    steps.push(step);
  }
  return steps.length === 0 ? { ok: false, problem: 'there is nothing to do in it' } : { ok: true, steps };
}

/** Cuts at every "then" that stands outside of quotes. */
function splitSteps(prompt: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (const token of tokens(prompt)) {
    if (!isWord(token, 'then')) continue;
    parts.push(prompt.slice(start, token.start));
    start = token.end;
  }
  parts.push(prompt.slice(start));
  const bare = parts.map((part, index) => (index < parts.length - 1 ? withoutJoint(part) : part).trim());
  return bare.filter((part) => part !== '');
}

/** What may stand before "then": a comma, "and", or both. */
function withoutJoint(part: string): string {
  const bare = part.trimEnd();
  const spoken = /\sand$/i.test(bare) ? bare.slice(0, -'and'.length).trimEnd() : bare;
  return spoken.endsWith(',') ? spoken.slice(0, -1) : spoken;
}

function readStep(part: string): Step | string {
  const text = part.replace(/^please\s+/i, '');
  const [verb, ...rest] = tokens(text);
  if (verb === undefined || verb.quoted) return unreadable(part);
  const tail = text.slice(verb.end).trim();
  const name = verb.text.toLowerCase();
  const read = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  return read?.(rest, tail, text) ?? unreadable(part);
}

const unreadable = (part: string): string => `I do not understand "${part}"`;

type ReadVerb = (rest: readonly Token[], tail: string, text: string) => Step | null;

const VERBS: Readonly<Record<string, ReadVerb>> = {
  run: (rest, tail) => {
    const [only] = rest;
    const command = rest.length === 1 && only?.quoted === true ? only.text : tail;
    return command.trim() === '' ? null : { kind: 'run', command };
  },
  say: (rest, tail) => (tail === '' ? null : { kind: 'say', text: oneText(rest, tail) }),
  delete: (rest, tail) => fileStep(oneText(rest, tail), (file) => ({ kind: 'delete', file })),
  show: (rest, tail) => fileStep(oneText(rest, tail), (file) => ({ kind: 'show', file })),
  plan: (_rest, tail) => {
    const steps = splitList(tail);
    return steps.length === 0 ? null : { kind: 'plan', steps };
  },
  create: (rest, _tail, text) => {
    const [file, content] = parts(rest, text, 'with') ?? [];
    if (file === undefined || content === undefined) return null;
    return fileStep(file, (name) => ({ kind: 'create', file: name, text: content }));
  },
  append: (rest, _tail, text) => {
    const [added, file] = parts(rest, text, 'to') ?? [];
    if (added === undefined || file === undefined) return null;
    return fileStep(file, (name) => ({ kind: 'append', text: added, file: name }));
  },
  replace: (rest, _tail, text) => {
    const [from, to, file] = parts(rest, text, 'with', 'in') ?? [];
    if (from === undefined || from === '' || to === undefined || file === undefined) return null;
    return fileStep(file, (name) => ({ kind: 'replace', from, to, file: name }));
  },
};

/** File names of a patch are one line and are trimmed. */
const fileStep = (name: string, build: (file: string) => Step): Step | null =>
  name.trim() === '' || /[\n\r]/.test(name) ? null : build(name.trim());

/** The texts between the given words, each word once: the first one that stands where a text is complete. */
function parts(rest: readonly Token[], text: string, ...words: readonly string[]): string[] | null {
  const found: string[] = [];
  let from = 0;
  for (const word of words) {
    const at = rest.findIndex((token, index) => index > from && isWord(token, word));
    if (at === -1) return null;
    found.push(textOf(rest.slice(from, at), text));
    from = at + 1;
  }
  if (from >= rest.length) return null;
  return [...found, textOf(rest.slice(from), text)];
}

/** The words of a step as they were written, or the inside of its one quoted text. */
function textOf(list: readonly Token[], text: string): string {
  const [first] = list;
  const last = list.at(-1);
  if (first === undefined || last === undefined) return '';
  const closed = list.length === 2 && first.quoted && last.text === '.';
  if ((list.length === 1 || closed) && first.quoted) return first.text;
  return text.slice(first.start, last.end);
}

function oneText(rest: readonly Token[], tail: string): string {
  const [first, second] = rest;
  const closed = rest.length === 2 && second?.text === '.' && !second.quoted;
  return first?.quoted === true && (rest.length === 1 || closed) ? first.text : tail;
}

/** Cuts at every semicolon outside of quotes. */
function splitList(tail: string): string[] {
  const items: string[] = [];
  let item = '';
  let end = 0;
  for (const token of tokens(tail, ';')) {
    if (!token.quoted && token.text === ';') {
      items.push(item);
      item = '';
    } else {
      item += (item === '' ? '' : tail.slice(end, token.start)) + token.text;
    }
    end = token.end;
  }
  return [...items, item].map((text) => text.trim()).filter((text) => text !== '');
}

const isWord = (token: Token, word: string): boolean => !token.quoted && token.text.toLowerCase() === word;

/** A quote opens only where a word could begin, so that apostrophes inside words are letters. */
function tokens(text: string, separator = ''): Token[] {
  const list: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (/\s/.test(character)) {
      at += 1;
      continue;
    }
    const quoted = '"\'`'.includes(character) ? quotedToken(text, at) : null;
    const token = quoted ?? wordToken(text, at, separator);
    list.push(token);
    at = token.end;
  }
  return list;
}

/** Null when the quote is never closed: then it is a letter like any other. */
function quotedToken(text: string, start: number): Token | null {
  const quote = text[start];
  let content = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === quote) return { text: content, quoted: true, start, end: at + 1 };
    const escaped = quote === '"' && character === '\\' ? ESCAPES[text[at + 1] ?? ''] : undefined;
    if (escaped !== undefined) at += 1;
    content += escaped ?? character;
  }
  return null;
}

function wordToken(text: string, start: number, separator: string): Token {
  let end = start;
  while (end < text.length && !/\s/.test(text[end] ?? '') && (text[end] !== separator || end === start)) end += 1;
  if (separator !== '' && text[start] === separator) end = start + 1;
  return { text: text.slice(start, end), quoted: false, start, end };
}
