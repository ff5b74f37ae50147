/**
 * Programs that only read, with the arguments that they may have. A word that the shell may expand to options is accepted
 * if no option of the program is harmful. Everything that is not known to be harmless is refused.
 */
import { beforeEnd, isOption, isSettled, type Reader } from './arguments.ts';
import { gitReader } from './git-reader.ts';
import { isSedRange } from './summaries.ts';

/** None of their arguments names a file to write or a program to start. */
const FREE = new Set(
  'cat cd cut echo expr false grep head id ls nl paste pwd rev seq stat tail tr true uname wc which whoami'.split(' '),
);

const FREE_ON_LINUX = new Set(['numfmt', 'tac']);

const freeReader: Reader = () => 'anywhere';

const checked =
  (isHarmless: (args: Parameters<Reader>[0]) => boolean): Reader =>
  (args) =>
    isHarmless(args) ? 'anywhere' : 'unknown';

const BASE64_OPTIONS = /^(?:-[dDi]|--decode|--ignore-garbage|-[wb]\d*|--(?:wrap|break)(?:=\d+)?)$/;

const base64 = checked((args) =>
  args.every((arg) => isSettled(arg) && (!isOption(arg) || BASE64_OPTIONS.test(arg.text))),
);

const FIND_ACTIONS = /^-(?:exec|ok|delete|fls|fprint|rm)/;

const find = checked((args) => args.every((arg) => isSettled(arg) && !FIND_ACTIONS.test(arg.text)));

/** `-n`, one range of lines to print, and files: no other option, no other script. */
const sed = checked(([quiet, range, ...files]) => {
  const isPrinting = quiet?.text === '-n' && isSedRange(range?.text) && range?.becomes === 'itself';
  return isPrinting && files.length <= 1 && files.every((file) => isSettled(file) && !isOption(file));
});

/** Options whose value may be the next word. */
const UNIQ_VALUES = new Set(['-f', '-s', '-w', '--skip-fields', '--skip-chars', '--check-chars']);

/** A second operand would be written, and so would any word behind the first one where options end with it. */
const uniq = checked((args) => {
  if (!args.every(({ becomes }) => becomes === 'itself')) return false;
  let at = 0;
  for (let arg = args[at]; arg !== undefined && isOption(arg); arg = args[at]) {
    at += UNIQ_VALUES.has(arg.text) ? 2 : 1;
    if (arg.text === '--') break;
  }
  return args.length - at <= 1;
});

const RG_PROGRAMS = /^--(?:pre|hostname-bin|search-zip)(?:=|$)/;

/** Up to the first letter whose rest is a value: those that start a program to unpack files. */
const RG_UNPACKING = /^-[^-ABCEMTdefgjmrt]*z/;

const rg = checked((args) =>
  beforeEnd(args).every((arg) => isSettled(arg) && !RG_PROGRAMS.test(arg.text) && !RG_UNPACKING.test(arg.text)),
);

const CHECKED: ReadonlyMap<string, Reader> = new Map([
  ['base64', base64],
  ['find', find],
  ['git', gitReader],
  ['rg', rg],
  ['sed', sed],
  ['uniq', uniq],
]);

/** The check for a program's arguments; undefined for a program that is not known to only read. */
export function readerOf(program: string, platform: NodeJS.Platform): Reader | undefined {
  if (FREE.has(program) || (platform === 'linux' && FREE_ON_LINUX.has(program))) return freeReader;
  return CHECKED.get(program);
}
