/** Requests to a model provider and its events: the vocabulary between the turn engine and `client.ts`. */
import type { AuthSnapshot } from '../contract/auth-state.ts';
import type { ProviderConfig } from '../contract/effective-config.ts';
import type { TokenUsage } from '../contract/engine-events.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { CodexErrorInfo } from '../protocol/turns.ts';
import type { RateLimitSnapshot } from '../protocol/usage.ts';

/** The JSON body of `POST …/responses`, keys in the order they are sent. */
export interface ResponsesBody {
  readonly model: string;
  readonly instructions: string;
  readonly input: readonly unknown[];
  readonly tools: readonly unknown[];
  readonly tool_choice: 'auto';
  readonly parallel_tool_calls: boolean;
  readonly reasoning: { readonly effort?: string; readonly summary?: string } | null;
  readonly store: boolean;
  readonly stream: true;
  readonly include: readonly string[];
  readonly prompt_cache_key: string;
  readonly text?: { readonly verbosity?: string; readonly format?: unknown };
}

/** One sampling request without transport details. */
export interface SamplingRequest {
  readonly provider: ProviderConfig;
  readonly auth: AuthSnapshot;
  readonly threadId: string;
  readonly body: ResponsesBody;
  readonly webSearchEligible: boolean;
  readonly betaFeatures: readonly string[];
  /** Sticky routing value of an earlier response of the same turn. */
  readonly turnState: string | null;
  readonly subagent: string | null;
  readonly compress: boolean;
}

/** A decoded event of a stream; events that nothing uses are dropped. */
export type UpstreamEvent =
  | {
      readonly kind: 'headers';
      readonly rateLimits: RateLimitSnapshot;
      readonly reasoningIncluded: boolean;
      readonly turnState: string | null;
    }
  | { readonly kind: 'itemAdded'; readonly item: ResponseItem }
  | { readonly kind: 'itemDone'; readonly item: ResponseItem }
  | { readonly kind: 'textDelta'; readonly delta: string }
  | { readonly kind: 'summaryPartAdded'; readonly summaryIndex: number }
  | { readonly kind: 'summaryDelta'; readonly summaryIndex: number; readonly delta: string }
  | { readonly kind: 'reasoningDelta'; readonly contentIndex: number; readonly delta: string }
  | { readonly kind: 'completed'; readonly responseId: string | null; readonly usage: TokenUsage | null };

/** Why a request failed, with everything that a client gets about it. */
export interface UpstreamFailure {
  readonly message: string;
  readonly info: CodexErrorInfo;
  /** HTTP status, if there was a response. */
  readonly status: number | null;
  /** The status in a `Reconnecting...` notice: only for unexpected statuses. */
  readonly noticeStatus: number | null;
  /** Whether the whole stream may be requested again. */
  readonly retryable: boolean;
  /** The delay that the service asked for in a rate-limit message. */
  readonly retryAfterMs: number | null;
  /** Limits that came with the failure (429); they are emitted before it. */
  readonly rateLimits: RateLimitSnapshot | null;
  readonly reason: 'contextWindow' | 'unauthorized' | 'invalidImage' | 'tooLarge' | 'emptySummary' | 'other';
}

/** The JSON body of `POST …/responses/compact`, keys in the order they are sent. */
interface CompactBody {
  readonly model: string;
  readonly input: readonly unknown[];
  readonly instructions: string;
}

/** One remote compaction without transport details. */
export interface CompactRequest {
  readonly provider: ProviderConfig;
  readonly auth: AuthSnapshot;
  readonly body: CompactBody;
  readonly subagent: string | null;
}
