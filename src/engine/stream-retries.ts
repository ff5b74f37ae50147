/** Asks again when a stream breaks in a way that may heal: what is tried how often, and what the client hears of it. */

import { delay } from '../base/abort.ts';
import type { AuthSnapshot } from '../contract/auth-state.ts';
import type { EffectiveConfig } from '../contract/effective-config.ts';
import type { RolloutEntry } from '../rollout/entries.ts';
import { sendsLogin } from '../upstream/credentials.ts';
import { UpstreamError } from '../upstream/errors.ts';
import { streamRetryDelayMs } from '../upstream/retry.ts';
import type { UpstreamFailure } from '../upstream/types.ts';
import { TurnFailure } from './failures.ts';
import { leaveOutRefusedImages, type RefusedImageDeps } from './refused-images.ts';
import type { EngineServices } from './services.ts';
import type { TurnState } from './turn-state.ts';
import type { Usage } from './usage.ts';

export type RetryDeps = RefusedImageDeps & {
  readonly config: Pick<EffectiveConfig, 'provider'>;
  readonly services: Pick<EngineServices, 'auth' | 'random'>;
  readonly usage: Pick<Usage, 'limit' | 'fill' | 'report'>;
};

/**
 * One try. What a broken stream left in the history belongs to the next request, not to a repetition of the same one:
 * only when `history` has changed does the request's input have to be put together anew.
 */
export type StreamAttempt<T> = (auth: AuthSnapshot, history: 'changed' | 'same') => Promise<T>;

/** Runs `attempt` until it succeeds, the provider's retries are spent, or the failure is one that stays. */
export async function withStreamRetries<T>(
  deps: RetryDeps,
  turn: TurnState,
  entries: readonly RolloutEntry[],
  attempt: StreamAttempt<T>,
): Promise<T> {
  const { services, config, recorder } = deps;
  const usesLogin = sendsLogin(config.provider);
  let mayRenew = usesLogin;
  let history: 'changed' | 'same' = 'changed';
  recorder.storeOnly(entries);
  for (let retries = 0; ; ) {
    const lease = usesLogin ? await services.auth.lease(turn.signal) : null;
    try {
      return await attempt(lease?.snapshot ?? services.auth.current(), history);
    } catch (error) {
      history = 'same';
      turn.signal.throwIfAborted();
      if (!(error instanceof UpstreamError)) throw error;
      const { failure } = error;
      announceLimits(deps, turn, failure);
      if (failure.reason === 'unauthorized' && mayRenew) {
        const newer = (await lease?.renewed(turn.signal)) ?? null;
        mayRenew = newer?.reloaded ?? false;
        if (newer !== null) continue;
      }
      if (leaveOutRefusedImages(deps, turn, failure)) {
        history = 'changed';
        recorder.storeOnly(entries);
        continue;
      }
      if (!failure.retryable || retries >= config.provider.streamMaxRetries) {
        throw new TurnFailure(failure.message, failure.info, { cause: error });
      }
      retries += 1;
      announceRetry(deps, turn, failure, retries);
      await delay(streamRetryDelayMs(retries, failure, services.random), turn.signal);
      recorder.storeOnly(entries);
    }
  }
}

function announceRetry(
  { config, recorder }: RetryDeps,
  turn: TurnState,
  failure: UpstreamFailure,
  retries: number,
): void {
  recorder.storeAndEmit({
    kind: 'error',
    turnId: turn.id,
    willRetry: true,
    error: {
      message: `Reconnecting... ${retries}/${config.provider.streamMaxRetries}`,
      codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: failure.noticeStatus } },
      additionalDetails: failure.message,
    },
  });
}

/** A refusal can bring rate limits, or say that the window is full; clients hear of that before they hear of the refusal. */
function announceLimits({ recorder, usage }: RetryDeps, turn: TurnState, failure: UpstreamFailure): void {
  if (failure.rateLimits !== null) usage.limit(failure.rateLimits);
  else if (failure.reason === 'contextWindow') usage.fill(turn.settings.profile.contextWindow);
  else return;
  recorder.storeAndEmit(usage.report(turn.id));
}
