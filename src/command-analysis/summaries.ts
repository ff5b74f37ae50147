/**
 * Summarises one command for display: it reads a file, lists files, searches, or does something unknown.
 *
 * Which program means what, and which of its flags take a value, was observed on codex app-server 0.94.0. Programs are
 * recognised by their bare name only.
 */
import { withoutEnd } from '../base/trimming.ts';
import type { CommandAction } from '../protocol/items.ts';
import { quoteArgv } from './quote.ts';

type Summary =
  | { readonly type: 'read'; readonly path: string }
  | { readonly type: 'listFiles'; readonly path: string | null }
  | { readonly type: 'search'; readonly query: string | null; readonly path: string | null };

type Reader = (args: readonly string[]) => Summary | undefined;

/** Folder names without information about the target. */
const DULL_FOLDERS = new Set(['build', 'dist', 'node_modules', 'src']);

/** The significant part of a path: its last component that is not a build or source folder. */
export function shortPath(path: string): string {
  const normal = withoutEnd(path.replaceAll('\\', '/'), '/');
  const parts = normal.split('/').filter((part) => part !== '' && !DULL_FOLDERS.has(part));
  return parts.at(-1) ?? normal;
}

const shortOrNull = (path: string | undefined): string | null => (path === undefined ? null : shortPath(path));

/** The arguments without flag values (`--flag value`, `--flag=value`); what follows `--` stays whole. */
function withoutValues(args: readonly string[], valued: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') return [...kept, ...args.slice(at + 1)];
    if (arg.startsWith('--') && arg.includes('=')) continue;
    if (valued.has(arg)) at += 1;
    else kept.push(arg);
  }
  return kept;
}

/** The arguments that are neither flags nor their values; whatever follows `--` is one, dashes or not. */
export function operandsOf(args: readonly string[], valued: ReadonlySet<string> = new Set()): string[] {
  const operands: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') return [...operands, ...args.slice(at + 1)];
    if (arg.startsWith('--') && arg.includes('=')) continue;
    if (valued.has(arg)) at += 1;
    else if (!arg.startsWith('-')) operands.push(arg);
  }
  return operands;
}

const flags = (list: string): ReadonlySet<string> => new Set(list.split(' '));

const listing =
  (valued: ReadonlySet<string>): Reader =>
  (args) => ({ type: 'listFiles', path: shortOrNull(operandsOf(args, valued)[0]) });

// These programs' operands never start with a dash, not even behind `--`.
const undashed = (args: readonly string[], valued: ReadonlySet<string>): string[] =>
  withoutValues(args, valued).filter((arg) => !arg.startsWith('-'));

const searching =
  (valued: ReadonlySet<string>): Reader =>
  (args) => {
    const [query, path] = undashed(args, valued);
    return { type: 'search', query: query ?? null, path: shortOrNull(path) };
  };

const readingOne =
  (valued: ReadonlySet<string>): Reader =>
  (args) => {
    const [path, ...more] = operandsOf(args, valued);
    return path === undefined || more.length > 0 ? undefined : { type: 'read', path };
  };

const RG_FLAGS = flags(
  '-g --glob --iglob -t --type --type-add --type-not -m --max-count -A -B -C --context --max-depth',
);
const GREP_FLAGS = flags('-m --max-count -C --context -A --after-context -B --before-context');
const GREP_PATTERNS = new Set(['-e', '--regexp', '-f', '--file']);
const AG_FLAGS = flags('-G -g --file-search-regex --ignore-dir --ignore-file --path-to-ignore');
const BAT_FLAGS = flags('--theme --language --style --terminal-width --tabs --line-range --map-syntax');
const LESS_FLAGS = flags('-p -P -x -y -z -j --pattern --prompt --tabs --shift --jump-target');
const FD_FLAGS = flags('-t --type -e --extension -E --exclude --search-path');
const AWK_FLAGS = flags('-F -v -f --field-separator --assign --file');
const NL_FLAGS = flags('-s -w -v -i -b');
const SED_FLAGS = flags('-e -f --expression --file');
const LS_FILES_FLAGS = flags('--exclude --exclude-from --pathspec-from-file');

const ripgrep: Reader = (args) => {
  if (!args.includes('--files')) return searching(RG_FLAGS)(args);
  return { type: 'listFiles', path: shortOrNull(undashed(args, RG_FLAGS)[0]) };
};

const grep: Reader = (args) => {
  const end = args.indexOf('--');
  const head = end === -1 ? args : args.slice(0, end);
  const at = head.findIndex((arg) => GREP_PATTERNS.has(arg));
  const operands = operandsOf(args, new Set([...GREP_FLAGS, ...GREP_PATTERNS]));
  if (at === -1) return { type: 'search', query: operands[0] ?? null, path: shortOrNull(operands[1]) };
  return { type: 'search', query: args[at + 1] ?? null, path: shortOrNull(operands[0]) };
};

const git: Reader = ([command, ...args]) => {
  if (command === 'grep') return grep(args);
  return command === 'ls-files' ? listing(LS_FILES_FLAGS)(args) : undefined;
};

