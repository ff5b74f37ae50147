/** Tokens used and rate limits. */
import { notification, request } from './define.ts';
import * as t from './schema/types.ts';

/** Counts of tokens. */
export const TokenUsageBreakdown = t.struct('TokenUsageBreakdown', {
  totalTokens: t.int64,
  inputTokens: t.int64,
  /** The part of `inputTokens` that the model service had cached. */
  cachedInputTokens: t.int64,
  outputTokens: t.int64,
  /** The part of `outputTokens` that was spent on reasoning. */
  reasoningOutputTokens: t.int64,
});
export type TokenUsageBreakdown = t.Infer<typeof TokenUsageBreakdown>;

/** Tokens that a thread has used. */
export const ThreadTokenUsage = t.struct('ThreadTokenUsage', {
  total: TokenUsageBreakdown,
  /** Tokens of the last request to the model. */
  last: TokenUsageBreakdown,
  /** Tokens that fit into the context of the model; null when unknown. */
  modelContextWindow: t.orNull(t.int64),
});
export type ThreadTokenUsage = t.Infer<typeof ThreadTokenUsage>;

/** Params of `thread/tokenUsage/updated`. */
export const ThreadTokenUsageUpdatedNotification = t.struct('ThreadTokenUsageUpdatedNotification', {
  threadId: t.string,
  turnId: t.string,
  tokenUsage: ThreadTokenUsage,
});
export type ThreadTokenUsageUpdatedNotification = t.Infer<typeof ThreadTokenUsageUpdatedNotification>;

/** The ChatGPT plan of an account. */
export const PlanType = t.words('PlanType', [
  'free',
  'go',
  'plus',
  'pro',
  'team',
  'business',
  'enterprise',
  'edu',
  'unknown',
]);
export type PlanType = t.Infer<typeof PlanType>;

/** How much of a rate limit is used. */
export const RateLimitWindow = t.struct('RateLimitWindow', {
  usedPercent: t.int32,
  /** Minutes until the count starts again, from one start to the next. */
  windowDurationMins: t.orNull(t.int64),
  /** Seconds since 1970. */
  resetsAt: t.orNull(t.int64),
});
export type RateLimitWindow = t.Infer<typeof RateLimitWindow>;

/** Credits of an account. */
export const CreditsSnapshot = t.struct('CreditsSnapshot', {
  hasCredits: t.boolean,
  unlimited: t.boolean,
  /** A decimal number as text. */
  balance: t.orNull(t.string),
});
export type CreditsSnapshot = t.Infer<typeof CreditsSnapshot>;

/** Rate limits of an account at one moment. */
export const RateLimitSnapshot = t.struct('RateLimitSnapshot', {
  primary: t.orNull(RateLimitWindow),
  secondary: t.orNull(RateLimitWindow),
  credits: t.orNull(CreditsSnapshot),
  planType: t.orNull(PlanType),
});
export type RateLimitSnapshot = t.Infer<typeof RateLimitSnapshot>;

/** Answers `account/rateLimits/read`. */
export const GetAccountRateLimitsResponse = t.struct('GetAccountRateLimitsResponse', { rateLimits: RateLimitSnapshot });
export type GetAccountRateLimitsResponse = t.Infer<typeof GetAccountRateLimitsResponse>;

/** Params of `account/rateLimits/updated`. */
export const AccountRateLimitsUpdatedNotification = t.struct('AccountRateLimitsUpdatedNotification', {
  rateLimits: RateLimitSnapshot,
});
export type AccountRateLimitsUpdatedNotification = t.Infer<typeof AccountRateLimitsUpdatedNotification>;

/** Messages about tokens and rate limits. */
export const usageMessages = [
  /** Reads the rate limits of the account. */
  request('account/rateLimits/read', null, GetAccountRateLimitsResponse),
  /** Reports the tokens that a thread has used. */
  notification('thread/tokenUsage/updated', ThreadTokenUsageUpdatedNotification),
  /** Reports the rate limits that came with an answer of the model service. */
  notification('account/rateLimits/updated', AccountRateLimitsUpdatedNotification),
] as const;
