/**
 * The account's rate limits from the ChatGPT backend. In: the login. Out: a snapshot in the wire's form, or an error
 * that includes the request and the response without the token.
 */
import { AppError, messageOf } from '../base/errors.ts';
import { rawJsonIn } from '../base/json/parse.ts';
import * as s from '../base/json/schema.ts';
import { withoutEnd } from '../base/trimming.ts';
import type { AuthSnapshot } from '../contract/auth-state.ts';
import type { PlanType, RateLimitSnapshot, RateLimitWindow } from '../protocol/usage.ts';
import { redactSecrets } from '../upstream/secrets.ts';
import type { Http, HttpResponse } from './http.ts';

export interface UsageParts {
  readonly http: Http;
  /** `chatgpt_base_url` of the configuration. */
  readonly baseUrl: string;
  readonly userAgent: () => string;
}

/** The backend's plans as the wire spells them. Observed on codex app-server 0.94.0. */
const PLANS: ReadonlyMap<string, PlanType> = new Map([
  ['free', 'free'],
  ['plus', 'plus'],
  ['pro', 'pro'],
  ['team', 'team'],
  ['business', 'business'],
  ['enterprise', 'enterprise'],
  ['edu', 'edu'],
  ['education', 'edu'],
  ['go', 'go'],
  ['guest', 'unknown'],
  ['free_workspace', 'unknown'],
  ['quorum', 'unknown'],
  ['k12', 'unknown'],
]);

/** As wide as the wire's number. */
const Percent = s.changed(s.integer, (value) => ((value | 0) === value ? value : new s.Refusal('out of range')));

const Window = s.object({
  used_percent: Percent,
  limit_window_seconds: s.integer,
  reset_after_seconds: s.integer,
  reset_at: s.integer,
});

const Usage = s.object({
  plan_type: s.changed(s.string, (plan) => PLANS.get(plan) ?? new s.Refusal('an unknown plan')),
  rate_limit: s.nullish(
    s.object({
      allowed: s.boolean,
      limit_reached: s.boolean,
      primary_window: s.nullish(Window),
      secondary_window: s.nullish(Window),
    }),
  ),
  credits: s.nullish(s.object({ has_credits: s.boolean, unlimited: s.boolean, balance: s.nullish(s.string) })),
});

/** Throws AppError `io-failed` for a base that is not a web address. */
export function usageUrl(baseUrl: string): URL {
  let base = withoutEnd(baseUrl.trim(), '/');
  const isService = /^https:\/\/(chatgpt\.com|chat\.openai\.com)/.test(base);
  if (isService && !base.includes('/backend-api')) base += '/backend-api';
  const url = `${base}${base.includes('/backend-api') ? '/wham/usage' : '/api/codex/usage'}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url);
  throw new AppError('io-failed', 'failed to construct backend client: chatgpt_base_url is not a web address');
}

/** Rejects with AppError `upstream-failed`, or with the signal's reason. */
export async function fetchUsage(
  { http, baseUrl, userAgent }: UsageParts,
  { token, accountId }: AuthSnapshot,
  signal: AbortSignal,
): Promise<RateLimitSnapshot> {
  if (token === null || token === '') throw failed('failed to construct backend client: Token data is not available.');
  const url = usageUrl(baseUrl);
  const account = accountId === null ? {} : { 'chatgpt-account-id': accountId };
  const headers = { accept: '*/*', authorization: `Bearer ${token}`, ...account, 'user-agent': userAgent() };
  let answer: HttpResponse;
  try {
    answer = await http.send({ method: 'GET', url, headers }, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw failed(`failed to fetch codex rate limits: ${messageOf(error)}`);
  }
  const details = `; content-type=${answer.contentType}; body=${redactSecrets(answer.text, [token])}`;
  if (answer.status < 200 || answer.status > 299) {
    throw failed(`failed to fetch codex rate limits: GET ${url.href} failed: ${answer.statusText}${details}`);
  }
  const decoded = decode(answer.text);
  if (typeof decoded !== 'string') return decoded;
  throw failed(`failed to fetch codex rate limits: Decode error for ${url.href}: ${decoded}${details}`);
}

const failed = (message: string): AppError => new AppError('upstream-failed', message);

/** The snapshot, or why there is none. */
function decode(text: string): RateLimitSnapshot | string {
  const value = rawJsonIn(text);
  if (value === undefined) return 'not JSON';
  const found = Usage(value);
  if (found instanceof s.Refusal) return `unexpected value at \`${found.path}\``;
  const { plan_type: planType, rate_limit, credits } = found;
  return {
    primary: windowOf(rate_limit?.primary_window),
    secondary: windowOf(rate_limit?.secondary_window),
    credits:
      credits === undefined || credits === null
        ? null
        : { hasCredits: credits.has_credits, unlimited: credits.unlimited, balance: credits.balance ?? null },
    planType,
  };
}

function windowOf(window: s.Infer<typeof Window> | null | undefined): RateLimitWindow | null {
  if (window === null || window === undefined) return null;
  const { used_percent, limit_window_seconds, reset_at } = window;
  const windowDurationMins = limit_window_seconds > 0 ? Math.ceil(limit_window_seconds / 60) : null;
  return { usedPercent: used_percent, windowDurationMins, resetsAt: reset_at };
}
