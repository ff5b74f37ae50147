/**
 * Which commands need no question, and which need one whatever the policy. In: an argv. Out: a verdict by name and
 * arguments alone; nothing is run or looked up. Shell scripts are judged command by command when they hold only words,
 * and are neither safe nor dangerous otherwise. The lists were observed on codex app-server 0.94.0.
 */
import { isSedRange } from './summaries.ts';
import { parseScript, type ScriptCommand, shellScript } from './words.ts';

/** Programs that only read, whatever their arguments. */
const READ_ONLY = new Set(
  'cat cd cut echo expr false grep head id ls nl paste pwd rev seq stat tail tr true uname uniq wc which whoami'.split(
    ' ',
  ),
);

const READ_ONLY_ON_LINUX = new Set(['numfmt', 'tac']);

const FIND_ACTIONS = new Set([
  '-exec',
  '-execdir',
  '-ok',
  '-okdir',
  '-delete',
  '-fls',
  '-fprint',
  '-fprint0',
  '-fprintf',
]);

const GIT_READERS = new Set(['branch', 'status', 'log', 'diff', 'show']);

/** Where the system keeps its programs; a program of the same name elsewhere could be anything. */
const SYSTEM_FOLDERS = new Set(['/bin', '/sbin', '/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin']);

type Check = (args: readonly string[]) => boolean;

const withoutFlags =
  (exact: readonly string[], prefixes: readonly string[]): Check =>
  (args) =>
    !args.some((arg) => exact.includes(arg) || prefixes.some((prefix) => arg.startsWith(prefix)));

const sedPrintsRange: Check = (args) => args.length <= 3 && args[0] === '-n' && isSedRange(args[1]);

/** Programs whose arguments decide. */
const CHECKED: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['base64', withoutFlags(['--output'], ['-o', '--output='])],
  ['find', (args) => !args.some((arg) => FIND_ACTIONS.has(arg))],
  ['rg', withoutFlags(['--pre', '--hostname-bin', '--search-zip', '-z'], ['--pre=', '--hostname-bin='])],
  ['git', ([command = '']) => GIT_READERS.has(command)],
  ['cargo', ([command]) => command === 'check'],
  ['sed', sedPrintsRange],
]);

/** Whether a command is known to change nothing, so that nobody has to be asked. */
export function isKnownSafe(argv: readonly string[], platform: NodeJS.Platform = process.platform): boolean {
  const script = shellScript(argv);
  if (script === undefined) return isSafeProgram(argv, platform);
  const commands = parseScript(script);
  return commands?.every((command) => isSafeCommand(command, platform)) ?? false;
}

/**
 * A command inside a script. What is shown and what the shell makes of it can differ (`-e\xec`, `{-delete,x}`), so both
 * readings have to be safe, and words that the shell multiplies are let through only where arguments do not matter.
 */
function isSafeCommand(command: ScriptCommand, platform: NodeJS.Platform): boolean {
  const shown = command.map((word) => word.text);
  const seen = command.map((word) => word.cooked);
  if (!isKnownSafe(shown, platform) || !isKnownSafe(seen, platform)) return false;
  return !command.some((word) => word.braced) || hasFreeArguments(programOf(seen[0] ?? ''), platform);
}

const hasFreeArguments = (program: string | undefined, platform: NodeJS.Platform): boolean =>
  program !== undefined && (READ_ONLY.has(program) || (platform === 'linux' && READ_ONLY_ON_LINUX.has(program)));

function isSafeProgram([path = '', ...args]: readonly string[], platform: NodeJS.Platform): boolean {
  const program = programOf(path);
  if (program === undefined) return false;
  return hasFreeArguments(program, platform) || (CHECKED.get(program)?.(args) ?? false);
}

/** The name of a program found by PATH or in a system folder. */
function programOf(path: string): string | undefined {
  const slash = path.lastIndexOf('/');
  if (slash === -1) return path;
  return SYSTEM_FOLDERS.has(path.slice(0, slash)) ? path.slice(slash + 1) : undefined;
}

/** Whether a command destroys work so readily that it is asked about, or refused where nobody may be asked. */
export function isDangerous(argv: readonly string[]): boolean {
  const script = shellScript(argv);
  if (script !== undefined) {
    const commands = parseScript(script) ?? [];
    return commands.some(
      (command) => isDangerous(command.map((word) => word.text)) || isDangerous(command.map((word) => word.cooked)),
    );
  }
  const command = argv.findIndex((word) => word !== 'sudo');
  if (command > 0) return isDangerous(argv.slice(command));
  const [program = '', first = ''] = argv;
  if (program.endsWith('git') && (first === 'reset' || first === 'rm')) return true;
  return program === 'rm' && (first === '-f' || first === '-rf');
}
