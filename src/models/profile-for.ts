/** The profile of a model for a turn. In: the configuration and the known models. Out: plain data. */

import type { EffectiveConfig } from '../contract/effective-config.ts';
import type { ModelProfile, TruncationPolicy } from '../contract/model-profile.ts';
import type { Personality } from '../protocol/policies.ts';
import type { InstructionsTemplate } from './entry.ts';
import { familyOf } from './families.ts';
import { PERSONALITY_PLACEHOLDER } from './instructions.ts';
import type { KnownModels } from './known.ts';

/** A history is compacted from this share of the window on, unless a limit is set. */
const COMPACT_SHARE = 0.9;
const BYTES_PER_TOKEN = 4;

export type ProfileConfig = Pick<EffectiveConfig, 'baseInstructions' | 'personality' | 'modelOverrides' | 'features'>;

/** With `remote_models` off, and for names that no list contains, the name's prefix decides. */
export function profileFor(slug: string, config: ProfileConfig, known: KnownModels): ModelProfile {
  const listed = config.features.remote_models ? known.entries.find((entry) => entry.slug === slug) : undefined;
  const traits = listed ?? familyOf(slug);
  const { modelOverrides: own, baseInstructions: configured } = config;
  // Instructions of a user have no placeholder for a personality.
  const template = config.features.personality && configured === null ? traits.template : null;
  const instructions = template === null ? {} : instructionsOf(template);
  const contextWindow = own.contextWindow ?? traits.contextWindow;
  const share = contextWindow === null ? null : Math.floor(contextWindow * COMPACT_SHARE);
  return {
    slug,
    contextWindow,
    reportedContextWindow:
      contextWindow === null ? null : Math.floor((contextWindow * traits.effectiveWindowPercent) / 100),
    autoCompactTokenLimit: own.autoCompactTokenLimit ?? traits.autoCompactTokenLimit ?? share,
    supportsReasoning: own.supportsReasoningSummaries ?? traits.supportsReasoning,
    defaultReasoningEffort: traits.defaultEffort,
    supportsVerbosity: traits.supportsVerbosity,
    defaultVerbosity: traits.defaultVerbosity,
    supportsParallelToolCalls: traits.supportsParallelToolCalls,
    shellType: traits.shellType,
    applyPatchTool: traits.applyPatchTool,
    experimentalTools: traits.experimentalTools,
    truncation: truncationOf(traits.truncation, own.toolOutputTokenLimit),
    baseInstructions: instructions[config.personality] ?? configured ?? traits.baseInstructions,
    personalInstructions: instructions,
    personalityMessages: template?.supportsPersonality === true ? (template.personalities ?? {}) : {},
  };
}

function truncationOf(policy: TruncationPolicy, tokenLimit: number | null): TruncationPolicy {
  if (tokenLimit === null) return policy;
  return { mode: policy.mode, limit: policy.mode === 'tokens' ? tokenLimit : tokenLimit * BYTES_PER_TOKEN };
}

const PERSONALITIES = ['friendly', 'pragmatic'] as const satisfies readonly Personality[];

function instructionsOf({ text, personalities }: InstructionsTemplate): Partial<Record<Personality, string>> {
  const filled = (each: Personality): string =>
    text.replaceAll(PERSONALITY_PLACEHOLDER, () => personalities?.[each] ?? '');
  return Object.fromEntries(PERSONALITIES.map((each) => [each, filled(each)]));
}
