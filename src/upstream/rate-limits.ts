/** The account's limits from response headers. In: headers. Out: a snapshot for every response, possibly empty. */
import type { CreditsSnapshot, RateLimitSnapshot, RateLimitWindow } from '../protocol/usage.ts';

/** Response headers with lower-case names. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The first value of a header; undefined if it was not sent. */
export function headerOf(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' || value === undefined ? value : value[0];
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** Reads `x-codex-primary-*`, `x-codex-secondary-*` and `x-codex-credits-*`; an invalid value counts as not sent. */
export function rateLimitsOf(headers: ResponseHeaders): RateLimitSnapshot {
  return {
    primary: windowOf(headers, 'primary'),
    secondary: windowOf(headers, 'secondary'),
    credits: creditsOf(headers),
    planType: null,
  };
}

/**
 * Merges `next` into the previous snapshot: its windows replace the old ones; credits and plan are kept if it has
 * none.
 */
export function mergeRateLimits(previous: RateLimitSnapshot | null, next: RateLimitSnapshot): RateLimitSnapshot {
  return {
    ...next,
    credits: next.credits ?? previous?.credits ?? null,
    planType: next.planType ?? previous?.planType ?? null,
  };
}

function windowOf(headers: ResponseHeaders, name: 'primary' | 'secondary'): RateLimitWindow | null {
  const used = decimal(headerOf(headers, `x-codex-${name}-used-percent`));
  if (used === null) return null;
  const windowDurationMins = integer(headerOf(headers, `x-codex-${name}-window-minutes`));
  const resetsAt = integer(headerOf(headers, `x-codex-${name}-reset-at`));
  // An untouched window without length or end is how the service reports "no such limit".
  if (used === 0 && (windowDurationMins ?? 0) === 0 && resetsAt === null) return null;
  return { usedPercent: used, windowDurationMins, resetsAt };
}

function creditsOf(headers: ResponseHeaders): CreditsSnapshot | null {
  const hasCredits = flag(headerOf(headers, 'x-codex-credits-has-credits'));
  const unlimited = flag(headerOf(headers, 'x-codex-credits-unlimited'));
  if (hasCredits === undefined || unlimited === undefined) return null;
  const balance = headerOf(headers, 'x-codex-credits-balance')?.trim() ?? '';
  return { hasCredits, unlimited, balance: balance === '' ? null : balance };
}

const flag = (text: string | undefined): boolean | undefined => FLAGS.get(text?.trim().toLowerCase() ?? '');

function decimal(text: string | undefined): number | null {
  if (text === undefined || !/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text.trim())) return null;
  const value = Number(text);
  return Number.isFinite(value) && Math.abs(value) < 2 ** 31 ? value : null;
}

function integer(text: string | undefined): number | null {
  if (text === undefined || !/^[+-]?\d+$/.test(text.trim())) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
