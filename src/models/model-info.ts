/** A model as `/models` and the cache file describe it. In: JSON. Out: entries; one bad entry spoils the whole list. */
import * as z from 'zod/mini';
import type { InstructionsTemplate, ModelEntry } from './entry.ts';
import { PERSONALITY_PLACEHOLDER } from './instructions.ts';

const effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']);
const wholeNumber = z.int();

const messages = z.object({
  instructions_template: z.nullish(z.string()),
  instructions_variables: z.nullish(
    z.object({
      personality_default: z.nullish(z.string()),
      personality_friendly: z.nullish(z.string()),
      personality_pragmatic: z.nullish(z.string()),
    }),
  ),
});

const modelInfo = z.object({
  slug: z.string(),
  display_name: z.string(),
  description: z.nullish(z.string()),
  default_reasoning_level: z.nullish(effort),
  supported_reasoning_levels: z.array(z.object({ effort, description: z.string() })),
  shell_type: z.enum(['default', 'local', 'unified_exec', 'disabled', 'shell_command']),
  visibility: z.enum(['list', 'hide', 'none']),
  supported_in_api: z.boolean(),
  priority: wholeNumber,
  upgrade: z.nullish(z.object({ model: z.string(), migration_markdown: z.string() })),
  base_instructions: z.string(),
  model_messages: z.nullish(messages),
  supports_reasoning_summaries: z.boolean(),
  support_verbosity: z.boolean(),
  default_verbosity: z.nullish(z.enum(['low', 'medium', 'high'])),
  apply_patch_tool_type: z.nullish(z.enum(['freeform', 'function'])),
  truncation_policy: z.object({ mode: z.enum(['bytes', 'tokens']), limit: wholeNumber }),
  supports_parallel_tool_calls: z.boolean(),
  context_window: z.nullish(wholeNumber),
  auto_compact_token_limit: z.nullish(wholeNumber),
  effective_context_window_percent: z._default(wholeNumber, 95),
  experimental_supported_tools: z.array(z.string()),
});

type ModelInfo = z.infer<typeof modelInfo>;

/** null when it is no list of models. */
export function decodeModels(json: unknown): readonly ModelEntry[] | null {
  const decoded = z.array(modelInfo).safeParse(json);
  return decoded.success ? decoded.data.map(toEntry) : null;
}

/** A window without room is none. */
const tokens = (given: number | null | undefined): number | null =>
  given === null || given === undefined || given <= 0 ? null : given;

function toEntry(info: ModelInfo): ModelEntry {
  return {
    slug: info.slug,
    displayName: info.display_name,
    description: info.description ?? null,
    efforts: info.supported_reasoning_levels,
    visibility: info.visibility,
    supportedInApi: info.supported_in_api,
    priority: info.priority,
    baseInstructions: info.base_instructions,
    template: templateOf(info.model_messages),
    defaultEffort: info.default_reasoning_level ?? null,
    supportsReasoning: info.supports_reasoning_summaries,
    supportsVerbosity: info.support_verbosity,
    defaultVerbosity: info.default_verbosity ?? null,
    shellType: info.shell_type,
    applyPatchTool: info.apply_patch_tool_type ?? null,
    truncation: { ...info.truncation_policy, limit: Math.max(0, info.truncation_policy.limit) },
    supportsParallelToolCalls: info.supports_parallel_tool_calls,
    contextWindow: tokens(info.context_window),
    autoCompactTokenLimit: tokens(info.auto_compact_token_limit),
    effectiveWindowPercent: Math.min(Math.max(info.effective_context_window_percent, 0), 100),
    experimentalTools: info.experimental_supported_tools,
  };
}

function templateOf(given: ModelInfo['model_messages']): InstructionsTemplate | null {
  const text = given?.instructions_template;
  if (text === undefined || text === null) return null;
  const {
    personality_default: neutral,
    personality_friendly: friendly,
    personality_pragmatic: pragmatic,
  } = given?.instructions_variables ?? {};
  const personalities = typeof friendly === 'string' && typeof pragmatic === 'string' ? { friendly, pragmatic } : null;
  const complete = personalities !== null && typeof neutral === 'string';
  return { text, personalities, supportsPersonality: complete && text.includes(PERSONALITY_PLACEHOLDER) };
}
