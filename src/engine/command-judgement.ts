/**
 * What is known of each command in a call: what rules say, whether it only reads, whether it destroys. Where programs are
 * found is asked of `ProgramPlaces`; nothing else is looked up.
 */
import { isAbsolute } from 'node:path';
import { isPath } from '../base/program-places.ts';
import type { Safety } from '../command-analysis/arguments.ts';
import { isDangerous, isKnownShell, programsOf, safetyOf, scriptCommandSafety } from '../command-analysis/safety.ts';
import { fileStem, parseScript, type ScriptCommand, shellScript } from '../command-analysis/words.ts';
import { isConfined } from '../contract/turn-settings.ts';
import { type ExecPolicy, type RuleDecision, type RuleMatch, strictest } from '../execpolicy/policy.ts';
import type { SandboxPolicy } from '../protocol/policies.ts';

/** What the names of programs lead to, in the environment that the command will have. */
export interface ProgramPlaces {
  /** It is one of the system's. */
  isSystem(program: string): boolean;
  /** Commands of this turn have no say in what it is. */
  isOutOfReach(program: string): boolean;
  /** Nor in the files that a shell reads from the home folder when it starts. */
  readonly isHomeOutOfReach: boolean;
}

/** One command of a call. */
export interface Judgement {
  /** As written: what rules are matched against, and what an amendment would allow. */
  readonly words: readonly string[];
  readonly matches: readonly RuleMatch[];
  /** What the rules say together; null when none fits. */
  readonly rule: RuleDecision | null;
  readonly safety: Safety;
  readonly dangerous: boolean;
  /** Those that it starts, the shell around it included. */
  readonly programs: readonly string[];
}

/** One command in the readings that it has: as written, and as the shell will see it. */
interface Readings {
  readonly written: readonly string[];
  readonly seen: readonly string[];
  readonly safety: Safety;
}

export interface JudgementOptions {
  readonly argv: readonly string[];
  /** The path of the user's own shell. */
  readonly shell: string;
  readonly policy: ExecPolicy;
}

/** Of a script that is nothing but words, run by a shell that is one, each command; else the command as a whole. */
export function judgementsOf({ argv, shell, policy }: JudgementOptions): Judgement[] {
  const script = shellScript(argv);
  const inner = (script === undefined ? null : parseScript(script)) ?? [];
  const [program = ''] = argv;
  const commands = (around: readonly string[]): Judgement[] =>
    inner.map((command) => judgementOf(readingsOf(command), policy, around));
  if (inner.length > 0 && program === shell) return commands([]);
  if (inner.length > 0 && isKnownShell(program)) return commands([program]);
  const whole = judgementOf({ written: argv, seen: argv, safety: safetyOf(argv) }, policy, []);
  // Whatever calls itself a shell may be one, so what must not run in it must not run.
  const matches = [...whole.matches, ...commands([]).flatMap((command) => command.matches.filter(isStrict))];
  return [{ ...whole, matches, rule: strictest(matches.map(({ decision }) => decision)) }];
}

/** Whether a rule for these first words speaks of the command, or of one in its script. */
export const fitsCommand = (prefix: readonly string[], options: JudgementOptions): boolean =>
  judgementsOf(options).some(({ words }) => prefix.every((word, at) => words[at] === word));

const isStrict = ({ decision }: RuleMatch): boolean => decision !== 'allow';

const readingsOf = (command: ScriptCommand): Readings => ({
  written: command.map(({ text }) => text),
  seen: command.map(({ cooked }) => cooked),
  safety: scriptCommandSafety(command),
});

function judgementOf({ written, seen, safety }: Readings, policy: ExecPolicy, around: readonly string[]): Judgement {
  // A spelling can keep a command from a rule that asks or forbids, but not get it one that allows.
  const hidden = policy.matches(seen).filter(isStrict);
  const matches = [...policy.matches(written), ...hidden];
  return {
    words: written,
    matches,
    rule: strictest(matches.map(({ decision }) => decision)),
    safety,
    dangerous: isDangerous(written) || isDangerous(seen),
    programs: [...around, ...programsOf(seen)],
  };
}

/** Starts nothing: it says where the commands behind it work. */
const isChangeOfFolder = ({ words, safety }: Judgement): boolean =>
  words[0] === 'cd' && words.length <= 2 && safety === 'anywhere';

const isRelative = (program: string): boolean => isPath(program) && !isAbsolute(program);

/** Whether a shell reads files of the home folder before its script. */
const startsFromHome = (argv: readonly string[]): boolean =>
  shellScript(argv) !== undefined && (argv[1] === '-lc' || fileStem(argv[0] ?? '') === 'zsh');

/**
 * Whether rules let all of it out of the sandbox: they allow each command, by a name that leads where commands of this
 * turn have no say. A change of folder is nothing to allow, unless it decides what a name stands for.
 */
export function isVouchedFor(
  judgements: readonly Judgement[],
  { argv, places }: { readonly argv: readonly string[]; readonly places: ProgramPlaces },
): boolean {
  if (startsFromHome(argv) && !places.isHomeOutOfReach) return false;
  const allowed = judgements.filter(({ rule }) => rule === 'allow');
  const others = judgements.filter(({ rule }) => rule !== 'allow');
  if (allowed.length === 0 || !others.every((other) => other.rule === null && isChangeOfFolder(other))) return false;
  const programs = new Set(allowed.flatMap((judgement) => judgement.programs));
  if (others.length > 0 && [...programs].some(isRelative)) return false;
  return [...programs].every((program) => places.isOutOfReach(program));
}

export interface ReadingPlaceOptions {
  readonly sandboxPolicy: SandboxPolicy;
  readonly canConfine: boolean;
  readonly places: ProgramPlaces;
}

/**
 * Where commands that are known to be safe run unasked: in the turn's sandbox, or, if one of them is harmless only where
 * it can only read, in one that only reads. Where the user chose to have none, those of the system that are harmless
 * anywhere do without. null: they have to be asked about. What rules allow may stand beside them.
 */
export function readingPlace(
  judgements: readonly Judgement[],
  { sandboxPolicy, canConfine, places }: ReadingPlaceOptions,
): 'direct' | 'sandbox' | 'readOnly' | null {
  const unruled = judgements.filter(({ rule }) => rule === null);
  const programs = new Set(unruled.flatMap((judgement) => judgement.programs).filter((program) => program !== 'cd'));
  const confined = isConfined(sandboxPolicy);
  const isKnown = confined ? places.isOutOfReach : places.isSystem;
  if (unruled.length === 0 || ![...programs].every((program) => isKnown.call(places, program))) return null;
  if (unruled.every(({ safety }) => safety === 'anywhere')) return confined ? 'sandbox' : 'direct';
  const onlyRead = judgements.every(({ safety }) => safety !== 'unknown');
  return onlyRead && (confined || canConfine) ? 'readOnly' : null;
}
