/** One step of a turn: ask the model, and ask again when the stream breaks in a way that may heal. */
import { abortable, delay } from '../base/abort.ts';
import type { EffectiveConfig } from '../config/effective.ts';
import { FEATURE_NAMES, FEATURES } from '../config/feature-names.ts';
import type { RolloutEntry } from '../rollout/format.ts';
import { isAzure } from '../upstream/azure.ts';
import { UpstreamError } from '../upstream/errors.ts';
import { streamRetryDelayMs } from '../upstream/retry.ts';
import type { AuthSnapshot, ResponsesBody, SamplingRequest, UpstreamFailure } from '../upstream/types.ts';
import { TurnFailure } from './failures.ts';
import type { Session } from './session.ts';
import { effortOf, type TurnSettings, webSearchMode } from './settings.ts';
import { StreamConsumer } from './stream.ts';
import { hasFreeformPatch, toolSpecs } from './tools/registry.ts';
import { turnContextEntry } from './turn-context.ts';
import type { TurnState } from './turn-state.ts';

/** Resolves with whether the model wants another request: it called tools. Throws `TurnFailure` or the abort reason. */
export async function sample(session: Session, turn: TurnState): Promise<boolean> {
  const consume = async (auth: AuthSnapshot): Promise<boolean> => {
    const consumer = new StreamConsumer(session, turn);
    try {
      for await (const event of session.services.upstream.stream(samplingRequest(session, turn, auth), turn.signal)) {
        consumer.take(event);
        const pause = session.services.flow();
        if (pause !== null) await abortable(pause, turn.signal);
      }
    } catch (error) {
      await consumer.breakOff();
      throw error;
    }
    return consumer.finish();
  };
  return withStreamRetries(session, turn, [turnContextEntry(session, turn)], consume);
}

/** Runs `attempt` until it succeeds, the provider's retries are spent, or the failure is one that stays. */
export async function withStreamRetries<T>(
  session: Session,
  turn: TurnState,
  entries: readonly RolloutEntry[],
  attempt: (auth: AuthSnapshot) => Promise<T>,
): Promise<T> {
  const { services, config } = session;
  let auth = services.auth.current();
  let renewed = false;
  for (let retries = 0; ; ) {
    session.recorder.lines(entries);
    try {
      return await attempt(auth);
    } catch (error) {
      turn.signal.throwIfAborted();
      if (!(error instanceof UpstreamError)) throw error;
      const { failure } = error;
      announceLimits(session, turn, failure);
      const fresh = failure.reason === 'unauthorized' && !renewed ? await renew(session, turn, auth) : null;
      if (fresh !== null) {
        auth = fresh;
        renewed = true;
        continue;
      }
      if (failure.reason === 'invalidImage' && session.history.dropNewestImages()) continue;
      if (!failure.retryable || retries >= config.provider.streamMaxRetries) {
        throw new TurnFailure(failure.message, failure.info, { cause: error });
      }
      retries += 1;
      announceRetry(session, turn, failure, retries);
      await delay(streamRetryDelayMs(retries, failure, services.random), turn.signal);
    }
  }
}

const renew = ({ services }: Session, turn: TurnState, used: AuthSnapshot): Promise<AuthSnapshot | null> =>
  services.auth.renewed(used.generation, turn.signal);

function announceRetry(session: Session, turn: TurnState, failure: UpstreamFailure, retries: number): void {
  session.recorder.event({
    kind: 'error',
    turnId: turn.id,
    willRetry: true,
    error: {
      message: `Reconnecting... ${retries}/${session.config.provider.streamMaxRetries}`,
      codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: failure.noticeStatus } },
      additionalDetails: failure.message,
    },
  });
}

/** A refusal can bring rate limits, or say that the window is full; clients hear of that before they hear of the refusal. */
function announceLimits(session: Session, turn: TurnState, failure: UpstreamFailure): void {
  if (failure.rateLimits !== null) session.usage.limit(failure.rateLimits);
  else if (failure.reason === 'contextWindow') session.usage.fill(turn.settings.profile.contextWindow);
  else return;
  session.reportUsage(turn.id);
}

export function samplingRequest(session: Session, turn: TurnState, auth: AuthSnapshot): SamplingRequest {
  const { config } = session;
  return {
    provider: config.provider,
    auth,
    threadId: session.threadId,
    body: {
      ...requestFrame(session, turn.settings),
      input: session.history.prompt({
        keepIds: isAzure(config.provider),
        freeformPatch: hasFreeformPatch(turn.settings, config),
      }),
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
export function requestFrame(session: Session, settings: TurnSettings): ResponsesBody {
  const { profile, summary, collaborationMode } = settings;
  const effort = effortOf(settings);
  const reasoning = profile.supportsReasoning
    ? { ...(effort === null ? {} : { effort }), ...(summary === 'none' ? {} : { summary }) }
    : null;
  return {
    model: collaborationMode.settings.model,
    instructions: session.baseInstructions,
    input: [],
    tools: [],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning,
    store: isAzure(session.config.provider),
    stream: true,
    include: reasoning === null ? [] : ['reasoning.encrypted_content'],
    prompt_cache_key: session.threadId,
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
