/**
 * Compaction: a history that has grown too long is replaced by a shorter one.
 *
 * Locally the model writes a summary, and what users said is kept as far as there is room. Providers that compact
 * themselves return the new history whole.
 */

import { modelInstructions } from '../contract/turn-settings.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { RolloutEntry } from '../rollout/entries.ts';
import { sendsLogin } from '../upstream/credentials.ts';
import { UpstreamError } from '../upstream/errors.ts';
import type { SamplingRequest, UpstreamFailure } from '../upstream/types.ts';
import { compactedHistory } from './compacted-history.ts';
import { EmptySummary, TurnFailure } from './failures.ts';
import type { Grants } from './grants.ts';
import { type History, messageTextOf } from './history.ts';
import { initialContext } from './initial-context.ts';
import { textMessage } from './messages.ts';
import { COMPACTION_PROMPT, COMPACTION_WARNING, SUMMARY_PREFIX } from './prompts/compaction.ts';
import type { Recorder } from './recorder.ts';
import { leaveOutRefusedImages } from './refused-images.ts';
import { type RequestThread, requestFrame, samplingRequest, verbosityMember } from './request.ts';
import type { EngineServices } from './services.ts';
import { type RetryDeps, type StreamAttempt, withStreamRetries } from './stream-retries.ts';
import { type Instructions, turnContextEntry } from './turn-context.ts';
import type { TurnState } from './turn-state.ts';
import type { Usage } from './usage.ts';

export type CompactionDeps = RequestThread &
  Instructions &
  RetryDeps & {
    readonly history: History;
    readonly recorder: Pick<Recorder, 'turnBegan' | 'closeOpenItems'>;
    readonly usage: Usage;
    readonly grants: Pick<Grants, 'policy'>;
    readonly services: Pick<EngineServices, 'upstream' | 'shell' | 'newId' | 'log'>;
  };

/** How often a summary is asked for that comes back empty. */
const MOST_EMPTY_SUMMARIES = 2;

/**
 * Compacts when the next request would pass the limit. A failure is reported, and the turn goes on as it is; a summary
 * that stays empty is thrown as `EmptySummary`.
 */
export async function compactIfFull(deps: CompactionDeps, turn: TurnState): Promise<void> {
  if (!deps.usage.isFull && !isOverLimit(deps, turn)) return;
  try {
    await compact(deps, turn);
  } catch (error) {
    turn.signal.throwIfAborted();
    if (!(error instanceof TurnFailure) || error instanceof EmptySummary) throw error;
    deps.recorder.storeAndEmit({ kind: 'error', turnId: turn.id, error: error.turnError, willRetry: false });
  }
}

function isOverLimit(deps: CompactionDeps, turn: TurnState): boolean {
  const limit = turn.settings.profile.autoCompactTokenLimit;
  if (limit === null) return false;
  const hidden = turn.reasoningIncluded ? 0 : deps.history.hiddenReasoningTokens();
  return deps.usage.lastTotalTokens + hidden >= limit;
}

/** A turn that does nothing else, because the client asked for it. */
export async function runCompaction(deps: CompactionDeps, turn: TurnState): Promise<void> {
  const { profile, collaborationMode } = turn.settings;
  deps.recorder.storeAndEmit({
    kind: 'turnStarted',
    turnId: turn.id,
    contextWindow: profile.reportedContextWindow,
    mode: collaborationMode.mode,
  });
  deps.recorder.turnBegan(turn.id, 'nothing');
  await compact(deps, turn);
}

async function compact(deps: CompactionDeps, turn: TurnState): Promise<void> {
  const { recorder } = deps;
  const item = { type: 'contextCompaction' as const, id: deps.services.newId() };
  recorder.storeAndEmit({ kind: 'itemStarted', turnId: turn.id, item });
  const remote = deps.config.provider.name === 'OpenAI' && deps.config.features.remote_compaction;
  try {
    const stored = remote ? await compactRemotely(deps, turn) : await compactLocally(deps, turn);
    const estimate = deps.history.estimateTokens(modelInstructions(turn.settings));
    deps.usage.estimate(estimate, turn.settings.profile.reportedContextWindow);
    recorder.storeAndEmit(deps.usage.report(turn.id));
    recorder.storeOnly([stored]);
  } catch (error) {
    recorder.closeOpenItems();
    throw error;
  }
  recorder.storeAndEmit({ kind: 'itemCompleted', turnId: turn.id, item });
  recorder.storeAndEmit({ kind: 'compacted', turnId: turn.id });
  if (!remote) recorder.storeAndEmit({ kind: 'warning', turnId: turn.id, message: COMPACTION_WARNING });
}

async function compactRemotely(deps: CompactionDeps, turn: TurnState): Promise<RolloutEntry> {
  const { history } = deps;
  let source: History = history;
  let removed = 0;
  for (let empty = 0; ; ) {
    const outcome = await compactedBy(deps, turn, source);
    if (Array.isArray(outcome)) {
      history.replace(outcome);
      return { type: 'compacted', payload: { message: '', replacement_history: outcome } };
    }
    const { reason, message } = outcome;
    if (reason === 'emptySummary') {
      empty += 1;
      if (empty === MOST_EMPTY_SUMMARIES) throw new EmptySummary(message);
      continue;
    }
    const shorter = reason === 'contextWindow' ? withoutMore(history, removed) : null;
    const again = shorter !== null || leaveOutRefusedImages(deps, turn, outcome);
    if (!again) throw new TurnFailure(message, outcome.info);
    removed = shorter?.removed ?? removed;
    source = history.withoutOldest(removed) ?? history;
  }
}

