/**
 * Whether a command runs, where it runs, and whether somebody is asked first: the one place where that is decided.
 *
 * Rules come first; a command that no rule fits is judged by what is known of it. Of a script's inner commands the
 * strictest judgement counts. Unasked, a command leaves the sandbox only when rules speak for all of it; that it is known
 * to be safe spares a question inside, and never opens a way out.
 */
import { quoteArgv } from '../command-analysis/quote.ts';
import { isConfined } from '../contract/turn-settings.ts';
import { type ExecPolicy, type RuleDecision, type RuleMatch, strictest } from '../execpolicy/policy.ts';
import type { AskForApproval, SandboxPolicy } from '../protocol/policies.ts';
import {
  fitsCommand,
  isVouchedFor,
  type Judgement,
  judgementsOf,
  type ProgramPlaces,
  readingPlace,
} from './command-judgement.ts';

export interface CommandQuestion {
  readonly argv: readonly string[];
  /** The path of the user's own shell, which is trusted wherever it is. */
  readonly shell: string;
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
  /** Whether there is a sandbox here for a turn that has none. */
  readonly canConfine: boolean;
  readonly places: ProgramPlaces;
}

/** `sandbox`: as the turn's policy says. `readOnly`: in a sandbox that only reads, whatever the policy. */
export type Where = 'direct' | 'sandbox' | 'readOnly';

export type CommandDecision =
  | {
      readonly kind: 'run';
      readonly where: Where;
      /** It runs unasked because it is known to only read. */
      readonly isReading: boolean;
    }
  | {
      readonly kind: 'ask';
      readonly reason: string | null;
      readonly amendment: readonly string[] | null;
      /** Where the first attempt runs once it is accepted. */
      readonly where: Exclude<Where, 'readOnly'>;
    }
  | { readonly kind: 'refuse'; readonly message: string };

export function decideCommand(question: CommandQuestion): CommandDecision {
  const judgements = judgementsOf(question);
  const matches = judgements.flatMap((judgement) => judgement.matches);
  const vouched = isVouchedFor(judgements, question);
  const spared = question.approvalPolicy === 'untrusted' ? readingPlace(judgements, question) : null;
  const asUsual = isConfined(question.sandboxPolicy) && !question.escalated ? 'sandbox' : 'direct';
  const decisionOn = ({ rule, dangerous }: Judgement): RuleDecision => {
    if (rule === 'prompt' || rule === 'forbidden') return rule;
    if (vouched || spared !== null) return 'allow';
    // A rule that does not speak for the whole call may let it run, but not let it out.
    return rule !== null && !wantsOut(question) ? rule : heuristic(question, dangerous);
  };
  const shown = quoteArgv(question.argv);
  switch (strictest(judgements.map(decisionOn)) ?? 'allow') {
    case 'forbidden':
      return { kind: 'refuse', message: refusal(shown, matches) };
    case 'prompt': {
      const rule = strongest(matches, 'prompt');
      if (rule !== null && question.approvalPolicy === 'never') {
        return { kind: 'refuse', message: 'approval is required by policy, but `AskForApproval` is `Never`' };
      }
      const reason = rule === null ? question.justification : promptReason(shown, rule);
      const asking = judgements.filter((judgement) => decisionOn(judgement) === 'prompt');
      return { kind: 'ask', reason, amendment: amendmentFor(question, matches, asking), where: asUsual };
    }
    case 'allow':
      if (vouched) return { kind: 'run', where: 'direct', isReading: false };
      return { kind: 'run', where: spared ?? asUsual, isReading: spared !== null };
  }
}

/** Policies that never raise such a question: asking to leave the sandbox is an error of the model. null when it may. */
export function escalationRefusal(approvalPolicy: AskForApproval, verb: 'should not' | 'can not'): string | null {
  if (approvalPolicy === 'on-request') return null;
  const name = POLICY_NAME[approvalPolicy];
  return `approval policy is ${name}; command rejected, as escalated permissions ${verb} be asked for when the approval policy is ${name}`;
}

/** The policy's name in texts that the model reads. */
const POLICY_NAME: Readonly<Record<AskForApproval, string>> = {
  untrusted: 'UnlessTrusted',
  'on-failure': 'OnFailure',
  'on-request': 'OnRequest',
  never: 'Never',
};

/** Asked after the sandbox stopped a command: what could be allowed from now on. null when a rule has a say already. */
export function retryAmendment(
  question: Pick<CommandQuestion, 'argv' | 'shell' | 'policy' | 'amendable'>,
): readonly string[] | null {
  const judgements = judgementsOf(question);
  if (!question.amendable || judgements.some(({ matches }) => matches.length > 0)) return null;
  return judgements[0]?.words ?? null;
}

const wantsOut = ({ escalated, sandboxPolicy }: CommandQuestion): boolean => escalated && isConfined(sandboxPolicy);

/** What happens to a command that no rule speaks of and that is not known to be safe here. */
function heuristic(question: CommandQuestion, dangerous: boolean): RuleDecision {
  const { approvalPolicy } = question;
  if (dangerous) return approvalPolicy === 'never' ? 'forbidden' : 'prompt';
  switch (approvalPolicy) {
    case 'untrusted':
      return 'prompt';
    case 'on-request':
      return wantsOut(question) ? 'prompt' : 'allow';
    case 'on-failure':
    case 'never':
      return 'allow';
  }
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

function amendmentFor(
  question: CommandQuestion,
  matches: readonly RuleMatch[],
  asking: readonly Judgement[],
): readonly string[] | null {
  if (!question.amendable || matches.some(({ decision }) => decision === 'prompt')) return null;
  const { offeredPrefix } = question;
  if (offeredPrefix !== null && offeredPrefix.length > 0 && fitsCommand(offeredPrefix, question)) return offeredPrefix;
  const first = asking.find(({ safety }) => safety === 'unknown') ?? asking[0];
  return first?.words ?? null;
}
