/** The message about a used-up allowance: its advice depends on the plan, and it ends with when to come back. */

export interface UsageLimitFacts {
  readonly planType: string | null;
  /** Unix seconds. */
  readonly resetsAtSec: number | null;
  /** Text of the service that replaces the plan's advice. */
  readonly promo: string | null;
  readonly nowMs: number;
  /** IANA name; undefined: the system's own. */
  readonly timeZone: string | undefined;
}

const PRO_URL = 'https://chatgpt.com/explore/pro';
const PLUS_URL = 'https://chatgpt.com/explore/plus';
const CREDITS_URL = 'https://chatgpt.com/codex/settings/usage';

/** The plan does not include the service. */
export const USAGE_NOT_INCLUDED = `Your plan does not include this service. Upgrade to Plus to use it: ${PLUS_URL}.`;

/** Always starts with `You've hit your usage limit.`, which clients match on. */
export function usageLimitMessage(facts: UsageLimitFacts): string {
  const when = facts.resetsAtSec === null ? 'later' : `at ${localTime(facts.resetsAtSec, facts)}`;
  return `You've hit your usage limit. ${advice(facts, when)}`;
}

function advice({ planType, promo }: UsageLimitFacts, when: string): string {
  const orAgain = `or try again ${when}.`;
  if (promo !== null) return `${promo}, ${orAgain}`;
  switch (planType) {
    case 'plus':
      return `Upgrade to Pro (${PRO_URL}), get more credits at ${CREDITS_URL} ${orAgain}`;
    case 'team':
    case 'business':
      return `Ask your admin for more credits ${orAgain}`;
    case 'free':
    case 'go':
      return `Upgrade to Plus (${PLUS_URL}), ${orAgain}`;
    case 'pro':
      return `Get more credits at ${CREDITS_URL} ${orAgain}`;
    default:
      return `Try again ${when}.`;
  }
}

/** `8:07 AM` on the same day, else `Nov 25th, 2026 7:07 AM`; in the given time zone. */
export function localTime(atSec: number, { nowMs, timeZone }: { nowMs: number; timeZone: string | undefined }): string {
  const at = partsOf(atSec * 1000, timeZone);
  const now = partsOf(nowMs, timeZone);
  const time = `${at.hour}:${at.minute} ${at.dayPeriod}`;
  const sameDay = at.year === now.year && at.month === now.month && at.day === now.day;
  return sameDay ? time : `${at.month} ${at.day}${ordinal(Number(at.day))}, ${at.year} ${time}`;
}

type DateParts = Readonly<Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'dayPeriod', string>>;

function partsOf(atMs: number, timeZone: string | undefined): DateParts {
  const parts = new Map(
    dateFormat(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    dayPeriod: part('dayPeriod'),
  };
}

function dateFormat(timeZone: string | undefined): Intl.DateTimeFormat {
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    hourCycle: 'h12',
  };
  try {
    return new Intl.DateTimeFormat('en-US', timeZone === undefined ? options : { ...options, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-US', options); // TZ may be a file name or a POSIX rule
  }
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th';
}

/** Rough time until a model has capacity again: `less than a minute`, `5m`, `3h`, `2d`. */
export function roughDuration(seconds: number): string {
  if (seconds < 60) return 'less than a minute';
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
