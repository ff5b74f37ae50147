/** What an id token says of its owner. Tokens are read, not verified: whoever issued them is asked anyway. */
import { decodeJwt } from 'jose';
import { AppError, messageOf } from '../base/errors.ts';
import type { PlanType } from '../protocol/usage.ts';

export interface Claims {
  readonly email: string | null;
  /** null when the token names no plan. */
  readonly planType: PlanType | null;
  readonly accountId: string | null;
}

/** Claims live under these names in every id token of the issuer. */
const AUTH_CLAIMS = 'https://api.openai.com/auth';
const PROFILE_CLAIMS = 'https://api.openai.com/profile';

const PLANS: ReadonlySet<string> = new Set(['free', 'go', 'plus', 'pro', 'team', 'business', 'enterprise', 'edu']);
const isPlan = (name: string): name is PlanType => PLANS.has(name);

const invalid = (why: string): AppError => new AppError('invalid-input', `invalid id token: ${why}`);

/** Throws an `AppError` that says what is wrong, never what the token holds. */
export function readClaims(idToken: string): Claims {
  const parts = idToken.split('.');
  if (parts.length < 3 || parts.slice(0, 3).some((part) => part === '')) throw invalid('invalid ID token format');
  let payload: Readonly<Record<string, unknown>>;
  try {
    payload = decodeJwt(parts.slice(0, 3).join('.'));
  } catch (error) {
    throw invalid(messageOf(error));
  }
  const auth = member(payload, AUTH_CLAIMS);
  const plan = text(auth, 'chatgpt_plan_type');
  return {
    email: text(payload, 'email') ?? text(member(payload, PROFILE_CLAIMS), 'email'),
    planType: plan === null ? null : isPlan(plan) ? plan : 'unknown',
    accountId: text(auth, 'chatgpt_account_id'),
  };
}

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function member(payload: Members, name: string): Members {
  const value = payload[name];
  if (value === undefined || value === null) return {};
  if (!isMembers(value)) throw invalid(`\`${name}\` is not an object`);
  return value;
}

function text(members: Members, name: string): string | null {
  const value = members[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(`\`${name}\` is not a string`);
  return value;
}
