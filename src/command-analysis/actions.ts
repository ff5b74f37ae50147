/**
 * Summarises a command line for display. In: an argv from the model. Out: the actions that a client displays in
 * place of the raw text. Pure; no decision about what may run is made here.
 */
import type { CommandAction } from '../protocol/items.ts';
import { isFormattingFilter } from './filters.ts';
import { quoteArgv } from './quote.ts';
import { operandsOf, summarise } from './summaries.ts';
import { commandsOf, fileStem, shellScript } from './words.ts';

const CONNECTORS = new Set(['&&', '||', '|', ';']);

/** Of all reads together. Changes of folder add up in the path of every read, and a script can have thousands of both. */
const LONGEST_PATHS = 1_000_000;

/** The actions of an argv; equal neighbours are merged. */
export function commandActions(argv: readonly string[]): CommandAction[] {
  const script = shellScript(argv) ?? undefined;
  const actions = script === undefined ? argvActions(argv) : scriptActions(argv, script);
  const shownLength = actions.reduce((sum, action) => sum + (action.type === 'read' ? action.path.length : 0), 0);
  if (shownLength > LONGEST_PATHS) return [{ type: 'unknown', command: script ?? quoteArgv(argv) }];
  return actions.filter((action, at) => at === 0 || !sameAction(action, actions[at - 1]));
}

const sameAction = (a: CommandAction, b: CommandAction | undefined): boolean =>
  b !== undefined && JSON.stringify(a) === JSON.stringify(b);

function scriptActions(argv: readonly string[], script: string): CommandAction[] {
  const raw: CommandAction[] = [{ type: 'unknown', command: script }];
  const commands = commandsOf(argv);
  if (commands === null) return raw;
  const telling = commands.filter((command) => !isFormattingFilter(command));
  if (telling.length === 0) return raw;
  const actions = simplified(summariseAll(telling));
  const [only] = actions;
  return actions.length === 1 && only !== undefined ? [withScriptText(only, script, commands.length)] : actions;
}

/** A single action gets the text of the whole script, unless the script has other commands. */
function withScriptText(action: CommandAction, script: string, commandCount: number): CommandAction {
  if (action.type === 'unknown') return action;
  const words = splitWords(script) ?? [script];
  if (commandCount === 1 && !words.some((word) => CONNECTORS.has(word))) {
    return { ...action, command: quoteArgv(words) };
  }
  const printsRange = words.includes('|') && words.some((word, at) => word === 'sed' && words[at + 1] === '-n');
  return action.type === 'read' && printsRange ? { ...action, command: script } : action;
}

function argvActions(argv: readonly string[]): CommandAction[] {
  if (argv.length === 0) return [{ type: 'unknown', command: '' }];
  const powershell = powershellScript(argv);
  if (powershell !== undefined) return [{ type: 'unknown', command: powershell }];
  const answered = argv[1] === '|' && ['yes', 'y', 'no', 'n'].includes(argv[0] ?? '');
  const segments: string[][] = [[]];
  for (const word of answered ? argv.slice(2) : argv) {
    if (CONNECTORS.has(word)) segments.push([]);
    else segments.at(-1)?.push(word);
  }
  return simplified(summariseAll(segments.filter((segment) => segment.length > 0)));
}

function powershellScript(argv: readonly string[]): string | undefined {
  const [program = '', ...args] = argv;
  if (!['pwsh', 'powershell'].includes(fileStem(program.replaceAll('\\', '/')).toLowerCase())) return undefined;
  const at = args.findIndex((arg) => !['-nologo', '-noprofile'].includes(arg.toLowerCase()));
  return ['-command', '-c'].includes((args[at] ?? '').toLowerCase()) ? args[at + 1] : undefined;
}

/** Summarises each command; `cd` yields no action but changes the paths of later reads. */
function summariseAll(commands: readonly (readonly string[])[]): CommandAction[] {
  const actions: CommandAction[] = [];
  let base: string | undefined;
  for (const command of commands) {
    if (command[0] === 'cd') {
      const target = changeTarget(command.slice(1));
      if (target !== undefined) base = base === undefined ? target : joined(base, target);
      continue;
    }
    const action = summarise(command);
    const moved = action.type === 'read' && base !== undefined;
    actions.push(moved ? { ...action, path: joined(base ?? '', action.path) } : action);
  }
  return actions;
}

function changeTarget(args: readonly string[]): string | undefined {
  const end = args.indexOf('--');
  return end === -1 ? operandsOf(args).at(-1) : args[end + 1];
}

const isAbsolute = (path: string): boolean => /^([/\\]|[A-Za-z]:[/\\])/.test(path);

function joined(base: string, path: string): string {
  if (isAbsolute(path)) return path;
  return base.endsWith('/') ? base + path : `${base}/${path}`;
}

/** Drops commands that only prepare or decorate the others, as long as something else is left. */
function simplified(actions: readonly CommandAction[]): CommandAction[] {
  const left = actions.length > 1 ? actions.filter((action) => !isUnknown(action, ['true'])) : actions;
  const kinds = left.map(decorationOf);
  const isDropped = left.map(() => false);
  let [head, tail, change, numbering] = [0, left.length - 1, 0, 0];
  for (let count = left.length; count > 1; count -= 1) {
    while (isDropped[head]) head += 1;
    while (isDropped[tail]) tail -= 1;
    while (change < left.length && (isDropped[change] || kinds[change] !== 'change')) change += 1;
    while (numbering < left.length && (isDropped[numbering] || kinds[numbering] !== 'numbering')) numbering += 1;
    const dropped = kinds[head] === 'words' ? head : change < tail ? change : numbering;
    if (dropped === left.length) break;
    isDropped[dropped] = true;
  }
  return left.filter((_action, at) => !isDropped[at]);
}

/** Words count as decoration at the beginning, a change of folder anywhere but at the end, numbered lines anywhere. */
function decorationOf(action: CommandAction): 'words' | 'change' | 'numbering' | null {
  const [program, ...args] = unknownWords(action);
  if (program === 'echo') return 'words';
  if (program === 'cd') return 'change';
  return program === 'nl' && args.every((arg) => arg.startsWith('-')) ? 'numbering' : null;
}

const unknownWords = (action: CommandAction): string[] =>
  action.type === 'unknown' ? (splitWords(action.command) ?? []) : [];

const isUnknown = (action: CommandAction, words: readonly string[]): boolean =>
  JSON.stringify(unknownWords(action)) === JSON.stringify(words);

/** Splits text into words as a shell would, operators being ordinary text; null when a quote is left open. */
export function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | undefined;
  const pattern = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([ \t\r\n]+)|([^'"\\ \t\r\n]+)|([\s\S])/g;
  for (const [, single, double, escaped, blank, bare, broken] of text.matchAll(pattern)) {
    if (broken !== undefined) return null;
    if (blank !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const cooked = double?.replace(/\\([\s\S])/g, (pair, next) =>
      next === '\n' ? '' : '$`"\\'.includes(next) ? next : pair,
    );
    word = (word ?? '') + (single ?? cooked ?? (escaped === '\n' ? '' : escaped) ?? bare ?? '');
  }
  return word === undefined ? words : [...words, word];
}
