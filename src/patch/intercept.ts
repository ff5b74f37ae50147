// The command line of a shell tool call -> the patch inside it, if that is all the command does. Pure.
//
// Models call `apply_patch` through the shell although it is a tool of its own. Only the shapes whose meaning is certain
// are taken: the program with one argument, or one statement with a here-document. All else stays an ordinary command.
import { basename } from 'node:path';
import { parsePatch } from './parse.ts';

/**
 * - `patch`: run it as a patch; `workdirOverride` (from a leading `cd`) is relative to the call's working directory.
 * - `implicit`: a bare patch that no program was asked to apply.
 * - `none`: an ordinary command.
 */
export type Interception =
  | { readonly kind: 'patch'; readonly text: string; readonly workdirOverride: string | null }
  | { readonly kind: 'implicit' }
  | { readonly kind: 'none' };

/** Told to the model for `implicit`; the caller puts `apply_patch verification failed: ` before it. */
export const IMPLICIT_PATCH_MESSAGE =
  'this is a patch, but nothing was asked to apply it. Call it as ["apply_patch", "<patch>"]';

const NONE: Interception = { kind: 'none' };
const PROGRAMS = new Set(['apply_patch', 'applypatch']);
const POSIX_SHELLS = new Set(['bash', 'zsh', 'sh']);
const POWER_SHELLS = new Set(['pwsh', 'powershell']);

/** Looks at the arguments as they would be executed. */
export function interceptPatch(argv: readonly string[]): Interception {
  const [first, second] = argv;
  if (first === undefined) return NONE;
  if (argv.length === 1) return parsePatch(first).ok ? { kind: 'implicit' } : NONE;
  if (argv.length === 2 && second !== undefined && PROGRAMS.has(first)) {
    return { kind: 'patch', text: second, workdirOverride: null };
  }
  const script = shellScript(argv);
  if (script === undefined) return NONE;
  return parsePatch(script).ok ? { kind: 'implicit' } : interceptScript(script);
}

function shellScript(argv: readonly string[]): string | undefined {
  const [program = '', ...rest] = argv;
  const shell = basename(program.replaceAll('\\', '/'))
    .toLowerCase()
    .replace(/\.exe$/, '');
  if (POSIX_SHELLS.has(shell)) return scriptAfter(rest, /^-l?c$/);
  if (shell === 'cmd') return scriptAfter(rest, /^\/c$/i);
  if (!POWER_SHELLS.has(shell)) return undefined;
  return scriptAfter(/^-noprofile$/i.test(rest[0] ?? '') ? rest.slice(1) : rest, /^-command$/i);
}

const scriptAfter = ([flag, script, ...more]: readonly string[], wanted: RegExp): string | undefined =>
  flag !== undefined && wanted.test(flag) && more.length === 0 ? script : undefined;

// Blanks may hold an escaped line end. A bare word is one that no shell would expand, split or take for an option.
const BLANKS = String.raw`(?:[ \t]|\\\n)`;
const BARE_WORD = String.raw`(?![-#~])(?:[^\s"'$\`|&;<>(){}*?[\\]|\\[^\n])+`;
const ASSIGNMENT = String.raw`[A-Za-z_]\w*=(?:[^\s"'\`|&;<>()\\]+|'[^']*'|"[^"\`()\\]*")?${BLANKS}+`;
const DIRECTORY = String.raw`(?:(?<bare>${BARE_WORD})|'(?<single>[^']*)'|"(?<double>[^"$\`\\]*)")`;
const CHANGE_DIRECTORY = String.raw`(?:${ASSIGNMENT})*cd${BLANKS}+${DIRECTORY}${BLANKS}*&&(?:${BLANKS}|\n)*`;
const TAG = String.raw`(?:'(?<singleTag>[^'\n]+)'|"(?<doubleTag>[^"\n]+)"|\\?(?<bareTag>[^\s"'$\`|&;<>()\\]+))`;
const STATEMENT = new RegExp(
  String.raw`^(?:${BLANKS}|\n)*(?:${CHANGE_DIRECTORY})?(?:${ASSIGNMENT})*(?:apply_patch|applypatch)${BLANKS}*` +
    String.raw`<<(?<dash>-?)${BLANKS}*${TAG}${BLANKS}*\n`,
);

function interceptScript(script: string): Interception {
  const text = script.replaceAll('\r\n', '\n');
  const statement = STATEMENT.exec(text);
  const groups = statement?.groups;
  if (statement === null || groups === undefined) return NONE;
  const tag = groups.singleTag ?? groups.doubleTag ?? groups.bareTag ?? '';
  const body = hereDocument(text.slice(statement[0].length), { tag, stripsTabs: groups.dash === '-' });
  if (body === undefined) return NONE;
  const workdirOverride = groups.bare?.replace(/\\(.)/g, '$1') ?? groups.single ?? groups.double ?? null;
  return { kind: 'patch', text: body, workdirOverride };
}

/** The lines up to the tag; undefined when anything but white space follows. A missing tag ends with the script. */
function hereDocument(rest: string, { tag, stripsTabs }: { tag: string; stripsTabs: boolean }): string | undefined {
  const lines = rest.split('\n').map((line) => (stripsTabs ? line.replace(/^\t+/, '') : line));
  const end = lines.indexOf(tag);
  if (end === -1) return lines.join('\n');
  return lines.slice(end + 1).every((line) => line.trim() === '') ? lines.slice(0, end).join('\n') : undefined;
}
