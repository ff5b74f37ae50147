// Decides from a failed command's output whether the sandbox stopped it.
import { supports } from '../base/platform.ts';
import type { CommandText } from './output.ts';
import type { CommandResult } from './run.ts';

/** Observed on codex app-server 0.94.0. */
const DENIAL_WORDS = [
  'operation not permitted',
  'permission denied',
  'read-only file system',
  'seccomp',
  'sandbox',
  'landlock',
  'failed to write file',
];

/** Messages of programs that cannot reach the network; they count only if the sandbox denies it. */
const NETWORK_WORDS = [
  'network is unreachable',
  'temporary failure in name resolution',
  'could not resolve host',
  'eai_again',
];

/** "Wrong usage", "cannot execute" and "not found" are ordinary failures. Observed on codex app-server 0.94.0. */
const ORDINARY_FAILURES = new Set([2, 126, 127]);

/** 128 plus the number of SIGSYS on Linux. */
const KILLED_BY_FILTER = 159;

export interface FinishedCommand extends CommandText {
  readonly exitCode: number;
  readonly timedOut: boolean;
}

/** The confinement of the command; null if it was not confined. */
export interface CommandConfinement {
  readonly deniesNetwork: boolean;
}

export function isDenial(result: FinishedCommand, confinement: CommandConfinement | null): boolean {
  if (confinement === null || result.exitCode === 0 || result.timedOut) return false;
  const words = confinement.deniesNetwork ? [...DENIAL_WORDS, ...NETWORK_WORDS] : DENIAL_WORDS;
  const texts = [result.stderr, result.stdout, result.aggregated].map((text) => text.toLowerCase());
  if (words.some((word) => texts.some((text) => text.includes(word)))) return true;
  if (ORDINARY_FAILURES.has(result.exitCode)) return false;
  return result.exitCode === KILLED_BY_FILTER && supports('confinement');
}

/** A socket file that was to be hidden is gone: bubblewrap exits, and the command has not run. */
export function failedBeforeStart(result: CommandResult, confinement: CommandConfinement | null): boolean {
  if (confinement === null || confinement.deniesNetwork) return false;
  if (result.kind !== 'exited' || result.exitCode !== 1) return false;
  return result.stdout === '' && /^bwrap: Can't create file at [^\n]*\n$/.test(result.stderr);
}
