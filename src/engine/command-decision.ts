/**
 * Whether a command runs, where it runs, and whether somebody is asked first. Pure.
 *
 * Rules come first; a command that no rule fits is judged by what is known of it. Of a script's inner commands the
 * strictest judgement counts.
 */
import { quoteArgv } from '../commands/quote.ts';
import { isDangerous, isKnownSafe } from '../commands/safety.ts';
import { commandsOf } from '../commands/words.ts';
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
  readonly words: readonly string[];
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
  const [first, ...rest] = judge(question);
  if (!question.amendable || first === undefined) return null;
  return [first, ...rest].some(({ matches }) => matches.length > 0) ? null : first.words;
}

function judge(question: CommandQuestion): Judgement[] {
  const commands = commandsOf(question.argv) ?? [question.argv];
  return commands.map((words) => {
    const matches = question.policy.matches(words);
    const byRule = strictest(matches.map(({ decision }) => decision));
    return { words, matches, decision: byRule ?? heuristic(words, question) };
  });
}

/** What happens to a command that no rule speaks of. */
function heuristic(words: readonly string[], question: CommandQuestion): RuleDecision {
  const { approvalPolicy, sandboxPolicy, escalated } = question;
  if (isKnownSafe(words)) return 'allow';
  switch (approvalPolicy) {
    case 'untrusted':
      return 'prompt';
    case 'on-failure':
      return isDangerous(words) ? 'prompt' : 'allow';
    case 'on-request':
      if (escalated) return isConfined(sandboxPolicy) ? 'prompt' : 'allow';
      return isDangerous(words) ? 'prompt' : 'allow';
    case 'never':
      return isDangerous(words) ? 'forbidden' : 'allow';
  }
}

/** A rule lets a command out of the sandbox; in a script it must speak for every command that is not known to be safe. */
function isVouchedFor(judgements: readonly Judgement[]): boolean {
  return (
    judgements.some(({ matches }) => matches.length > 0) &&
    judgements.every(({ words, matches }) => matches.length > 0 || isKnownSafe(words))
  );
}

/** Of the matching rules with this decision, the one that says most about the command. */
function strongest(matches: readonly RuleMatch[], decision: RuleDecision): RuleMatch | null {
  const fitting = matches.filter((match) => match.decision === decision);
  return fitting.reduce<RuleMatch | null>(
    (best, match) => (best === null || match.prefix.length > best.prefix.length ? match : best),
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
