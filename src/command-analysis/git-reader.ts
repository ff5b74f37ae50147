/**
 * Which commands of git only read. git starts what a repository's own settings name (drivers that show or clean files), so
 * the best that can be said is that they are harmless where they can only read.
 */
import { beforeEnd, type CommandArgument, isSettled, type Safety } from './arguments.ts';

export function gitReader([command, ...args]: readonly CommandArgument[]): Safety {
  if (command === undefined || command.becomes !== 'itself') return 'unknown';
  const options = beforeEnd(args);
  if (!options.every(isSettled)) return 'unknown';
  const isReader = READERS.get(command.text)?.(
    options.map(({ text }) => text),
    options.length < args.length,
  );
  return isReader === true ? 'confined' : 'unknown';
}

type Check = (options: readonly string[], hasEnd: boolean) => boolean;

/** Options that write a file or start a program. git takes every beginning of a name that fits no other. */
const HARMFUL = ['output', 'ext-diff', 'textconv', 'show-signature'];

/** Names that are whole, though a harmful one begins with them. */
const HARMLESS = new Set(['text', 'show-notes']);

const isHarmful = (option: string): boolean => {
  // A signature is looked at by another program.
  if (option.includes('%G') || option.includes('%(signature')) return true;
  const [name = ''] = option.slice(2).split('=', 1);
  return (
    option.startsWith('--') && name !== '' && !HARMLESS.has(name) && HARMFUL.some((known) => known.startsWith(name))
  );
};

const showsCommits: Check = (options) => !options.some(isHarmful);

const LIST_OPTIONS =
  /^(?:-[ariv]+|-vv|--(?:all|remotes|verbose|show-current|list|ignore-case|color|no-color|column|no-column|abbrev|no-abbrev|(?:color|column|abbrev|sort|format|points-at|(?:no-)?(?:contains|merged))=.*))$/;

/** Options whose value is the next word, and which make a list of it whatever follows. */
const LIST_VALUES = new Set(['--contains', '--no-contains', '--merged', '--no-merged', '--points-at']);

/** A name that stands alone is a branch to make, but behind `--list` it is one to look for. */
const listsBranches: Check = (options, hasEnd) => {
  const isList = options.includes('--list');
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at] ?? '';
    if (isHarmful(option)) return false;
    if (LIST_VALUES.has(option)) at += 1;
    else if (option.startsWith('-') ? !LIST_OPTIONS.test(option) : !isList) return false;
  }
  return isList || !hasEnd;
};

const READERS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['branch', listsBranches],
  ['status', showsCommits],
  ['log', showsCommits],
  ['diff', showsCommits],
  ['show', showsCommits],
]);
