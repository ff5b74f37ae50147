/** Tokens used and rate limits. */
import { notification, request } from './define.ts';
import * as t from './schema/types.ts';

export const TokenUsageBreakdown = t.struct('TokenUsageBreakdown', {
  totalTokens: t.int64,
  inputTokens: t.int64,
  cachedInputTokens: t.int64,
  outputTokens: t.int64,
  reasoningOutputTokens: t.int64,
});
export type TokenUsageBreakdown = t.Infer<typeof TokenUsageBreakdown>;

export const ThreadTokenUsage = t.struct('ThreadTokenUsage', {
  total: TokenUsageBreakdown,
  last: TokenUsageBreakdown,
  modelContextWindow: t.orNull(t.int64),
});
export type ThreadTokenUsage = t.Infer<typeof ThreadTokenUsage>;

export const ThreadTokenUsageUpdatedNotification = t.struct('ThreadTokenUsageUpdatedNotification', {
  threadId: t.string,
  turnId: t.string,
  tokenUsage: ThreadTokenUsage,
});
export type ThreadTokenUsageUpdatedNotification = t.Infer<typeof ThreadTokenUsageUpdatedNotification>;

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

export const RateLimitWindow = t.struct('RateLimitWindow', {
  usedPercent: t.int32,
  windowDurationMins: t.orNull(t.int64),
  resetsAt: t.orNull(t.int64),
});
export type RateLimitWindow = t.Infer<typeof RateLimitWindow>;

export const CreditsSnapshot = t.struct('CreditsSnapshot', {
  hasCredits: t.boolean,
  unlimited: t.boolean,
  balance: t.orNull(t.string),
});
export type CreditsSnapshot = t.Infer<typeof CreditsSnapshot>;

export const RateLimitSnapshot = t.struct('RateLimitSnapshot', {
  primary: t.orNull(RateLimitWindow),
  secondary: t.orNull(RateLimitWindow),
  credits: t.orNull(CreditsSnapshot),
  planType: t.orNull(PlanType),
});
export type RateLimitSnapshot = t.Infer<typeof RateLimitSnapshot>;

export const GetAccountRateLimitsResponse = t.struct('GetAccountRateLimitsResponse', { rateLimits: RateLimitSnapshot });
export type GetAccountRateLimitsResponse = t.Infer<typeof GetAccountRateLimitsResponse>;

export const AccountRateLimitsUpdatedNotification = t.struct('AccountRateLimitsUpdatedNotification', {
  rateLimits: RateLimitSnapshot,
});
export type AccountRateLimitsUpdatedNotification = t.Infer<typeof AccountRateLimitsUpdatedNotification>;

export const accountRateLimitsRead = request('account/rateLimits/read', null, GetAccountRateLimitsResponse);
export const threadTokenUsageUpdated = notification('thread/tokenUsage/updated', ThreadTokenUsageUpdatedNotification);
export const accountRateLimitsUpdated = notification(
  'account/rateLimits/updated',
  AccountRateLimitsUpdatedNotification,
);
