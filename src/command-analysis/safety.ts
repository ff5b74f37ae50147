/**
 * Decides which commands need no approval, and which need one under every policy. In: an argv. Out: a verdict by name and
 * arguments alone; nothing is run or looked up. Shell scripts are judged command by command when they hold only words,
 * and are neither safe nor dangerous otherwise. The names were observed on codex app-server 0.94.0; what their arguments
 * may be is narrower here, because a command without approval must change nothing.
 */
import { isInSystemFolder } from '../base/program-places.ts';
import type { CommandArgument, Safety } from './arguments.ts';
import { readerOf } from './readers.ts';
import { parseScript, type ScriptCommand, shellScript } from './words.ts';

/** The least safe command of a script decides. */
const FROM_SAFEST: readonly Safety[] = ['anywhere', 'confined', 'unknown'];

const leastSafe = (all: readonly Safety[]): Safety =>
  FROM_SAFEST.findLast((safety) => all.includes(safety)) ?? 'unknown';

/** What is known of a command before it runs. */
export function safetyOf(argv: readonly string[], platform: NodeJS.Platform = process.platform): Safety {
  const script = knownShellScript(argv);
  if (script === undefined) return programSafety(argv.map(itself), platform);
  // A shell treats a carriage return as part of a word; a person who reads the script sees the end of a line.
  if (script.includes('\r')) return 'unknown';
  return leastSafe(parseScript(script)?.map((command) => scriptCommandSafety(command, platform)) ?? []);
}

/** A command inside a script. What is shown and what the shell makes of it can differ, so both readings have to be safe. */
export function scriptCommandSafety(command: ScriptCommand, platform: NodeJS.Platform = process.platform): Safety {
  const shown = command.map(({ text, becomes }) => ({ text, becomes }));
  const seen = command.map(({ cooked, becomes }) => ({ text: cooked, becomes }));
  return leastSafe([argumentSafety(shown, platform), argumentSafety(seen, platform)]);
}

/** Words that the shell may expand are accepted only if every expansion is harmless. */
function argumentSafety(words: readonly CommandArgument[], platform: NodeJS.Platform): Safety {
  const argv = words.map(({ text }) => text);
  if (knownShellScript(argv) === undefined) return programSafety(words, platform);
  return words.every(({ becomes }) => becomes === 'itself') ? safetyOf(argv, platform) : 'unknown';
}

function programSafety([program, ...args]: readonly CommandArgument[], platform: NodeJS.Platform): Safety {
  if (program === undefined || program.becomes !== 'itself' || !isPlaced(program.text)) return 'unknown';
  return readerOf(nameOf(program.text), platform)?.(args) ?? 'unknown';
}

const itself = (text: string): CommandArgument => ({ text, becomes: 'itself' });

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Found by PATH or in a folder of the system; a program of the same name elsewhere could be anything. */
const isPlaced = (path: string): boolean => !path.includes('/') || isInSystemFolder(path);

const SHELLS = new Set(['bash', 'zsh', 'sh']);

/** Whether a path names a shell by name, or one of the system's. */
export const isKnownShell = (path: string): boolean => isPlaced(path) && SHELLS.has(nameOf(path));

/** The script of such a shell, or undefined for any other argv. */
const knownShellScript = (argv: readonly string[]): string | undefined =>
  isKnownShell(argv[0] ?? '') ? shellScript(argv) : undefined;

/** The programs that a command starts as far as its words tell, by the names that they are looked up by. */
export function programsOf(argv: readonly string[]): string[] {
  const script = knownShellScript(argv);
  const inner = (script === undefined ? null : parseScript(script)) ?? [];
  const [program = ''] = argv;
  return [program, ...inner.flatMap((command) => programsOf(command.map((word) => word.cooked)))];
}

/** Whether a command can destroy work, so that it needs approval, or is refused if no approval is possible. */
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
