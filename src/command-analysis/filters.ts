/**
 * Which commands of a pipeline only shape text that another command produced (`| head -5`, `| sort`): they are left out
 * when a script is summed up. Observed on codex app-server 0.94.0.
 */
import { awkDataFile, isCount, sedRangeFile } from './summaries.ts';

const ALWAYS = new Set(['wc', 'tr', 'cut', 'sort', 'uniq', 'tee', 'column', 'yes', 'printf']);

const XARGS_VALUED = new Set(['-E', '-e', '-I', '-L', '-n', '-P', '-s']);

/** Whether a command only formats its input. */
export function isFormattingFilter([program = '', ...args]: readonly string[]): boolean {
  if (ALWAYS.has(program)) return true;
  switch (program) {
    case 'xargs':
      return !changesFiles(xargsCommand(args));
    case 'awk':
      return awkDataFile(args) === undefined;
    case 'head':
    case 'tail':
      return isCut(program, args);
    case 'sed':
      return sedRangeFile(args) === undefined;
    default:
      return false;
  }
}

function isCut(program: string, args: readonly string[]): boolean {
  const [flag = '', count = ''] = args;
  if (args.length <= 1) return args.length === 0 || flag.startsWith('-');
  return args.length === 2 && (flag === '-n' || flag === '-c') && isCount(count, program);
}

/** The command that xargs runs, flags and their values skipped. */
function xargsCommand(args: readonly string[]): readonly string[] {
  let at = 0;
  while (at < args.length) {
    const arg = args[at] ?? '';
    if (arg === '--') return args.slice(at + 1);
    if (!arg.startsWith('-')) break;
    at += XARGS_VALUED.has(arg) ? 2 : 1;
  }
  return args.slice(at);
}

function changesFiles([program = '', ...args]: readonly string[]): boolean {
  const inPlace = args.some((arg) => arg.startsWith('-i') || arg.startsWith('-pi'));
  if (program === 'perl' || program === 'ruby') return inPlace;
  if (program === 'sed') return inPlace || args.some((arg) => arg.startsWith('--in-place'));
  return program === 'rg' && args.includes('--replace');
}