const fd: Reader = (args) => {
  const [first, second] = undashed(args, FD_FLAGS);
  if (first === undefined) return { type: 'listFiles', path: null };
  if (second !== undefined) return { type: 'search', query: first, path: shortPath(second) };
  const isPath = first === '.' || first === '..' || /[/\\]/.test(first);
  return isPath ? { type: 'listFiles', path: shortPath(first) } : { type: 'search', query: first, path: null };
};

const find: Reader = (args) => {
  const path = shortOrNull(args.find((arg) => !arg.startsWith('-') && !['!', '(', ')'].includes(arg)));
  const at = args.findIndex((arg) => ['-name', '-iname', '-path', '-regex'].includes(arg));
  const query = at === -1 ? undefined : args[at + 1];
  return query === undefined ? { type: 'listFiles', path } : { type: 'search', query, path };
};

/** Whether a word counts lines for head (digits) or tail (digits, with or without a plus). */
export const isCount = (text: string, program: string): boolean =>
  (program === 'tail' ? /^\+?\d+$/ : /^\d+$/).test(text);

const partOf =
  (program: 'head' | 'tail'): Reader =>
  (args) => {
    const [first = '', second = ''] = args;
    const counted = first === '-n' && isCount(second, program) ? 2 : 0;
    const skipped = first.startsWith('-n') && isCount(first.slice(2), program) ? 1 : counted;
    if (skipped === 0) return args.length === 1 && !first.startsWith('-') ? { type: 'read', path: first } : undefined;
    const path = args.slice(skipped).find((arg) => !arg.startsWith('-'));
    return path === undefined ? undefined : { type: 'read', path };
  };

/** The data file of an awk command, which follows the program text unless that comes from a file. */
export function awkDataFile(args: readonly string[]): string | undefined {
  const operands = operandsOf(args, AWK_FLAGS);
  const hasProgramFile = args.some((arg) => arg === '-f' || arg === '--file');
  return operands[hasProgramFile ? 0 : 1];
}

const SED_RANGE = /^\d+(,\d+)?p$/;

/** Whether a sed script prints a line or a range of lines: `5p`, `1,5p`. */
export const isSedRange = (text: string | undefined): boolean => text !== undefined && SED_RANGE.test(text);

/** The file of a sed command that prints a range of its lines, undefined for every other sed command. */
export function sedRangeFile(args: readonly string[]): string | undefined {
  if (!args.includes('-n')) return undefined;
  const byFlag = args.some((arg, at) => (arg === '-e' || arg === '--expression') && isSedRange(args[at + 1]));
  const operands = operandsOf(args, SED_FLAGS);
  if (isSedRange(operands[0])) return operands[1];
  return byFlag ? operands[0] : undefined;
}

const readOf = (path: string | undefined): Summary | undefined =>
  path === undefined ? undefined : { type: 'read', path };

const python: Reader = (args) => {
  const at = args.indexOf('-c');
  const code = at === -1 ? undefined : args[at + 1];
  const lists = /os\.walk|os\.listdir|os\.scandir|glob\.glob|glob\.iglob|pathlib\.Path|\.rglob\(/;
  return code !== undefined && lists.test(code) ? { type: 'listFiles', path: null } : undefined;
};

const eza = listing(flags('-I --ignore-glob --color --sort --time-style --time'));
const bat = readingOne(BAT_FLAGS);
const ag = searching(AG_FLAGS);
const plain = readingOne(new Set());

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['ls', listing(flags('-I -w --block-size --format --time-style --color --quoting-style'))],
  ['eza', eza],
  ['exa', eza],
  ['tree', listing(flags('-L -P -I --charset --filelimit --sort'))],
  ['du', listing(flags('-d --max-depth -B --block-size --exclude --time-style'))],
  ['rg', ripgrep],
  ['rga', ripgrep],
  ['ripgrep-all', ripgrep],
  ['grep', grep],
  ['egrep', grep],
  ['fgrep', grep],
  ['git', git],
  ['fd', fd],
  ['find', find],
  ['ag', ag],
  ['ack', ag],
  ['pt', ag],
  ['cat', plain],
  ['more', plain],
  ['bat', bat],
  ['batcat', bat],
  ['less', readingOne(LESS_FLAGS)],
  ['head', partOf('head')],
  ['tail', partOf('tail')],
  ['awk', (args) => readOf(awkDataFile(args))],
  ['nl', (args) => readOf(operandsOf(args, NL_FLAGS)[0])],
  ['sed', (args) => readOf(sedRangeFile(args))],
]);

const isPython = (program: string): boolean => /^python([23](\..*)?)?$/s.test(program);

/** One command as an action; its text is the command quoted again. */
export function summarise(words: readonly string[]): CommandAction {
  const [program = '', ...args] = words;
  const command = quoteArgv(words);
  const reader = isPython(program) ? python : READERS.get(program);
  const summary = reader?.(args);
  if (summary === undefined) return { type: 'unknown', command };
  if (summary.type !== 'read') return { command, ...summary };
  return { type: 'read', command, name: shortPath(summary.path), path: summary.path };
}
