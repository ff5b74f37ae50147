/** A model as `/models` and the cache file describe it. In: JSON. Out: entries; one invalid entry invalidates the whole list. */
import * as s from '../base/json/schema.ts';
import type { InstructionsTemplate, ModelEntry } from './entry.ts';
import { PERSONALITY_PLACEHOLDER } from './instructions.ts';

const Effort = s.words('none', 'minimal', 'low', 'medium', 'high', 'xhigh');

const Messages = s.object({
  instructions_template: s.nullish(s.string),
  instructions_variables: s.nullish(
    s.object({
      personality_default: s.nullish(s.string),
      personality_friendly: s.nullish(s.string),
      personality_pragmatic: s.nullish(s.string),
    }),
  ),
});

const ModelInfo = s.object({
  slug: s.string,
  display_name: s.string,
  description: s.nullish(s.string),
  default_reasoning_level: s.nullish(Effort),
  supported_reasoning_levels: s.list(s.object({ effort: Effort, description: s.string })),
  shell_type: s.words('default', 'local', 'unified_exec', 'disabled', 'shell_command'),
  visibility: s.words('list', 'hide', 'none'),
  supported_in_api: s.boolean,
  priority: s.integer,
  upgrade: s.nullish(s.object({ model: s.string, migration_markdown: s.string })),
  base_instructions: s.string,
  model_messages: s.nullish(Messages),
  supports_reasoning_summaries: s.boolean,
  support_verbosity: s.boolean,
  default_verbosity: s.nullish(s.words('low', 'medium', 'high')),
  apply_patch_tool_type: s.nullish(s.words('freeform', 'function')),
  truncation_policy: s.object({ mode: s.words('bytes', 'tokens'), limit: s.integer }),
  supports_parallel_tool_calls: s.boolean,
  context_window: s.nullish(s.integer),
  auto_compact_token_limit: s.nullish(s.integer),
  effective_context_window_percent: s.withDefault(s.integer, 95),
  experimental_supported_tools: s.list(s.string),
});

type ModelInfo = s.Infer<typeof ModelInfo>;

/** null if it is not a list of models. */
export function decodeModels(json: unknown): readonly ModelEntry[] | null {
  return s.readOrNull(s.list(ModelInfo), json)?.map(toEntry) ?? null;
}

/** A window of zero tokens counts as unknown. */
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
