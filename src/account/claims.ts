/** The claims of an id token. Tokens are decoded, not verified: their issuer checks them on use. */
import { decodeJwt } from 'jose';
import { AppError } from '../base/errors.ts';
import { isRecord, type JsonRecord } from '../base/json/schema.ts';
import type { PlanType } from '../protocol/usage.ts';

export interface Claims {
  readonly email: string | null;
  /** null if the token names no plan. */
  readonly planType: PlanType | null;
  readonly accountId: string | null;
}

/** Data for the page at the end of a browser login. */
export interface Onboarding {
  readonly needsSetup: boolean;
  readonly organizationId: string;
  readonly projectId: string;
}

/** Names of the claims in every token of the issuer. */
const AUTH_CLAIMS = 'https://api.openai.com/auth';
const PROFILE_CLAIMS = 'https://api.openai.com/profile';

const PLANS: Readonly<Record<PlanType, true>> = {
  free: true,
  go: true,
  plus: true,
  pro: true,
  team: true,
  business: true,
  enterprise: true,
  edu: true,
  unknown: true,
};

const isPlan = (name: string): name is PlanType => Object.hasOwn(PLANS, name);

/** A plan as the wire spells it; names that are newer than this program are `unknown`. */
export const planOf = (name: string): PlanType => (isPlan(name) ? name : 'unknown');

const invalid = (why: string): AppError => new AppError('invalid-input', why);

/** Throws an `AppError` that says what is wrong, without quoting the token. */
export function readClaims(token: string): Claims {
  const payload = payloadOf(token);
  const auth = member(payload, AUTH_CLAIMS);
  const plan = text(auth, 'chatgpt_plan_type');
  for (const name of ['chatgpt_user_id', 'user_id']) text(auth, name); // a wrong type invalidates the whole token
  return {
    email: text(payload, 'email') ?? text(member(payload, PROFILE_CLAIMS), 'email'),
    planType: plan === null ? null : planOf(plan),
    accountId: text(auth, 'chatgpt_account_id'),
  };
}

/** The same for a token that may have no claims, or be unreadable. */
export function claimsIfAny(token: string): Claims {
  try {
    return readClaims(token);
  } catch {
    return { email: null, planType: null, accountId: null }; // access tokens may be opaque
  }
}

/** Throws like `readClaims`. */
export function readOnboarding(idToken: string): Onboarding {
  const auth = member(payloadOf(idToken), AUTH_CLAIMS);
  return {
    needsSetup: auth.completed_platform_onboarding !== true && auth.is_org_owner === true,
    organizationId: text(auth, 'organization_id') ?? '',
    projectId: text(auth, 'project_id') ?? '',
  };
}

/** The plan as the token spells it; empty if there is none. */
export function rawPlanOf(token: string): string {
  try {
    return text(member(payloadOf(token), AUTH_CLAIMS), 'chatgpt_plan_type') ?? '';
  } catch {
    return ''; // only displayed on a page
  }
}

function payloadOf(token: string): JsonRecord {
  const parts = token.split('.');
  if (parts.length < 3 || parts.slice(0, 3).some((part) => part === '')) throw invalid('invalid ID token format');
  const unreadable = 'the payload of the ID token is no base64url JSON object';
  if (!BASE64URL.test(parts[1] ?? '')) throw invalid(unreadable);
  try {
    return decodeJwt(parts.slice(0, 3).join('.'));
  } catch {
    throw invalid(unreadable); // the library may quote the payload
  }
}

/** Without padding, which the library would accept. */
const BASE64URL = /^[\w-]+$/;

function member(payload: JsonRecord, name: string): JsonRecord {
  const value = payload[name];
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw invalid(`claim \`${name}\` of the ID token is not an object`);
  return value;
}

function text(members: JsonRecord, name: string): string | null {
  const value = members[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(`claim \`${name}\` of the ID token is not a string`);
  return value;
}
