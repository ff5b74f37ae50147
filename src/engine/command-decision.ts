/**
 * Whether a command runs, where it runs, and whether somebody is asked first. Pure.
 *
 * Rules come first; a command that no rule fits is judged by what is known of it. Of a script's inner commands the
 * strictest judgement counts.
 */
import { quoteArgv } from '../commands/quote.ts';
import { isDangerous, isKnownSafe } from '../commands/safety.ts';
import { parseScript, type ScriptCommand, shellScript } from '../commands/words.ts';
import { type ExecPolicy, type RuleDecision, type RuleMatch, strictest } from '../execpolicy/policy.ts';
import type { AskForApproval, SandboxPolicy } from '../protocol/policies.ts';
import { isConfined } from './settings.ts';

export interface CommandQuestion {
  readonly argv: readonly string[];
  readonly policy: ExecPolicy;
  readonly approvalPolicy: AskForApproval;
  readonly sandboxPolicy: SandboxPolicy;
  /** The model asked to leave the sandbox. */
  readonly escalated: boolean;
  readonly justification: string | null;
  /** A prefix that the model offers to have allowed; null when it offers none or the feature is off. */
  readonly offeredPrefix: readonly string[] | null;
  /** Whether answers may extend the rules at all. */
  readonly amendable: boolean;
}

export type CommandDecision =
  | {
      readonly kind: 'run';
      readonly confined: boolean;
    }
  | {
      readonly kind: 'ask';
      readonly reason: string | null;
      readonly amendment: readonly string[] | null;
      /** Where the first attempt runs once it is accepted. */
      readonly confined: boolean;
    }
  | { readonly kind: 'refuse'; readonly message: string };

interface Judgement {
  /** What rules are matched against, and what an amendment would allow. */
  readonly words: readonly string[];
  readonly safe: boolean;
  readonly matches: readonly RuleMatch[];
  readonly decision: RuleDecision;
}

export function decideCommand(question: CommandQuestion): CommandDecision {
  const judgements = judge(question);
  const shown = quoteArgv(question.argv);
  const matches = judgements.flatMap((judgement) => judgement.matches);
  const confined = isConfined(question.sandboxPolicy) && !question.escalated;
  switch (strictest(judgements.map(({ decision }) => decision)) ?? 'allow') {
    case 'forbidden':
      return { kind: 'refuse', message: refusal(shown, matches) };
    case 'prompt': {
      const rule = strongest(matches, 'prompt');
      if (rule !== null && question.approvalPolicy === 'never') {
        return { kind: 'refuse', message: 'approval is required by policy, but `AskForApproval` is `Never`' };
      }
      const reason = rule === null ? question.justification : promptReason(shown, rule);
      return { kind: 'ask', reason, amendment: amendmentFor(question, judgements), confined };
    }
    case 'allow':
      return { kind: 'run', confined: confined && !isVouchedFor(judgements) };
  }
}

/** Policies that never raise such a question: asking to leave the sandbox is an error of the model. null when it may. */
export function escalationRefusal(approvalPolicy: AskForApproval, verb: 'should not' | 'can not'): string | null {
  if (approvalPolicy === 'on-request') return null;
  const name = POLICY_NAME[approvalPolicy];
  return `approval policy is ${name}; command rejected, as escalated permissions ${verb} be asked for when the approval policy is ${name}`;
}

/** The policy's name in texts that the model reads. */
export const POLICY_NAME: Readonly<Record<AskForApproval, string>> = {
  untrusted: 'UnlessTrusted',
  'on-failure': 'OnFailure',
  'on-request': 'OnRequest',
  never: 'Never',
};

/** Asked after the sandbox stopped a command: what could be allowed from now on. null when a rule has a say already. */
export function retryAmendment(question: CommandQuestion): readonly string[] | null {
  const judgements = judge(question);
  if (!question.amendable || judgements.some(({ matches }) => matches.length > 0)) return null;
  return judgements[0]?.words ?? null;
}

/** One command in the readings that it has: as written, and as the shell will see it. */
interface Readings {
  readonly written: readonly string[];
  readonly seen: readonly string[];
  readonly braced: boolean;
}

const readingsOf = (command: ScriptCommand): Readings => ({
  written: command.map((word) => word.text),
  seen: command.map((word) => word.cooked),
  braced: command.some((word) => word.braced),
});

function judge(question: CommandQuestion): Judgement[] {
  const { argv, policy } = question;
  const script = shellScript(argv);
  const inner = script === undefined ? null : parseScript(script);
  const commands = inner?.map(readingsOf) ?? [{ written: argv, seen: argv, braced: false }];
  const allSafe = isKnownSafe(argv);
  return commands.map(({ written, seen, braced }) => {
    const matches = policy.matches(written);
    const byRule = strictest(matches.map(({ decision }) => decision));
    // An escape or a brace can hide an argument, so every reading of the command has to be harmless.
    const safe = allSafe || (!braced && isKnownSafe(written) && isKnownSafe(seen));
    const decision = byRule ?? (safe ? 'allow' : heuristic(isDangerous(written) || isDangerous(seen), question));
    return { words: written, safe, matches, decision };
  });
}

/** What happens to a command that no rule speaks of and that is not known to be safe. */
function heuristic(dangerous: boolean, question: CommandQuestion): RuleDecision {
  const { approvalPolicy, sandboxPolicy, escalated } = question;
  if (dangerous) return approvalPolicy === 'never' ? 'forbidden' : 'prompt';
  switch (approvalPolicy) {
    case 'untrusted':
      return 'prompt';
    case 'on-request':
      return escalated && isConfined(sandboxPolicy) ? 'prompt' : 'allow';
    case 'on-failure':
    case 'never':
      return 'allow';
  }
}

/** A rule lets a command out of the sandbox; in a script it must speak for every command that is not known to be safe. */
function isVouchedFor(judgements: readonly Judgement[]): boolean {
  return (
    judgements.some(({ matches }) => matches.length > 0) &&
    judgements.every(({ matches, safe }) => matches.length > 0 || safe)
  );
}

/** Of the matching rules with this decision, the one that says most about the command; of equals the last. */
function strongest(matches: readonly RuleMatch[], decision: RuleDecision): RuleMatch | null {
  const fitting = matches.filter((match) => match.decision === decision);
  return fitting.reduce<RuleMatch | null>(
    (best, match) => (best === null || match.prefix.length >= best.prefix.length ? match : best),
    null,
  );
}

function refusal(shown: string, matches: readonly RuleMatch[]): string {
  const rule = strongest(matches, 'forbidden');
  if (rule === null) return `\`${shown}\` rejected: blocked by policy`;
  const why = rule.justification ?? `policy forbids commands starting with \`${quoteArgv(rule.prefix)}\``;
  return `\`${shown}\` rejected: ${why}`;
}

const promptReason = (shown: string, rule: RuleMatch): string =>
  rule.justification === null
    ? `\`${shown}\` requires approval by policy`
    : `\`${shown}\` requires approval: ${rule.justification}`;

function amendmentFor(question: CommandQuestion, judgements: readonly Judgement[]): readonly string[] | null {
  if (!question.amendable) return null;
  if (judgements.some(({ matches }) => matches.some(({ decision }) => decision === 'prompt'))) return null;
  if (question.offeredPrefix !== null && question.offeredPrefix.length > 0) return question.offeredPrefix;
  return judgements.find(({ decision }) => decision === 'prompt')?.words ?? null;
}
