/**
 * Finds git commands that only read. git starts programs that a repository's settings name (diff and clean drivers), so these
 * commands are harmless only in a read-only sandbox.
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

type OptionCheck = (options: readonly string[], hasEnd: boolean) => boolean;

/** Options that write a file or start a program. git accepts every unambiguous prefix of a name. */
const HARMFUL = ['output', 'ext-diff', 'textconv', 'show-signature'];

/** Complete names that are also prefixes of a harmful one. */
const HARMLESS = new Set(['text', 'show-notes']);

const isHarmful = (option: string): boolean => {
  // Another program verifies a signature.
  if (option.includes('%G') || option.includes('%(signature')) return true;
  const [name = ''] = option.slice(2).split('=', 1);
  return (
    option.startsWith('--') && name !== '' && !HARMLESS.has(name) && HARMFUL.some((known) => known.startsWith(name))
  );
};

const showsCommits: OptionCheck = (options) => !options.some(isHarmful);

const LIST_OPTIONS =
  /^(?:-[ariv]+|-vv|--(?:all|remotes|verbose|show-current|list|ignore-case|color|no-color|column|no-column|abbrev|no-abbrev|(?:color|column|abbrev|sort|format|points-at|(?:no-)?(?:contains|merged))=.*))$/;

/** Options whose value is the next word, and which make a list of it whatever follows. */
const LIST_VALUES = new Set(['--contains', '--no-contains', '--merged', '--no-merged', '--points-at']);

/** A name alone creates a branch; after `--list` it is a search pattern. */
const listsBranches: OptionCheck = (options, hasEnd) => {
  const isList = options.includes('--list');
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at] ?? '';
    if (isHarmful(option)) return false;
    if (LIST_VALUES.has(option)) at += 1;
    else if (option.startsWith('-') ? !LIST_OPTIONS.test(option) : !isList) return false;
  }
  return isList || !hasEnd;
};

const READERS: ReadonlyMap<string, OptionCheck> = new Map<string, OptionCheck>([
  ['branch', listsBranches],
  ['status', showsCommits],
  ['log', showsCommits],
  ['diff', showsCommits],
  ['show', showsCommits],
]);