/** One request: the new history, or how it failed. Throws the signal's reason. */
async function compactedBy(
  deps: CompactionDeps,
  turn: TurnState,
  source: History,
): Promise<ResponseItem[] | UpstreamFailure> {
  const { auth, upstream } = deps.services;
  const { config } = deps;
  try {
    return await upstream.compact(
      {
        provider: config.provider,
        auth: sendsLogin(config.provider) ? (await auth.lease(turn.signal)).snapshot : auth.current(),
        subagent: null,
        body: {
          model: turn.settings.collaborationMode.settings.model,
          input: source.prompt({ keepIds: false, freeformPatch: false }),
          instructions: deps.baseInstructions,
        },
      },
      turn.signal,
    );
  } catch (error) {
    turn.signal.throwIfAborted();
    if (!(error instanceof UpstreamError)) throw error;
    return error.failure;
  }
}

async function compactLocally(deps: CompactionDeps, turn: TurnState): Promise<RolloutEntry> {
  const { text, source, removed } = await summarise(deps, turn);
  const message = `${SUMMARY_PREFIX}\n${text}`;
  const items = compactedHistory(
    source.items,
    initialContext(turn.settings, { ...deps, policy: deps.grants.policy }),
    message,
  );
  deps.history.replace(items);
  if (removed === 0) return { type: 'compacted', payload: { message } };
  // Read back, the rule would start from the whole history, which was too long.
  announceRemoval(deps, turn, removed);
  return { type: 'compacted', payload: { message, replacement_history: items } };
}

interface Summary {
  readonly text: string;
  /** What it sums up: the history, or what is left of it without its oldest items. */
  readonly source: History;
  readonly removed: number;
}

/** Asks the model; when the request itself is too long, without the oldest items, more of them each time. */
async function summarise(deps: CompactionDeps, turn: TurnState): Promise<Summary> {
  const prompt = textMessage('user', deps.config.compactPrompt ?? COMPACTION_PROMPT);
  const { history } = deps;
  let source: History = history;
  let removed = 0;
  const ask: StreamAttempt<string> = (auth, changed) => {
    if (changed === 'changed') source = history.withoutOldest(removed) ?? history;
    const input = [...source.prompt({ keepIds: false, freeformPatch: false }), prompt];
    return summaryOnce(deps, turn, samplingRequest(deps, turn, auth, input));
  };
  for (let empty = 0; empty < MOST_EMPTY_SUMMARIES; ) {
    try {
      const text = await withStreamRetries(deps, turn, [turnContextEntry(deps, turn)], ask);
      if (text.trim() !== '') return { text, source, removed };
      empty += 1;
    } catch (error) {
      const tooLong = error instanceof TurnFailure && error.turnError.codexErrorInfo === 'contextWindowExceeded';
      const shorter = tooLong ? withoutMore(history, removed) : null;
      if (shorter === null) throw error;
      removed = shorter.removed;
    }
  }
  throw new EmptySummary(NO_SUMMARY);
}

const NO_SUMMARY = 'The model returned an empty summary of the conversation, so the history was left as it is.';

/** Twice as many items fewer than before, or at least one more; null when nothing would be left. */
function withoutMore(history: History, removed: number): { readonly removed: number } | null {
  for (const next of [Math.max(1, removed * 2), removed + 1]) {
    if (history.withoutOldest(next) !== null) return { removed: next };
  }
  return null;
}

/** The last words of the answer that are any. */
async function summaryOnce(deps: CompactionDeps, turn: TurnState, request: SamplingRequest): Promise<string> {
  const { recorder, services, usage } = deps;
  const verbosity = verbosityMember(turn.settings, deps.config);
  const body = {
    ...requestFrame(deps, turn.settings),
    input: request.body.input,
    ...(verbosity.verbosity === undefined ? {} : { text: verbosity }),
  };
  let last = '';
  for await (const event of services.upstream.stream({ ...request, body }, turn.signal)) {
    switch (event.kind) {
      case 'headers':
        usage.limit(event.rateLimits);
        recorder.storeAndEmit(usage.report(turn.id));
        break;
      case 'completed':
        if (event.usage !== null) usage.record(event.usage, turn.settings.profile.reportedContextWindow);
        recorder.storeAndEmit(usage.report(turn.id));
        break;
      case 'itemDone':
        if (event.item.type === 'message' && event.item.role === 'assistant') {
          last = messageTextOf(event.item).trim() === '' ? last : messageTextOf(event.item);
        }
        break;
      case 'itemAdded':
      case 'textDelta':
      case 'summaryPartAdded':
      case 'summaryDelta':
      case 'reasoningDelta':
        break;
    }
  }
  return last;
}

function announceRemoval(deps: CompactionDeps, turn: TurnState, removed: number): void {
  const message = `The ${removed} oldest items were left out of the summary, because the history was too long.`;
  deps.services.log.warn('engine', message, { threadId: deps.threadId });
  deps.recorder.storeAndEmit({ kind: 'warning', turnId: turn.id, message });
}
