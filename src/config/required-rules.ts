/**
 * An administrator's command rules: `[rules] prefix_rules` of requirements.toml. They ask or forbid, but never allow.
 * Pure.
 */
import type * as z from 'zod/mini';
import type { RequiredRule } from '../contract/effective-config.ts';
import { ConfigError } from './errors.ts';
import { list, optional, table, text, words } from './shape-types.ts';

const prefixRule = table({
  pattern: list(table({ token: optional(text), any_of: optional(list(text)) })),
  decision: optional(words(['allow', 'prompt', 'forbidden'])),
  justification: optional(text),
});

export const requiredRulesToml = table({ prefix_rules: list(prefixRule) });

/** Throws ConfigError for an invalid rule, so that a restriction is never silently dropped. */
export function requiredRules(toml: z.infer<typeof requiredRulesToml>, setBy: string): readonly RequiredRule[] {
  const refuse = (reason: string): ConfigError =>
    new ConfigError('requirement', `invalid rules in requirements (set by ${setBy}): rules ${reason}`);
  if (toml.prefix_rules.length === 0) throw refuse('prefix_rules cannot be empty');
  return toml.prefix_rules.map((rule, at) => {
    const refuseRule = (reason: string): ConfigError => refuse(`prefix_rule at index ${at} ${reason}`);
    const { decision, justification = null } = rule;
    if (rule.pattern.length === 0) throw refuseRule('has an empty pattern');
    if (justification?.trim() === '') throw refuseRule('has an empty justification');
    if (decision === undefined) throw refuseRule('is missing a decision');
    if (decision === 'allow')
      throw refuseRule("has decision 'allow', which is not permitted: use 'prompt' or 'forbidden'");
    const pattern = rule.pattern.map(({ token, any_of: anyOf }, index) => {
      const alternatives = token === undefined ? (anyOf ?? []) : [token];
      const isClear = (token === undefined) !== (anyOf === undefined) && alternatives.length > 0;
      if (isClear && alternatives.every((word) => word.trim() !== '')) return alternatives;
      throw refuseRule(`needs one token, or a list any_of, at index ${index} of its pattern`);
    });
    return { pattern, decision, justification };
  });
}
