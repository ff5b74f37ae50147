/**
 * Compaction: a history that has grown too long is replaced by a shorter one.
 *
 * Locally the model writes a summary, and what users said is kept as far as there is room. Providers that compact
 * themselves return the new history whole.
 */
import type { ResponseItem } from '../protocol/response-items.ts';
import type { RolloutEntry } from '../rollout/format.ts';
import { sendsLogin } from '../upstream/credentials.ts';
import { UpstreamError } from '../upstream/errors.ts';
import type { AuthSnapshot } from '../upstream/types.ts';
import { compactedHistory } from './compacted-history.ts';
import { TurnFailure } from './failures.ts';
import { textOf } from './history.ts';
import { initialContext } from './initial-context.ts';
import { textMessage } from './messages.ts';
import { COMPACTION_PROMPT, COMPACTION_WARNING, SUMMARY_PREFIX } from './prompts/compaction.ts';
import { requestFrame, samplingRequest, verbosityMember } from './request.ts';
import type { Session } from './session.ts';
import { modelInstructions } from './settings.ts';
import { withStreamRetries } from './stream-retries.ts';
import { turnContextEntry } from './turn-context.ts';
import type { TurnState } from './turn-state.ts';

/** Compacts when the next request would pass the limit. A failure is reported, and the turn goes on as it is. */
export async function compactIfFull(session: Session, turn: TurnState): Promise<void> {
  const limit = turn.settings.profile.autoCompactTokenLimit;
  if (limit === null) return;
  const hidden = turn.reasoningIncluded ? 0 : session.history.hiddenReasoningTokens();
  if (session.usage.lastTotalTokens + hidden < limit) return;
  try {
    await compact(session, turn);
  } catch (error) {
    turn.signal.throwIfAborted();
    if (!(error instanceof TurnFailure)) throw error;
    session.recorder.event({ kind: 'error', turnId: turn.id, error: error.turnError, willRetry: false });
  }
}

/** A turn that does nothing else, because the client asked for it. */
export async function runCompaction(session: Session, turn: TurnState): Promise<void> {
  const { profile, collaborationMode } = turn.settings;
  session.recorder.event({
    kind: 'turnStarted',
    turnId: turn.id,
    contextWindow: profile.reportedContextWindow,
    mode: collaborationMode.mode,
  });
  session.recorder.turnBegan(turn.id, 'nothing');
  await compact(session, turn);
}

async function compact(session: Session, turn: TurnState): Promise<void> {
  const { recorder } = session;
  const item = { type: 'contextCompaction' as const, id: session.services.newId() };
  recorder.event({ kind: 'itemStarted', turnId: turn.id, item });
  const remote = session.config.provider.name === 'OpenAI' && session.config.features.remote_compaction;
  try {
    const stored = remote ? await compactRemotely(session, turn) : await compactLocally(session, turn);
    const estimate = session.history.estimateTokens(modelInstructions(turn.settings));
    session.usage.estimate(estimate, turn.settings.profile.reportedContextWindow);
    session.reportUsage(turn.id);
    recorder.lines([stored]);
  } catch (error) {
    recorder.closeOpenItems();
    throw error;
  }
  recorder.event({ kind: 'itemCompleted', turnId: turn.id, item });
  recorder.event({ kind: 'compacted', turnId: turn.id });
  if (!remote) recorder.event({ kind: 'warning', turnId: turn.id, message: COMPACTION_WARNING });
}

async function compactRemotely(session: Session, turn: TurnState): Promise<RolloutEntry> {
  const { auth, upstream } = session.services;
  const { config, history } = session;
  try {
    const items = await upstream.compact(
      {
        provider: config.provider,
        auth: sendsLogin(config.provider) ? (await auth.lease(turn.signal)).snapshot : auth.current(),
        subagent: null,
        body: {
          model: turn.settings.collaborationMode.settings.model,
          input: history.prompt({ keepIds: false, freeformPatch: false }),
          instructions: session.baseInstructions,
        },
      },
      turn.signal,
    );
    history.replace(items);
    return { type: 'compacted', payload: { message: '', replacement_history: items } };
  } catch (error) {
    turn.signal.throwIfAborted();
    if (!(error instanceof UpstreamError)) throw error;
    throw new TurnFailure(error.failure.message, error.failure.info, { cause: error });
  }
}

async function compactLocally(session: Session, turn: TurnState): Promise<RolloutEntry> {
  const summary = await summarise(session, turn);
  const message = `${SUMMARY_PREFIX}\n${summary}`;
  const context = initialContext(turn.settings, session);
  session.history.replace(compactedHistory(session.history.items, context, message));
  return { type: 'compacted', payload: { message } };
}

/** Asks the model; when the request itself is too long, without the oldest items, one more each time. */
async function summarise(session: Session, turn: TurnState): Promise<string> {
  const prompt = textMessage('user', session.config.compactPrompt ?? COMPACTION_PROMPT);
  let removed = 0;
  for (;;) {
    try {
      const ask = (auth: AuthSnapshot): Promise<string> => summaryOnce(session, turn, auth, prompt);
      const summary = await withStreamRetries(session, turn, [turnContextEntry(session, turn)], ask);
      if (removed > 0) announceRemoval(session, turn, removed);
      return summary;
    } catch (error) {
      const tooLong = error instanceof TurnFailure && error.turnError.codexErrorInfo === 'contextWindowExceeded';
      if (!tooLong || !session.history.dropOldest()) throw error;
      removed += 1;
    }
  }
}

async function summaryOnce(
  session: Session,
  turn: TurnState,
  auth: AuthSnapshot,
  prompt: ResponseItem,
): Promise<string> {
  const { history, services, usage } = session;
  const request = samplingRequest(session, turn, auth, []);
  const verbosity = verbosityMember(turn.settings, session.config);
  const body = {
    ...requestFrame(session, turn.settings),
    input: [...history.prompt({ keepIds: false, freeformPatch: false }), prompt],
    ...(verbosity.verbosity === undefined ? {} : { text: verbosity }),
  };
  let last = '';
  for await (const event of services.upstream.stream({ ...request, body }, turn.signal)) {
    if (event.kind === 'headers') usage.limit(event.rateLimits);
    else if (event.kind === 'completed') {
      if (event.usage !== null) usage.record(event.usage, turn.settings.profile.reportedContextWindow);
    } else {
      if (event.kind === 'itemDone' && event.item.type === 'message' && event.item.role === 'assistant') {
        last = textOf(event.item);
      }
      continue;
    }
    session.reportUsage(turn.id);
  }
  return last;
}

function announceRemoval(session: Session, turn: TurnState, removed: number): void {
  const message = `The ${removed} oldest items were left out of the summary, because the history was too long.`;
  session.services.log.warn('engine', message, { threadId: session.threadId });
  session.recorder.event({ kind: 'warning', turnId: turn.id, message });
}
