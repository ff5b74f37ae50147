/** Rules about commands: what is allowed, asked about or forbidden by the first words of a command. Immutable. */

export type RuleDecision = 'allow' | 'prompt' | 'forbidden';

/** Strictest last: of several decisions the strictest counts. */
const STRICTNESS: readonly RuleDecision[] = ['allow', 'prompt', 'forbidden'];

export const strictest = (decisions: readonly RuleDecision[]): RuleDecision | null =>
  STRICTNESS.findLast((decision) => decisions.includes(decision)) ?? null;

/** One `prefix_rule`: each position holds the words that match there. */
export interface PrefixRule {
  readonly pattern: readonly (readonly string[])[];
  readonly decision: RuleDecision;
  readonly justification: string | null;
}

/** A rule that fits a command; `prefix` are the command's own words that it fits. */
export interface RuleMatch {
  readonly prefix: readonly string[];
  readonly decision: RuleDecision;
  readonly justification: string | null;
}

export class ExecPolicy {
  readonly #rules: readonly PrefixRule[];
  /** By the first word, each in the order of the rules: a script may hold as many commands as a policy has rules. */
  readonly #byProgram = new Map<string, PrefixRule[]>();

  constructor(rules: readonly PrefixRule[]) {
    this.#rules = rules;
    for (const rule of rules) {
      for (const word of new Set(rule.pattern[0])) {
        const known = this.#byProgram.get(word);
        if (known === undefined) this.#byProgram.set(word, [rule]);
        else known.push(rule);
      }
    }
  }

  /** All rules whose words are the first words of `command`; the program's name is compared as written. */
  matches(command: readonly string[]): RuleMatch[] {
    return (this.#byProgram.get(command[0] ?? '') ?? [])
      .filter(
        ({ pattern }) =>
          pattern.length <= command.length && pattern.every((words, index) => words.includes(command[index] ?? '')),
      )
      .map(({ pattern, decision, justification }) => ({
        prefix: command.slice(0, pattern.length),
        decision,
        justification,
      }));
  }

  /** This policy and one more allowed prefix. */
  allowing(prefix: readonly string[]): ExecPolicy {
    const rule: PrefixRule = { pattern: prefix.map((word) => [word]), decision: 'allow', justification: null };
    return new ExecPolicy([...this.#rules, rule]);
  }

  /** Command prefixes that may run unasked, for the model to know; at most 100, as alternatives multiply. */
  allowedPrefixes(): string[][] {
    const prefixes: string[][] = [];
    for (const { pattern } of this.#rules.filter(({ decision }) => decision === 'allow')) {
      prefixes.push(...spellings(pattern, MAX_ALLOWED_PREFIXES - prefixes.length));
    }
    return prefixes;
  }
}

const MAX_ALLOWED_PREFIXES = 100;

/** The first `limit` ways to write the pattern. */
function spellings(pattern: readonly (readonly string[])[], limit: number): string[][] {
  return pattern.reduce<string[][]>(
    (prefixes, words) =>
      prefixes.flatMap((prefix) => words.slice(0, limit).map((word) => [...prefix, word])).slice(0, limit),
    limit > 0 ? [[]] : [],
  );
}
