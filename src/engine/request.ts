/** What one sampling request consists of: history, tools and settings in the shape upstream wants. Pure. */
import type { AuthSnapshot } from '../contract/auth-state.ts';
import type { EffectiveConfig } from '../contract/effective-config.ts';
import { FEATURE_NAMES, FEATURES } from '../contract/feature-names.ts';
import { effortOf, type TurnSettings, webSearchMode } from '../contract/turn-settings.ts';
import { isAzure } from '../upstream/azure.ts';
import type { ResponsesBody, SamplingRequest } from '../upstream/types.ts';
import type { History } from './history.ts';
import { hasFreeformPatch } from './tools/patch.ts';
import { toolSpecs } from './tools/registry.ts';
import type { TurnState } from './turn-state.ts';

/** The thread that requests are made for. */
export interface RequestThread {
  readonly threadId: string;
  readonly config: EffectiveConfig;
  readonly baseInstructions: string;
}

/** The `input` of the next request. */
export const requestInput = (
  history: Pick<History, 'prompt'>,
  config: EffectiveConfig,
  settings: TurnSettings,
): unknown[] =>
  history.prompt({ keepIds: isAzure(config.provider), freeformPatch: hasFreeformPatch(settings, config) });

export function samplingRequest(
  thread: RequestThread,
  turn: TurnState,
  auth: AuthSnapshot,
  input: readonly unknown[],
): SamplingRequest {
  const { config } = thread;
  return {
    provider: config.provider,
    auth,
    threadId: thread.threadId,
    body: {
      ...requestFrame(thread, turn.settings),
      input,
      tools: toolSpecs(turn.settings, config),
      parallel_tool_calls: turn.settings.profile.supportsParallelToolCalls,
      ...textMember(turn, config),
    },
    webSearchEligible: webSearchMode(config.webSearch, turn.settings.sandboxPolicy) !== 'disabled',
    betaFeatures: betaFeatures(config),
    turnState: turn.routing,
    subagent: null,
    compress: config.features.enable_request_compression,
  };
}

/** The body without history, tools and format, its members in the order they are sent. */
export function requestFrame(thread: RequestThread, settings: TurnSettings): ResponsesBody {
  const { profile, summary, collaborationMode } = settings;
  const effort = effortOf(settings);
  const reasoning = profile.supportsReasoning
    ? { ...(effort === null ? {} : { effort }), ...(summary === 'none' ? {} : { summary }) }
    : null;
  return {
    model: collaborationMode.settings.model,
    instructions: thread.baseInstructions,
    input: [],
    tools: [],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning,
    store: isAzure(thread.config.provider),
    stream: true,
    include: reasoning === null ? [] : ['reasoning.encrypted_content'],
    prompt_cache_key: thread.threadId,
  };
}

export function verbosityMember(settings: TurnSettings, config: EffectiveConfig): { verbosity?: string } {
  if (!settings.profile.supportsVerbosity) return {};
  const verbosity = config.verbosity ?? settings.profile.defaultVerbosity;
  return verbosity === null ? {} : { verbosity };
}

function textMember(turn: TurnState, config: EffectiveConfig): { text?: { verbosity?: string; format?: unknown } } {
  const verbosity = verbosityMember(turn.settings, config);
  if (turn.outputSchema === undefined || turn.outputSchema === null) {
    return verbosity.verbosity === undefined ? {} : { text: verbosity };
  }
  const format = { type: 'json_schema', strict: true, schema: turn.outputSchema, name: 'codex_output_schema' };
  return { text: { ...verbosity, format } };
}

/** Features from the experimental menu, in the order of the table: upstream is told which are on. */
const betaFeatures = (config: EffectiveConfig): string[] =>
  FEATURE_NAMES.filter((name) => FEATURES[name].stage === 'experimental' && config.features[name]);
